"""Judging of devices, covered paths, propagation, sysctl, links in /dev and memory policies, on recorded facts."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any, cast

import pytest
from pytest_oci.conformance.runtime.config_linux import test_default_devices as default_devices
from pytest_oci.conformance.runtime.config_linux import test_devices as devices
from pytest_oci.conformance.runtime.config_linux import test_memory_policy as memory_policy
from pytest_oci.conformance.runtime.config_linux import test_paths as paths
from pytest_oci.conformance.runtime.config_linux import test_personality as personality
from pytest_oci.conformance.runtime.config_linux import test_rootfs_propagation as propagation
from pytest_oci.conformance.runtime.config_linux import test_sysctl as sysctl
from pytest_oci.conformance.runtime.runtime_linux import test_runtime_linux as runtime_linux
from pytest_oci.fixtures.runtime.inherited import numbers_in
from pytest_oci.fixtures.runtime.observer import Observe, Seen

from pytest_oci.observation import Observation
from pytest_oci.violations import NotTestable, Unsupported, Violation

Judge = Callable[[Observe], None]


def observing(**facts: Any) -> Observe:
    """Stands in for what tests call: whatever they ask for, this was seen."""
    seen = Seen(Observation("scenario", facts=facts), frozenset())
    return cast("Observe", lambda *_, **__: seen)


def stat(type_: str = "c", rdev: tuple[int, int] = (1, 7), **more: Any) -> dict[str, Any]:
    times = {name: [0, 0] for name in ("atime", "mtime", "ctime")}
    facts = {"rc": 0, "type": type_, "mode": 0o20666, "uid": 0, "gid": 0, "nlink": 1, "ino": 5, "size": 0, "mnt_id": 1}
    return {**facts, "rdev": list(rdev), "dev": [0, 44], **times, **more}


def listed(name: str, found: dict[str, Any], *, own_kernel: bool = False) -> Observe:
    return observing(found={name: found}, troubles={}, own_kernel=own_kernel)


def refused(name: str, *, clean: bool) -> Observe:
    return observing(found={}, troubles={name: {"text": "no", "clean": clean}}, own_kernel=True)


def test_an_unbuffered_device_shows_as_a_character_device() -> None:
    devices.test_listed_device_is_there(listed("unbuffered", stat("c", (10, 200))), "unbuffered")
    with pytest.raises(Violation):
        devices.test_listed_device_is_there(listed("unbuffered", stat("b", (10, 200))), "unbuffered")


def test_numbers_count_on_the_hosts_kernel_only() -> None:
    devices.test_listed_device_is_there(listed("character", stat("c", (1, 1)), own_kernel=True), "character")
    with pytest.raises(Violation):
        devices.test_listed_device_is_there(listed("character", stat("c", (1, 1))), "character")


def test_a_device_that_is_not_there_is_one_failure() -> None:
    missing = listed("uid", {"rc": -errno.ENOENT})
    with pytest.raises(NotTestable, match=r"depends-on: config\.linux\.devices\.available"):
        devices.test_device_has_the_owner(missing)
    with pytest.raises(Violation, match="ENOENT"):
        devices.test_listed_device_is_there(listed("fifo", {"rc": -errno.ENOENT}), "fifo")


@pytest.mark.parametrize(
    ("name", "clean", "outcome"),
    [("fifo", True, Unsupported), ("fifo", False, Violation), ("character", True, Violation)],
)
def test_only_a_clean_refusal_of_an_optional_type_is_unsupported(
    name: str, clean: bool, outcome: type[Exception]
) -> None:
    with pytest.raises(outcome):
        devices.test_listed_device_is_there(refused(name, clean=clean), name)


def test_a_mode_is_compared_without_the_type() -> None:
    devices.test_device_has_the_mode(listed("mode-416", stat(mode=0o20640)), 416)
    with pytest.raises(Violation, match="0416"):
        devices.test_device_has_the_mode(listed("mode-416", stat(mode=0o20416)), 416)


@pytest.mark.parametrize(
    ("written", "read", "rdev", "holds"),
    [
        (-errno.ENOSPC, "\0\0\0\0", (1, 7), True),
        (4, "\0\0\0\0", (1, 7), False),
        (-errno.ENOSPC, "", (1, 7), False),
        (-errno.ENOSPC, "\0\0\0\0", (1, 5), False),
    ],
)
def test_full_is_used(written: int, read: str, rdev: tuple[int, int], holds: bool) -> None:
    seen = observing(found={"full": stat(rdev=rdev)}, tried={"write-full": written, "read-full": read})
    judged(default_devices.test_full, seen, holds)


@pytest.mark.parametrize(
    ("inode", "after", "holds"),
    [(5, ["ptmx", "0"], True), (6, ["ptmx", "0"], False), (5, ["ptmx"], False), (5, -2, False)],
)
def test_ptmx_is_one_file_and_makes_terminals(inode: int, after: list[str] | int, holds: bool) -> None:
    found = {"ptmx": stat(rdev=(5, 2), ino=inode), "pts/ptmx": stat(rdev=(5, 2))}
    seen = observing(found=found, terminals=[["ptmx"], after])
    judged(default_devices.test_ptmx_is_that_of_the_containers_pseudoterminals, seen, holds)


@pytest.mark.parametrize(
    ("answer", "shows"),
    [
        ({"data": "text"}, True),
        ({"data": ""}, False),
        ({"data": -errno.EACCES}, False),
        ({"names": [".", "..", "file"]}, True),
        ({"names": [".", ".."]}, False),
        ({"names": -errno.ENOENT}, False),
    ],
)
def test_what_shows_of_a_path(answer: dict[str, Any], shows: bool) -> None:
    assert paths.readable({"look": answer}, "look") is shows


def rooted(**facts: bool | int) -> Observe:
    usual = {"late": False, "outward": False, "echoed": False, "bound": 0, "mountable": 0, "root": [], "host": []}
    return observing(**usual | facts)


@pytest.mark.parametrize(
    ("judge", "facts", "holds"),
    [
        (propagation.test_shared_root, {"echoed": True}, True),
        (propagation.test_shared_root, {"echoed": True, "late": True}, True),
        (propagation.test_shared_root, {}, False),
        (propagation.test_shared_root, {"echoed": True, "outward": True}, False),
        (propagation.test_slave_root, {"late": True}, True),
        (propagation.test_slave_root, {"late": True, "outward": True}, False),
        (propagation.test_slave_root, {}, False),
        (propagation.test_private_root, {}, True),
        (propagation.test_private_root, {"late": True}, False),
        (propagation.test_private_root, {"outward": True}, False),
        (propagation.test_private_root, {"echoed": True}, False),
        (propagation.test_unbindable_root, {"bound": -errno.EINVAL}, True),
        (propagation.test_unbindable_root, {}, False),
        (propagation.test_unbindable_root, {"bound": -errno.EINVAL, "late": True}, False),
    ],
)
def test_propagation_is_what_is_seen_of_later_mounts(judge: Judge, facts: dict[str, Any], holds: bool) -> None:
    judged(judge, rooted(**facts), holds)


def test_without_mounts_of_its_own_nothing_is_said_of_propagation() -> None:
    with pytest.raises(NotTestable, match="EPERM"):
        propagation.test_private_root(rooted(mountable=-errno.EPERM))


@pytest.mark.parametrize(
    ("inside", "after", "holds"),
    [("1234\n", "4096", True), ("4096\n", "4096", False), (-errno.ENOENT, "4096", False), ("1234\n", "1234", False)],
)
def test_a_parameter_is_the_containers(inside: str | int, after: str, holds: bool) -> None:
    name = "net.core.somaxconn"
    facts = {"asked": "1234", "before": "4096", "inside": inside, "after": after}
    seen = observing(troubles={}, **{key: {name: value} for key, value in facts.items()})
    judged(lambda observe: sysctl.test_parameter_is_set_in_the_container(observe, name), seen, holds)


@pytest.mark.parametrize(
    ("target", "holds"),
    [
        ("/proc/self/fd/1", True),
        ("../proc/self/fd/1", True),
        ("/proc/self/fd/2", False),
        ("/proc/1/fd/1", False),
        (-errno.EINVAL, False),
    ],
)
def test_a_link_in_dev_may_be_relative(target: str | int, holds: bool) -> None:
    seen = observing(lines=[{"dev": {"stdout": {"rc": 0, "link": target}}}])
    judged(lambda observe: runtime_linux.test_link_in_dev(observe, "stdout"), seen, holds)


@pytest.mark.parametrize(
    ("mode", "nodes", "holds"), [(0x8002, "0x1", True), (0x2, "0x1", False), (0x8002, "0x3", False)]
)
def test_a_memory_policy_is_compared_with_the_kernels(mode: int, nodes: str, holds: bool) -> None:
    sched = {"mempolicy_rc": 0, "mempolicy": mode, "memnodes": nodes}
    seen = observing(policy=[0x8002, [0]], node=0, lines=[{"sched": sched}])
    judged(lambda observe: memory_policy.test_program_has_the_memory_policy(observe, "MPOL_BIND"), seen, holds)


def test_a_kernel_without_the_policy_says_nothing() -> None:
    with pytest.raises(NotTestable, match="host:"):
        memory_policy.test_program_has_the_default_policy(observing(policy=None, node=0))


def test_a_kernel_with_one_name_for_the_machine_says_nothing() -> None:
    with pytest.raises(NotTestable, match="host:"):
        personality.test_program_in_the_32_bit_domain(observing(machine="riscv64", native="riscv64"))


@pytest.mark.parametrize(("text", "numbers"), [("", []), ("0", [0]), ("0-3,7", [0, 1, 2, 3, 7]), ("2-2", [2])])
def test_lists_of_numbers(text: str, numbers: list[int]) -> None:
    assert numbers_in(text) == numbers


def test_what_is_no_list_of_numbers() -> None:
    with pytest.raises(ValueError, match="x"):
        numbers_in("x")


def judged(judge: Judge, observe: Observe, holds: bool) -> None:
    """Call a test; what does not hold is a violation."""
    if holds:
        judge(observe)
    else:
        with pytest.raises(Violation):
            judge(observe)
