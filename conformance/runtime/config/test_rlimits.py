"""config.md, "POSIX process": rlimits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.probe.report import Limit, Report
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.process import LIMITS, limited

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


def _with_limits(*entries: tuple[str, int, int]) -> Bundle:
    limits = [{"type": kind, "soft": soft, "hard": hard} for kind, soft, hard in entries]
    return MINIMAL.having("/process/rlimits", limits)


ONE_CORE_LIMIT = _with_limits(("RLIMIT_CORE", 1000, 2000))
DUPLICATES = {
    "identical": _with_limits(("RLIMIT_CORE", 1000, 2000), ("RLIMIT_CORE", 1000, 2000)),
    "falling": _with_limits(("RLIMIT_CORE", 1000, 2000), ("RLIMIT_CORE", 900, 1900)),
}


def _limit(observe: Observe, name: str) -> tuple[Limit, list[int]]:
    """The limit that the program has, and the one that was asked for."""
    seen = observe(limited())
    if name not in seen["asked"]:
        not_testable(f"host: the caller's own hard limit leaves no room for {name}")
    trouble: dict[str, Any] | None = seen["troubles"].get(name)
    if trouble is not None and trouble["clean"]:
        unsupported(f"{name} is refused: {trouble['text']}")
    if trouble is not None:
        raise Violation(f"a container with {name} to run", trouble["text"])
    return Report.parse(seen["reports"][name]).rlimits[name], seen["asked"][name]


@clause("config.process.rlimits.soft-applied")
@pytest.mark.parametrize("name", LIMITS, ids=[name.removeprefix("RLIMIT_").lower() for name in LIMITS])
def test_soft_limit_is_the_configured_one(observe: Observe, name: str) -> None:
    """What getrlimit tells the program."""
    limit, (soft, _) = _limit(observe, name)
    expect(limit.soft, f"soft {name}").equals(soft)


@clause("config.process.rlimits.hard-applied")
@pytest.mark.parametrize("name", LIMITS, ids=[name.removeprefix("RLIMIT_").lower() for name in LIMITS])
def test_hard_limit_is_the_configured_one(observe: Observe, name: str) -> None:
    """What getrlimit tells the program."""
    limit, (_, hard) = _limit(observe, name)
    expect(limit.hard, f"hard {name}").equals(hard)


@clause("config.process.rlimits.unmappable-error", "config.process.rlimits.getrlimit-succeeds")
def test_unknown_limit_is_an_error(observe: Observe) -> None:
    """A type that the kernel does not have can neither be set nor asked for."""
    expect_never_runs(observe, _with_limits(("RLIMIT_BOGUS", 1, 1)), ONE_CORE_LIMIT, "an unknown rlimit")


@clause("config.process.rlimits.duplicate-error")
@pytest.mark.parametrize("kind", DUPLICATES)
def test_duplicate_limit_is_an_error(observe: Observe, kind: str) -> None:
    """Two entries of one type are refused, be they equal or not."""
    expect_never_runs(observe, DUPLICATES[kind], ONE_CORE_LIMIT, "two limits of one type")
