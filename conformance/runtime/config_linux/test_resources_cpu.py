"""config-linux.md, "CPU"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit, fresh, look, require_own
from pytest_oci.fixtures.runtime.scenarios.limits import (
    BURST,
    PERIOD,
    PERIOD_ALONE,
    QUOTA,
    QUOTA_ALONE,
    RT_PERIOD,
    RT_RUNTIME,
    SHARES,
)

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

DEFAULT_WEIGHT = 100


@clause("config.linux.resources.cpu.shares")
def test_shares_are_the_cgroups(observe: Observe) -> None:
    """Version 1 has the value. Version 2 has weights, for which the text gives no formula: more shares, more weight."""
    if fresh(observe)["versions"].get("cpu") != 2:
        for value in SHARES[:2]:
            expect_limit(observe, f"shares-{value}", {"cpu.shares": str(value)}, "cpu")
        return
    weights = {value: _weight(observe, value) for value in SHARES}
    ordered = list(weights.values()) == sorted(weights.values()) and weights[SHARES[0]] < weights[SHARES[-1]]
    if not ordered or DEFAULT_WEIGHT in weights.values():
        for value in SHARES:
            require_own(look(observe, f"shares-{value}", "cpu"))
        raise Violation("weights in cpu.weight that grow with cpu.shares and are not the default 100", f"{weights}")


def _weight(observe: Observe, shares: int) -> int:
    """The weight on version 2 that shares became; the default if the container's cgroup has none."""
    found = look(observe, f"shares-{shares}", "cpu")["files"].get("cpu.weight", [])
    return next((int(value) for value in found if value != str(DEFAULT_WEIGHT)), DEFAULT_WEIGHT)


@clause("config.linux.resources.cpu.quota")
@pytest.mark.parametrize(
    ("name", "value", "group"),
    [("cpu-quota", QUOTA, "everyday"), ("quota-alone", QUOTA_ALONE, "cpu")],
    ids=["with-period", "alone"],
)
def test_quota_is_the_cgroups(observe: Observe, name: str, value: int, group: str) -> None:
    """The cgroup has the quota, whether or not a period is given."""
    expect_limit(observe, name, {"cpu.cfs_quota_us": str(value), "cpu.max": f"{value} *"}, group)


@clause("config.linux.resources.cpu.period")
@pytest.mark.parametrize(
    ("name", "value", "group"),
    [("cpu-period", PERIOD, "everyday"), ("period-alone", PERIOD_ALONE, "cpu")],
    ids=["with-quota", "alone"],
)
def test_period_is_the_cgroups(observe: Observe, name: str, value: int, group: str) -> None:
    """The cgroup has the period, whether or not a quota is given."""
    expect_limit(observe, name, {"cpu.cfs_period_us": str(value), "cpu.max": f"* {value}"}, group)


@clause("config.linux.resources.cpu.burst")
def test_burst_is_the_cgroups(observe: Observe) -> None:
    """The cgroup has the burst."""
    expect_limit(observe, "cpu-burst", {"cpu.cfs_burst_us": str(BURST), "cpu.max.burst": str(BURST)})


@clause("config.linux.resources.cpu.realtime-runtime")
def test_real_time_is_the_cgroups(observe: Observe) -> None:
    """The cgroup of version 1 has the time."""
    expect_limit(observe, "real-time", {"cpu.rt_runtime_us": str(RT_RUNTIME)})


@clause("config.linux.resources.cpu.realtime-period")
def test_real_time_period_is_the_cgroups(observe: Observe) -> None:
    """The cgroup of version 1 has the period."""
    expect_limit(observe, "real-time", {"cpu.rt_period_us": str(RT_PERIOD)})


@clause("config.linux.resources.cpu.cpus")
def test_processors_are_restricted(observe: Observe) -> None:
    """The cgroup has the one processor of several that was asked for, and the program may run on no other."""
    first, *others = fresh(observe)["cpus"]
    if not others:
        not_testable("host: there is only one processor")
    expect_limit(observe, "cpus", {"cpuset.cpus": str(first)})
    seen = look(observe, "cpus")
    if seen["cpus"] != str(first):
        require_own(seen)
    expect(seen["cpus"], "Cpus_allowed_list of the container's process").equals(str(first))


@clause("config.linux.resources.cpu.mems")
def test_memory_nodes_are_restricted(observe: Observe) -> None:
    """The cgroup has the last memory node. With one node that says something on version 2 only: a new one has none."""
    found = fresh(observe)
    *others, last = found["nodes"]
    if not others and found["versions"].get("cpuset") != 2:
        not_testable("host: there is only one memory node, which every cgroup of version 1 has")
    expect_limit(observe, "mems", {"cpuset.mems": str(last)})


@clause("config.linux.resources.cpu.idle")
def test_idle_is_the_cgroups(observe: Observe) -> None:
    """The cgroup has the flag."""
    expect_limit(observe, "idle", {"cpu.idle": "1"}, "cpu")
