"""features-linux.md: what a runtime's features document lists for Linux is recognized in config.json."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.config.mount_demands import require_host
from pytest_oci.conformance.runtime.config.test_mount_mappings import is_exchanged, possible
from pytest_oci.conformance.runtime.config.tree import describe
from pytest_oci.conformance.runtime.config_linux.test_namespaces import SANDBOXED
from pytest_oci.conformance.runtime.features.announced import (
    announced,
    expect_recognized,
    listed,
    require_some,
    value_at,
)
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.inherited import FLAGS, MODES, WITHOUT_NODES
from pytest_oci.fixtures.runtime.scenarios.features import (
    SETS,
    capabilities,
    memory_policies,
    namespaces,
    seccomp_actions,
    seccomp_architectures,
    seccomp_flags,
    seccomp_operators,
)
from pytest_oci.fixtures.runtime.scenarios.idmap import mapped_bind

from pytest_oci import Violation, clause, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime


def _refused(seen: Seen) -> dict[str, str]:
    """By name, why a bundle with it did not run."""
    return {name: trouble["text"] for name, trouble in seen["troubles"].items()}


@clause("features.linux.namespaces.recognized")
def test_listed_namespaces_are_recognized(observe: Observe) -> None:
    """A container gets a namespace of its own of every listed type that this kernel has."""
    names = listed(observe, "linux", "namespaces")
    seen = observe(namespaces(names))
    require_some(seen["offered"], names, "this kernel has none of the listed namespaces")
    faults = _refused(seen)
    for kind, facts in seen["reports"].items():
        found = Report.parse(facts).namespace({"mount": "mnt", "network": "net"}.get(kind, kind))
        if seen["own"][kind] and found == seen["caller"][kind]:
            faults[kind] = f"the container has the caller's namespace {found}"
    expect_recognized(names, faults, "/linux/namespaces")
    if not all(seen["own"].values()):
        not_testable(SANDBOXED)


@clause("features.linux.capabilities.recognized")
def test_listed_capabilities_are_recognized(observe: Observe) -> None:
    """A program has every listed capability that the run itself has."""
    names = listed(observe, "linux", "capabilities")
    seen = observe(capabilities(names))
    require_some(seen["offered"], names, "the run has none of the listed capabilities")
    faults = _refused(seen)
    for name, facts in seen["reports"].items():
        held = Report.parse(facts).capabilities
        lacking = [kind for kind in SETS if name not in getattr(held, kind)]
        if lacking:
            faults[name] = f"not in the set {', '.join(lacking)} of the program that was to have it"
    expect_recognized(names, faults, "/linux/capabilities")


SIGSYS = int(signal.SIGSYS)


@clause("features.linux.seccomp.actions.recognized")
def test_listed_seccomp_actions_are_recognized(observe: Observe) -> None:
    """A filter with a rule for every listed action is loaded, and calls meet with the action."""
    require_host(observe)
    names = listed(observe, "linux", "seccomp", "actions")
    seen = observe(seccomp_actions(names))
    require_some(seen["offered"], names, "this kernel has none of the listed actions")
    faults = _refused(seen)
    for number, name in enumerate(seen["tried"], 1):
        if name in seen["lines"]:
            answer = seen["lines"][name][number] if len(seen["lines"][name]) > number else {}
            fault = _action_fault(name, answer)
            if fault:
                faults[name] = fault
    for name in seen["offered"]:
        if name not in faults and Report.parse(seen["reports"][name]).seccomp_mode != 2:
            faults[name] = "the program has no filter"
    expect_recognized(names, faults, "/linux/seccomp/actions")


def _action_fault(name: str, answer: Mapping[str, Any]) -> str:
    """What of a system call's end is not as the action has it; a tracer is not there, and a log is not read."""
    result = (answer.get("result") or {}).get("rc")
    killed = os.WTERMSIG(answer["status"]) if os.WIFSIGNALED(answer.get("status", 0)) else 0
    wanted = {
        "SCMP_ACT_ERRNO": (-errno.EPERM, 0),
        "SCMP_ACT_TRACE": (-errno.ENOSYS, 0),
        **dict.fromkeys(("SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"), (None, SIGSYS)),
        "SCMP_ACT_TRAP": (None, SIGSYS),
    }.get(name)
    if wanted is None or wanted == (result, killed):
        return ""
    how = f"returned {result}" if not killed else f"died of signal {killed}"
    return f"the call that its rule is about {how}"


@clause("features.linux.seccomp.operators.recognized")
def test_listed_seccomp_operators_are_recognized(observe: Observe) -> None:
    """A filter with a condition for every listed operator is loaded, and tells arguments apart by it."""
    require_host(observe)
    names = listed(observe, "linux", "seccomp", "operators")
    seen = observe(seccomp_operators(names))
    require_some(seen["offered"], names, "none of the listed operators is known")
    faults = _refused(seen)
    for number, name in enumerate(seen["offered"]):
        if name in seen["lines"]:
            answers = [*seen["lines"][name][1 + 2 * number : 3 + 2 * number], {}, {}]
            meets, misses = ((answer.get("result") or {}).get("rc") for answer in answers[:2])
            if meets != -errno.EPERM or misses == -errno.EPERM:
                faults[name] = f"a call that meets the condition returned {meets}, one that does not {misses}"
    expect_recognized(names, faults, "/linux/seccomp/operators")


@clause("features.linux.seccomp.archs.recognized")
def test_listed_seccomp_architectures_are_recognized(observe: Observe) -> None:
    """A filter for every listed architecture is loaded, by whose entry this machine takes system calls.

    One of another machine may be known and yet not be loaded: a clean refusal of it says nothing.
    """
    require_host(observe)
    names = listed(observe, "linux", "seccomp", "archs")
    seen = observe(seccomp_architectures(names))
    require_some(seen["offered"], names, "none of the listed architectures goes with this machine's byte order")
    untried = [name for name in seen["troubles"] if name not in seen["entries"] and seen["troubles"][name]["clean"]]
    tried = [name for name in seen["offered"] if name not in untried]
    require_some(tried, names, "none of the listed architectures is one of this machine, and none of them is loaded")
    faults = {name: text for name, text in _refused(seen).items() if name not in untried}
    expect_recognized(names, faults, "/linux/seccomp/archs")


@clause("features.linux.seccomp.supported-flags.supported")
def test_supported_seccomp_flags_are_supported(observe: Observe) -> None:
    """A filter with every flag that is listed as supported is loaded."""
    require_host(observe)
    names = listed(observe, "linux", "seccomp", "supportedFlags")
    expect_recognized(names, _refused(observe(seccomp_flags(names))), "/linux/seccomp/supportedFlags")


@clause("features.linux.seccomp.known-flags.recognized")
def test_known_seccomp_flags_are_recognized(observe: Observe) -> None:
    """A filter with every flag that is listed as known and as supported is loaded; other known flags may fail."""
    require_host(observe)
    names = listed(observe, "linux", "seccomp", "knownFlags")
    both = set(names) & set(listed(observe, "linux", "seccomp", "supportedFlags"))
    flags = [name for name in listed(observe, "linux", "seccomp", "supportedFlags") if name in both]
    if not flags:
        unsupported("no flag is listed as known and as supported", *names)
    expect_recognized(flags, _refused(observe(seccomp_flags(flags))), "/linux/seccomp/knownFlags")


@clause("features.linux.memory-policy.modes.recognized")
def test_listed_memory_policy_modes_are_recognized(observe: Observe) -> None:
    """A program has every listed mode that this kernel has."""
    _judge_policies(observe, "modes", {name: MODES[name] for name in MODES if name != "MPOL_DEFAULT"})


@clause("features.linux.memory-policy.flags.recognized")
def test_listed_memory_policy_flags_are_recognized(observe: Observe) -> None:
    """A program has every listed flag that this kernel has, with MPOL_BIND."""
    _judge_policies(observe, "flags", {name: MODES["MPOL_BIND"] | bit for name, bit in FLAGS.items()})


def _judge_policies(observe: Observe, what: str, policies: Mapping[str, int]) -> None:
    """`policies` are the numbers that get_mempolicy(2) gives, but for the default policy, which needs none."""
    names = listed(observe, "linux", "memoryPolicy", what)
    seen = observe(memory_policies(*_of_kinds(names, what)))
    require_some(seen["offered"], names, f"this kernel has none of the listed memory policy {what}")
    faults = _refused(seen)
    for name, facts in seen["reports"].items():
        mode = Report.parse(facts).memory_policy.mode
        if name in policies and mode not in _spellings(name, policies[name]):
            faults[name] = f"the program's memory policy is {mode}, not {policies[name]}"
    expect_recognized(names, faults, f"/linux/memoryPolicy/{what}")


def _of_kinds(names: Sequence[str], what: str) -> tuple[list[str], list[str]]:
    return (list(names), []) if what == "modes" else ([], list(names))


def _spellings(name: str, number: int) -> tuple[int, ...]:
    """Kernels before 5.14 give MPOL_LOCAL as MPOL_PREFERRED."""
    return (number, MODES["MPOL_PREFERRED"]) if name in WITHOUT_NODES else (number,)


@clause("features.linux.mount-extensions.idmap.partial-true")
def test_mapped_mounts_are_announced(observe: Observe) -> None:
    """Where the document says that mounts are not mapped, no mapping takes effect."""
    enabled = value_at(announced(observe), "linux", "mountExtensions", "idmap", "enabled")
    if enabled is None:
        not_applicable("the features document says nothing of mapped mounts")
    if not isinstance(enabled, bool):
        not_testable(f"product: /linux/mountExtensions/idmap/enabled is {describe(enabled)}, neither true nor false")
    if enabled:
        return
    require_host(observe)
    for userns in (False, True):
        seen = possible(observe(mapped_bind(False, "swap", userns)))
        owners = seen["owners"]
        if owners is None:
            continue
        mapped = is_exchanged(owners["top"], 0) if not userns else _is_mapped_in_namespace(owners["top"])
        if mapped:
            expected = "/linux/mountExtensions/idmap/enabled true, as mounts are mapped"
            raise Violation(expected, "false", [str(owners)])


def _is_mapped_in_namespace(owners: Mapping[str, Any]) -> bool:
    """Whether a mount of its own mappings shows the file of root as root's in a container with user namespace."""
    return bool(owners["0"] == [0, 0])
