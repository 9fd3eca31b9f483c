"""config-linux.md, "Memory policy"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.runtime.attempt import attempt_on_numa
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.inherited import MODES
from pytest_oci.fixtures.runtime.scenarios.execution import SHOWN_NODES, with_memory_policy

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

APPLIED = "config.linux.memory-policy.applied"
STATIC = "MPOL_F_STATIC_NODES"


def _judge_policy(observe: Observe, mode: str, flags: tuple[str, ...] = (), caller: str = "MPOL_DEFAULT") -> None:
    """The kernel's mode with its flags, and its nodes. Which modes a product supports is its choice."""
    seen = observe(with_memory_policy(mode, flags, caller), refusal="unsupported")
    _require_host(seen)
    mode_there, nodes = seen["policy"]
    found = seen.report.memory_policy
    expect(f"{found.mode:#x}", f"number of the program's policy, for {mode}").equals(f"{mode_there:#x}")
    expect([node for node in range(SHOWN_NODES) if found.nodes >> node & 1], "nodes").equals(nodes)


def _require_host(seen: Seen) -> None:
    if seen["policy"] is None or seen["node"] is None:
        not_testable("host: this kernel does not take the memory policy")


@clause(APPLIED)
@pytest.mark.parametrize(
    "mode", [mode for mode in MODES if mode != "MPOL_DEFAULT"], ids=lambda mode: mode[5:].lower().replace("_", "-")
)
def test_program_has_the_memory_policy(observe: Observe, mode: str) -> None:
    """Mode and nodes are those asked for, and not those of the caller."""
    _judge_policy(observe, mode)


@clause(APPLIED)
def test_program_has_the_default_policy(observe: Observe) -> None:
    """The caller has another one."""
    _judge_policy(observe, "MPOL_DEFAULT", caller="MPOL_INTERLEAVE")


@clause("config.linux.memory-policy.flags.applied")
@pytest.mark.parametrize("flag", [STATIC, "MPOL_F_RELATIVE_NODES"], ids=["static", "relative"])
def test_program_has_the_flag(observe: Observe, flag: str) -> None:
    """The flag is part of the policy."""
    _require_effect(observe)
    _judge_policy(observe, "MPOL_BIND", (flag,))


def _require_effect(observe: Observe) -> None:
    """End the test where a product passes over the whole property: it does not get to see what is in it."""
    seen = observe(with_memory_policy("MPOL_BIND"), whole=False)
    if seen.get("lines") and seen.report.memory_policy.mode != MODES["MPOL_BIND"]:
        not_testable(f"depends-on: {APPLIED}", "a valid policy is passed over as well")


def _expect_error(observe: Observe, policy: dict[str, Any], what: str) -> None:
    _require_effect(observe)
    seen = observe(with_memory_policy("MPOL_BIND"), whole=False)
    _require_host(seen)
    node = str(seen["node"])
    valid = _with_policy({"mode": "MPOL_BIND", "nodes": node})
    invalid = _with_policy({name: node if value is ... else value for name, value in policy.items()})
    expect_never_runs(observe, attempt_on_numa(invalid), attempt_on_numa(valid), what, refusal="unsupported")


def _with_policy(policy: dict[str, Any]) -> Bundle:
    return MINIMAL.having("/linux/memoryPolicy", policy)


@clause("config.linux.memory-policy.mode.unknown-rejected")
def test_unknown_mode_is_an_error(observe: Observe) -> None:
    """There are seven modes."""
    _expect_error(observe, {"mode": "MPOL_BOGUS", "nodes": ...}, "an unknown mode")


@clause("config.linux.memory-policy.flags.unknown-rejected")
def test_unknown_flag_is_an_error(observe: Observe) -> None:
    """There are three flags."""
    _expect_error(observe, {"mode": "MPOL_BIND", "nodes": ..., "flags": ["MPOL_F_BOGUS"]}, "an unknown flag")


@clause("config.linux.memory-policy.nodes.invalid-rejected")
@pytest.mark.parametrize(
    ("policy", "what"),
    [
        pytest.param({"mode": "MPOL_BIND"}, "MPOL_BIND without nodes", id="bind-without"),
        pytest.param({"mode": "MPOL_DEFAULT", "nodes": ...}, "MPOL_DEFAULT with nodes", id="default-with"),
        pytest.param({"mode": "MPOL_BIND", "nodes": "x"}, "nodes that are no numbers", id="no-numbers"),
    ],
)
def test_nodes_that_do_not_fit_are_an_error(observe: Observe, policy: dict[str, Any], what: str) -> None:
    """What the kernel would refuse is not passed over."""
    _expect_error(observe, policy, what)
