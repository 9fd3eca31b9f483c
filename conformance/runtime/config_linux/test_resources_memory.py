"""config-linux.md, "Memory"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import (
    LIFTED,
    expect_limit,
    fresh,
    require_own,
    require_version,
)
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.limits import (
    KERNEL,
    KERNEL_TCP,
    LIMIT,
    RESERVATION,
    SWAP,
    SWAPPINESS,
    WITH_KERNEL_MEMORY,
    refused_or_applied,
)

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

TOO_SWAPPY = 150


@clause("config.linux.resources.memory.limit")
def test_memory_is_limited(observe: Observe) -> None:
    """The cgroup has the limit."""
    expect_limit(observe, "memory-limit", {"memory.limit_in_bytes": str(LIMIT), "memory.max": str(LIMIT)})


@clause("config.linux.resources.memory.limit")
def test_memory_limit_is_lifted(observe: Observe) -> None:
    """A limit of -1 leaves none in a cgroup that had one."""
    expect_limit(observe, "memory-limit", LIFTED, "unlimited")


@clause("config.linux.resources.memory.reservation")
def test_reservation_is_the_soft_limit(observe: Observe) -> None:
    """The cgroup has it as soft limit, or on version 2 as what is protected or throttled."""
    value = str(RESERVATION)
    files = {"memory.soft_limit_in_bytes": value, "memory.low": value, "memory.high": value}
    expect_limit(observe, "memory-reservation", files)


@clause("config.linux.resources.memory.swap")
def test_swap_is_limited(observe: Observe) -> None:
    """The cgroup has the limit of both together on version 1, of swap alone on version 2."""
    files = {"memory.memsw.limit_in_bytes": str(SWAP), "memory.swap.max": str(SWAP - LIMIT)}
    expect_limit(observe, "memory-swap", files)


@clause("config.linux.resources.memory.kernel")
def test_kernel_memory_is_limited_or_refused(observe: Observe) -> None:
    """Where a cgroup can have such a limit the container's has it, or create reports an error."""
    if not fresh(observe)["kernel_memory"]:
        not_testable("host: cgroups here keep no limit of kernel memory")
    seen = observe(refused_or_applied(WITH_KERNEL_MEMORY))
    if not seen["clean"]:
        limits = seen["files"].get("memory.kmem.limit_in_bytes", [])
        if str(KERNEL) not in limits and seen["created"]:
            require_own(seen)
        expect(limits, "limits of kernel memory").contains(str(KERNEL))


@clause("config.linux.resources.memory.kernel-tcp")
def test_kernel_tcp_memory_is_limited(observe: Observe) -> None:
    """The cgroup of version 1 has the limit."""
    expect_limit(observe, "memory-kernel-tcp", {"memory.kmem.tcp.limit_in_bytes": str(KERNEL_TCP)})


@clause("config.linux.resources.memory.swappiness")
def test_swappiness_is_set(observe: Observe) -> None:
    """The cgroup of version 1 has the value."""
    expect_limit(observe, "memory-swappiness", {"memory.swappiness": str(SWAPPINESS)})


@clause("config.linux.resources.memory.swappiness.out-of-range-rejected")
def test_swappiness_over_100_is_refused(observe: Observe) -> None:
    """A kernel takes up to 200, the specification up to 100."""
    require_version(observe, "memory", 1)
    bad, good = (MINIMAL.having("/linux/resources/memory/swappiness", value) for value in (TOO_SWAPPY, SWAPPINESS))
    expect_refused_at_create(observe, bad, good, f"a swappiness of {TOO_SWAPPY}")


@clause("config.linux.resources.memory.disable-oom-killer")
def test_oom_killer_is_disabled(observe: Observe) -> None:
    """The cgroup of version 1 has the flag."""
    expect_limit(observe, "memory-oom", {"memory.oom_control": "oom_kill_disable 1"})


@clause("config.linux.resources.memory.use-hierarchy")
def test_accounting_is_hierarchical(observe: Observe) -> None:
    """The cgroup of version 1 has the flag, where the kernel lets a cgroup be without it."""
    if fresh(observe)["values"].get("memory.use_hierarchy") != "0":
        not_testable("host: cgroups here are always hierarchical")
    expect_limit(observe, "memory-hierarchy", {"memory.use_hierarchy": "1"})
