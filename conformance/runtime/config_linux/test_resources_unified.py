"""config-linux.md, "Unified", for hosts on cgroup v2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import fresh, require_own
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.limits import (
    KERNEL_TCP,
    RT_RUNTIME,
    SWAPPINESS,
    unified,
    unified_below,
)

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

TASKS = {"pids.max": "5555"}
UNTYPED = {"cgroup.max.depth": "7", "cgroup.max.descendants": "23"}
"""Files that every cgroup v2 has and no other property of config.json means."""
BELOW = {"pids": {"pids.max": "6666"}, "memory": {"memory.max": "805306368"}, "hugetlb": {"hugetlb.2MB.max": "4194304"}}
"""A file of each of some controllers."""
V1_ONLY = {
    "swappiness": ("memory", "/linux/resources/memory/swappiness", SWAPPINESS),
    "oom-killer": ("memory", "/linux/resources/memory/disableOOMKiller", True),
    "kernel-tcp": ("memory", "/linux/resources/memory/kernelTCP", KERNEL_TCP),
    "real-time": ("cpu", "/linux/resources/cpu/realtimeRuntime", RT_RUNTIME),
}
"""By test the controller of version 2, and what only version 1 has a file for."""


def _require_v2(observe: Observe, *controllers: str) -> None:
    """End the test where the host does not have these controllers on version 2, or version 1 as well."""
    versions = fresh(observe)["versions"]
    if set(versions.values()) != {2}:
        not_testable("host: it is not on cgroup v2 alone")
    if lacking := [name for name in controllers if name not in versions]:
        not_testable(f"host: there is no cgroup controller {', '.join(lacking)}")


def _expect_written(seen: Seen, entries: Mapping[str, str]) -> None:
    files = seen["files"]
    for name, value in entries.items():
        if value not in files.get(name, []):
            require_own(seen)
        expect(files.get(name, []), f"{name} of the container's cgroup").contains(value)


@clause("config.linux.resources.unified.applied")
def test_entries_are_written(observe: Observe) -> None:
    """The file of a controller has the value."""
    _require_v2(observe, "pids")
    _expect_written(observe(unified(TASKS)), TASKS)


@clause("config.linux.resources.unified.unknown-written")
def test_entries_without_a_meaning_elsewhere_are_written(observe: Observe) -> None:
    """The files that no property means have the values."""
    _require_v2(observe)
    _expect_written(observe(unified(UNTYPED)), UNTYPED)


@clause("config.linux.resources.unified.controllers-enabled")
def test_needed_controllers_are_enabled(observe: Observe) -> None:
    """Below a cgroup that has a controller, but none for its children, the container's has it."""
    versions = fresh(observe)["versions"]
    _require_v2(observe)
    controllers = [name for name in BELOW if name in versions and set(BELOW[name]) <= set(fresh(observe)["files"])]
    if not controllers:
        not_testable(f"host: there is no cgroup controller {', '.join(BELOW)}")
    entries = {name: value for controller in controllers for name, value in BELOW[controller].items()}
    seen = observe(unified_below(controllers, entries))
    if not set(controllers) <= set(seen["offered"]) - set(seen["enabled"]):
        not_testable("host: no cgroup can be made that keeps its controllers from its children")
    lacking = [name for name in controllers if name not in seen["controllers"]]
    if lacking:
        require_own(seen)
    expect(lacking, "controllers that the container's cgroup lacks").is_empty()
    _expect_written(seen, entries)


@clause("config.linux.resources.unified.absent-controller-error")
def test_unknown_controller_is_an_error(observe: Observe) -> None:
    """No kernel has the controller."""
    _require_v2(observe)
    bad, good = (MINIMAL.having("/linux/resources/unified", entries) for entries in ({"nosuchctl.max": "1"}, UNTYPED))
    expect_refused_at_create(observe, bad, good, "a controller that does not exist")


@clause("config.linux.resources.unified.conversion-impossible-error")
@pytest.mark.parametrize("setting", V1_ONLY)
def test_setting_of_version_1_is_an_error(observe: Observe, setting: str) -> None:
    """Where the controller is on version 2, which has no such setting, the runtime cannot keep silent."""
    controller, pointer, value = V1_ONLY[setting]
    _require_v2(observe, controller)
    expect_refused_at_create(observe, MINIMAL.having(pointer, value), MINIMAL, f"{pointer} on cgroup v2")
