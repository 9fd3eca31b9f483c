"""config.md, "Linux Process": scheduler and ioPriority. A product may do without either, and then has to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.process import run_in_real_time

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.probe.report import Scheduling
    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

POLICIES = {"SCHED_BATCH": 3, "SCHED_IDLE": 5}
"""By the kernel's numbers; those that need no privilege."""
IO_BEST_EFFORT, IO_IDLE = 2, 3
NICE, PRIORITY, IO_PRIORITY = 5, 7, 6
RESET_ON_FORK = 1
DEADLINE = {"runtime": 1_000_000, "deadline": 10_000_000, "period": 20_000_000}


def _scheduled(**scheduler: object) -> Bundle:
    return MINIMAL.having("/process/scheduler", scheduler)


def _scheduling(observe: Observe, **scheduler: object) -> Scheduling:
    return observe(_scheduled(**scheduler), refusal="unsupported").report.scheduling


def _in_real_time(observe: Observe, **scheduler: object) -> Scheduling:
    return observe(run_in_real_time(_scheduled(**scheduler)), refusal="unsupported").report.scheduling


@clause("config.process.scheduler.policy-applied")
@pytest.mark.parametrize("policy", POLICIES, ids=["batch", "idle"])
def test_policy_is_the_configured_one(observe: Observe, policy: str) -> None:
    """The program is scheduled as asked for."""
    expect(_scheduling(observe, policy=policy).policy, "scheduling policy").equals(POLICIES[policy])


@clause("config.process.scheduler.nice")
def test_nice_value_is_the_configured_one(observe: Observe) -> None:
    """The program has the nice value."""
    expect(_scheduling(observe, policy="SCHED_BATCH", nice=NICE).nice, "nice value").equals(NICE)


@clause("config.process.scheduler.flags")
def test_flags_are_set(observe: Observe) -> None:
    """The flag that any policy can have is set on the program."""
    flags = _scheduling(observe, policy="SCHED_OTHER", flags=["SCHED_FLAG_RESET_ON_FORK"]).flags
    if flags is None:
        not_testable("product: the kernel in the container has no sched_getattr")
    expect(flags & RESET_ON_FORK, "SCHED_FLAG_RESET_ON_FORK").equals(RESET_ON_FORK)


@clause("config.process.scheduler.priority")
def test_real_time_priority_is_the_configured_one(observe: Observe) -> None:
    """The program has the static priority."""
    expect(_in_real_time(observe, policy="SCHED_FIFO", priority=PRIORITY).priority, "priority").equals(PRIORITY)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=clause(f"config.process.scheduler.{name}"), id=name) for name in DEADLINE]
)
def test_deadline_parameter_is_the_configured_one(observe: Observe, name: str) -> None:
    """Runtime, deadline and period of the deadline scheduler, in nanoseconds."""
    scheduling = _in_real_time(observe, policy="SCHED_DEADLINE", **DEADLINE)
    found = getattr(scheduling, name)
    if found is None:
        not_testable("product: the kernel in the container has no sched_getattr")
    expect(found, name).equals(DEADLINE[name])


@clause("config.process.io-priority.applied")
@pytest.mark.parametrize(
    ("name", "expected"),
    [("IOPRIO_CLASS_BE", (IO_BEST_EFFORT, IO_PRIORITY)), ("IOPRIO_CLASS_IDLE", (IO_IDLE, None))],
    ids=["best-effort", "idle"],
)
def test_io_priority_is_the_configured_one(observe: Observe, name: str, expected: tuple[int, int | None]) -> None:
    """The program and its child have class and level; the kernel may change the level of the idle class."""
    bundle = MINIMAL.having("/process/ioPriority", {"class": name, "priority": IO_PRIORITY})
    seen = observe(bundle.with_verb("sequence", "sched", "--", "fork", "sched"), refusal="unsupported")
    own = seen.report.scheduling
    if own.io_class is None:
        not_testable("product: the kernel in the container has no ioprio_get")
    for whose, found in (("program", own), ("child", Report.parse(seen["lines"][1]["result"]).scheduling)):
        level = None if expected[1] is None else found.io_priority
        expect((found.io_class, level), f"I/O class and priority of the {whose}").equals(expected)
