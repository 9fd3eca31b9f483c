"""config.md, "Valid values": what a runtime has to refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.rootfs import probe
from pytest_oci.fixtures.runtime.scenarios.process import features

from pytest_oci import clause, not_applicable, not_testable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.fixtures.probe.report import Scheduling
    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

FUTURE = "99.0.0"
WRONG_TYPES: dict[str, tuple[str, object, object]] = {
    "terminal": ("/process/terminal", "yes", False),
    "hostname": ("/hostname", 5, "five"),
    "mounts": ("/mounts", {}, MINIMAL.document["mounts"]),
    "args": ("/process/args", "/bin/true", MINIMAL.document["process"]["args"]),
    "oom-score-adj": ("/process/oomScoreAdj", "5", 5),
    "uid": ("/process/user/uid", "0", 0),
    "annotations": ("/annotations", {"a": 5}, {"a": "5"}),
}
"""Places, with a value of the wrong JSON type and a valid one."""

BATCH = MINIMAL.having("/process/scheduler", {"policy": "SCHED_BATCH"})
RESETTING = MINIMAL.having("/process/scheduler", {"policy": "SCHED_BATCH", "flags": ["SCHED_FLAG_RESET_ON_FORK"]})
BEST_EFFORT = MINIMAL.having("/process/ioPriority", {"class": "IOPRIO_CLASS_BE", "priority": 6})


@clause("config.valid-values.wrong-json-type")
@pytest.mark.parametrize("place", WRONG_TYPES)
def test_value_of_the_wrong_json_type_is_an_error(observe: Observe, place: str) -> None:
    """A known member is not skipped because its value is of another type."""
    pointer, wrong, right = WRONG_TYPES[place]
    bundle = MINIMAL.with_files(probe("/bin/true"))
    expect_never_runs(
        observe, bundle.having(pointer, wrong), MINIMAL.having(pointer, right), f"{json.dumps(wrong)} at {pointer}"
    )


@clause("config.valid-values.args-empty")
def test_empty_args_are_an_error(observe: Observe) -> None:
    """No program is made up where none is named; `sh` would be the probe."""
    bundle = MINIMAL.with_files(probe("/bin/sh")).with_args()
    expect_never_runs(observe, bundle, MINIMAL, "empty args")


@clause("config.valid-values.cwd-relative")
def test_relative_cwd_is_an_error(observe: Observe) -> None:
    """A working directory has to be an absolute path."""
    absolute = MINIMAL.having("/process/cwd", "/tmp")  # noqa: S108 - inside the container
    expect_never_runs(observe, MINIMAL.having("/process/cwd", "tmp"), absolute, "a relative cwd")


@clause("config.valid-values.oom-score-adj-out-of-range")
def test_oom_score_out_of_range_is_an_error(observe: Observe) -> None:
    """The kernel's range ends at 1000."""
    valid = MINIMAL.having("/process/oomScoreAdj", 1000)
    expect_never_runs(observe, MINIMAL.having("/process/oomScoreAdj", 2000), valid, "oomScoreAdj 2000")


def _requires_effect(
    observe: Observe, twin: Bundle, is_effective: Callable[[Scheduling], bool], clause_id: str
) -> None:
    """End the test where a product passes over the whole property: it does not get to see what is invalid in it."""
    seen = observe(attempt(twin))
    if seen["ran"] and not is_effective(Report.parse(seen["lines"][0]).scheduling):
        not_testable(f"depends-on: {clause_id}", "a valid value is passed over as well")


def _has_batch_and_flag(found: Scheduling) -> bool:
    """Whether RESETTING shows; a kernel without sched_getattr shows no flags."""
    return found.policy == 3 and found.flags in (None, 1)


@clause("config.valid-values.scheduler-policy-unknown")
def test_unknown_scheduling_policy_is_an_error(observe: Observe) -> None:
    """Only the seven listed policies are valid."""
    _requires_effect(observe, BATCH, lambda found: found.policy == 3, "config.process.scheduler.policy-applied")
    bundle = BATCH.having("/process/scheduler/policy", "SCHED_BOGUS")
    expect_never_runs(observe, bundle, BATCH, "an unknown scheduling policy", refusal="unsupported")


@clause("config.valid-values.scheduler-flag-unknown")
def test_unknown_scheduling_flag_is_an_error(observe: Observe) -> None:
    """Only the seven listed flags are valid."""
    _requires_effect(observe, RESETTING, _has_batch_and_flag, "config.process.scheduler.flags")
    bundle = RESETTING.having("/process/scheduler/flags", ["SCHED_FLAG_BOGUS"])
    expect_never_runs(observe, bundle, RESETTING, "an unknown scheduling flag", refusal="unsupported")


@clause("config.valid-values.io-priority-class-unknown")
def test_unknown_io_class_is_an_error(observe: Observe) -> None:
    """Only the three listed classes are valid."""
    _requires_effect(observe, BEST_EFFORT, lambda found: found.io_class == 2, "config.process.io-priority.applied")
    bundle = BEST_EFFORT.having("/process/ioPriority/class", "IOPRIO_CLASS_BOGUS")
    expect_never_runs(observe, bundle, BEST_EFFORT, "an unknown I/O class", refusal="unsupported")


@clause("config.valid-values.oci-version-not-semver")
@pytest.mark.parametrize("version", ["foo", "1.0"])
def test_version_that_is_no_semver_is_an_error(observe: Observe, version: str) -> None:
    """A version has three numbers."""
    expect_never_runs(observe, MINIMAL.having("/ociVersion", version), MINIMAL, f"ociVersion {version}")


@clause("config.valid-values.oci-version-unsupported")
def test_version_that_the_runtime_does_not_support_is_an_error(observe: Observe) -> None:
    """Another major version than any that the runtime's own features name."""
    newest: Any = observe(features())["features"].get("ociVersionMax")
    if not isinstance(newest, str):
        not_applicable("no features document says which versions the runtime supports")
    if newest.split(".")[0] == FUTURE.split(".")[0]:
        not_applicable(f"the runtime supports {newest}")
    expect_never_runs(observe, MINIMAL.having("/ociVersion", FUTURE), MINIMAL, f"ociVersion {FUTURE}, above {newest}")
