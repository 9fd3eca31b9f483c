"""What a clause or a scenario needs of the host, and what of it is missing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.host import block_disk, cgroup_controllers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_oci.host import Host


def _may(capability: str) -> tuple[Callable[[Host], bool], str]:
    return lambda host: host.may(capability), f"{capability} is missing"


def _lsm(name: str) -> Callable[[Host], bool]:
    return lambda host: name in host.lsms


def _no_new_privileges() -> bool:
    status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    return re.search(r"^NoNewPrivs:\s*1$", status, re.MULTILINE) is not None


FORBIDDEN = re.compile(r"not permitted|permission denied|read-only file system|\bEPERM\b|\bEACCES\b", re.IGNORECASE)
"""How programs say that the kernel did not let them."""
BASE_BUNDLE = "PYTEST_OCI_BASE"
"""Environment variable: a directory with a bundle that the product runs, for platforms where the probe does not."""


def base_bundle() -> Path | None:
    """The bundle that BASE_BUNDLE names, if there is one."""
    path = Path(os.environ.get(BASE_BUNDLE, "")).absolute()
    return path if BASE_BUNDLE in os.environ and (path / "config.json").is_file() else None


def _seccomp_actions() -> list[str]:
    try:
        return Path("/proc/sys/kernel/seccomp/actions_avail").read_text(encoding="ascii").split()
    except OSError:
        return []


def _controller(name: str) -> Callable[[Host], bool]:
    return lambda _: name in cgroup_controllers()


CHECKS: dict[str, tuple[Callable[[Host], bool], str]] = {
    "root": (lambda host: host.maps_ids, "the run's user is not root of the host"),
    "ids": (lambda host: host.maps_ids, "the run's user cannot map ids that are not the user's own"),
    "mounts": _may("CAP_SYS_ADMIN"),
    "namespaces": _may("CAP_SYS_ADMIN"),
    "bounding-set": _may("CAP_SETPCAP"),
    "cgroup": (lambda host: host.cgroups != "none", "no cgroup file system is mounted"),
    "make-cgroups": (lambda host: host.own_cgroups, "the run's user can make no cgroups"),
    "cgroup-v1": (lambda host: host.cgroups in ("v1", "hybrid"), "the host has no cgroup v1 hierarchy"),
    "cgroup-v2": (lambda host: host.cgroups == "v2", "the host is not on cgroup v2 alone"),
    "apparmor": (_lsm("apparmor"), "AppArmor is not enabled"),
    "selinux": (_lsm("selinux"), "SELinux is not enabled"),
    "resctrl": (lambda _: Path("/sys/fs/resctrl/schemata").exists(), "no resctrl file system is mounted"),
    "userns": (lambda host: host.user_namespaces, "the run's user cannot make user namespaces"),
    "new-privileges": (lambda _: not _no_new_privileges(), "the run itself has no_new_privs set"),
    "hugetlb": (_controller("hugetlb"), "there is no cgroup controller hugetlb"),
    "rdma": (
        lambda _: "rdma" in cgroup_controllers() and any(Path("/sys/class/infiniband").glob("*")),
        "there is no RDMA device, or no cgroup controller for it",
    ),
    "device-rules": (
        lambda host: "devices" in cgroup_controllers() or {"CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"} <= host.capabilities,
        "rules for devices take CAP_SYS_ADMIN and CAP_SYS_RESOURCE on cgroup v2",
    ),
    "block-device": (lambda _: block_disk() is not None, "there is no block device"),
    "seccomp": (lambda _: "errno" in _seccomp_actions(), "the kernel has no seccomp filters"),
    "seccomp-notify": (lambda _: "user_notif" in _seccomp_actions(), "the kernel has no seccomp notifications"),
    "ia32": (lambda host: host.architecture == "x86_64", "the machine is no x86-64, which has a 32-bit entry"),
    "netdev": _may("CAP_NET_ADMIN"),
    "numa": (lambda _: Path("/sys/devices/system/node/has_memory").exists(), "the kernel has no NUMA memory policies"),
    "base-bundle": (
        lambda _: base_bundle() is not None,
        f"{BASE_BUNDLE} names no bundle that the product runs (docs/hosts.md)",
    ),
    "rt": (lambda host: "CAP_SYS_NICE" in host.capabilities, "CAP_SYS_NICE is missing"),
}
"""Needs by the words that the catalogue uses; other words there name properties of the product, not of the host."""


IN_OWN_NAMESPACES = frozenset({"mounts", "namespaces", "bounding-set", "netdev"})
"""Needs that an ordinary user has only as root of a user namespace of the user's own."""


def lacking(host: Host) -> dict[str, str]:
    """What this host lacks of CHECKS, by need: for the header of a ledger, so that it can be judged again elsewhere."""
    return {need: text for need, (check, text) in CHECKS.items() if not check(host)}


def unmet(needs: Iterable[str], host: Host) -> list[str]:
    """What is missing on the host, in words; empty if nothing is.

    Besides CHECKS, `kernel>=5.12` and `CAP_…` are understood. Of a host that a ledger tells of, what `lacking` said
    there is taken; else this one is looked at.
    """
    missing = []
    for need in needs:
        if need in CHECKS:
            check, text = CHECKS[need]
            if need in host.lacks if host.lacks is not None else not check(host):
                missing.append(text)
        elif match := re.fullmatch(r"kernel>=(\d+)\.(\d+)", need):
            if host.kernel_version < (int(match[1]), int(match[2])):
                missing.append(f"the kernel is older than {match[1]}.{match[2]}")
        elif need.startswith("CAP_") and need not in host.capabilities:
            missing.append(f"{need} is missing")
    return missing
