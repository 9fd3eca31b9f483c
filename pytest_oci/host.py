"""Facts about the host that a run rests on: they stand in its header, and say why a clause is not testable."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import re
import signal
import time
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CLONE_NEWUSER = 0x10000000
TRIAL_SECONDS = 5.0
POLL_SECONDS = 0.002
CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
)
"""Linux capabilities in the order of their numbers, without the prefix CAP_."""
NO_UID = -1
"""Of users on systems that do not number them."""


@dataclass(frozen=True, slots=True)
class Host:
    """What was found; `cgroups` is `v1`, `v2`, `hybrid` or `none`, `missing_capabilities` those root usually has."""

    kernel: str
    architecture: str
    cgroups: str
    lsms: tuple[str, ...]
    uid: int
    capabilities: frozenset[str]
    missing_capabilities: tuple[str, ...]
    user_namespaces: bool
    own_cgroups: bool = True
    """Whether the run's user may make cgroups at the top of every hierarchy."""
    every_id: bool = True
    """Whether all ids of the kernel are there, as in the initial user namespace."""
    system: str = "Linux"
    """The kernel's name."""
    lacks: Mapping[str, str] | None = None
    """Of a host that is not this one, what its ledger says that it lacked (`requirements.lacking`), if it does."""

    @property
    def root(self) -> bool:
        """Whether the run's user is root."""
        return self.uid == 0

    @property
    def maps_ids(self) -> bool:
        """Whether the run's user can use and map ids other than the user's own."""
        return self.root and self.every_id

    def may(self, capability: str) -> bool:
        """Whether the run has a capability: root itself, an ordinary user in a user namespace of the user's own."""
        return capability in self.capabilities if self.root else self.user_namespaces

    @property
    def kernel_version(self) -> tuple[int, int]:
        """Major and minor number of the kernel."""
        match = re.match(r"(\d+)\.(\d+)", self.kernel)
        return (int(match[1]), int(match[2])) if match else (0, 0)

    def to_json(self) -> dict[str, Any]:
        """The host as plain data, for the ledger's header."""
        data = asdict(self)
        data["lsms"] = list(self.lsms)
        data["missing_capabilities"] = list(self.missing_capabilities)
        data["capabilities"] = sorted(self.capabilities)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Host:
        """The inverse of to_json; what a ledger's header says besides is left out."""
        values = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        missing = tuple(data["missing_capabilities"])
        capabilities = data.get("capabilities") or {f"CAP_{name}" for name in CAPABILITIES}.difference(missing)
        lists = {"lsms": tuple(data["lsms"]), "missing_capabilities": missing, "capabilities": frozenset(capabilities)}
        return cls(**{**values, **lists})


@cache
def host() -> Host:
    """This host as the process finds it at first."""
    return look()


def look() -> Host:
    """Look at this host; of others than Linux it is only said what they are."""
    if platform.system() != "Linux":
        return _elsewhere()
    capabilities = _capabilities()
    known = CAPABILITIES[: _last_capability() + 1]
    missing = tuple(f"CAP_{name}" for name in known if f"CAP_{name}" not in capabilities)
    return Host(
        kernel=platform.release(),
        architecture=platform.machine(),
        cgroups=cgroup_mode(_read("/proc/self/mountinfo")),
        lsms=tuple(name for name in _read("/sys/kernel/security/lsm").strip().split(",") if name),
        uid=os.getuid(),
        capabilities=capabilities,
        missing_capabilities=missing,
        user_namespaces=_can_make_user_namespace(),
        own_cgroups=_can_make_cgroups(),
        every_id=_read("/proc/self/uid_map").split() == ["0", "0", "4294967295"],
    )


def _elsewhere() -> Host:
    return Host(
        kernel=platform.release(),
        architecture=platform.machine(),
        cgroups="none",
        lsms=(),
        uid=os.getuid() if hasattr(os, "getuid") else NO_UID,
        capabilities=frozenset(),
        missing_capabilities=(),
        user_namespaces=False,
        own_cgroups=False,
        every_id=False,
        system=platform.system(),
    )


def cgroup_mode(mountinfo: str) -> str:
    """`v1`, `v2`, `hybrid` or `none`, from the cgroup file systems that are mounted."""
    kinds = {line.split(" - ", 1)[1].split(" ", 1)[0] for line in mountinfo.splitlines() if " - " in line}
    match ("cgroup" in kinds, "cgroup2" in kinds):
        case (True, True):
            return "hybrid"
        case (True, False):
            return "v1"
        case (False, True):
            return "v2"
        case _:
            return "none"


def cgroup_controllers() -> frozenset[str]:
    """The controllers that a container's cgroup on this host can have.

    Where there are both versions of cgroups those of v1: no runtime divides a container's limits between them.
    """
    first: set[str] = set()
    second: set[str] = set()
    known = {line.split()[0] for line in _read("/proc/cgroups").splitlines()[1:]}
    for line in _read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = [*after.split(" "), "", ""][:3]
        if kind == "cgroup":
            first |= known & set(options.split(","))
        elif kind == "cgroup2":
            second |= set(_read(f"{before.split(' ')[4]}/cgroup.controllers").split())
    return frozenset(first or second)


def block_disk() -> tuple[int, int] | None:
    """Major and minor number of a whole disk that the kernel has, the first by name; None if there is none."""
    for path in sorted(Path("/sys/block").glob("*/dev")):
        major, _, minor = _read(str(path)).strip().partition(":")
        if _read(str(path.parent / "size")).strip() not in ("", "0"):
            return int(major), int(minor)
    return None


def _can_make_cgroups() -> bool:
    """Whether no mount of a hierarchy is read-only, for this user."""
    mounts = (line.split(" - ", 1) for line in _read("/proc/self/mountinfo").splitlines() if " - " in line)
    points = [where.split(" ")[4] for where, what in mounts if what.split(" ", 1)[0] in ("cgroup", "cgroup2")]
    return bool(points) and all(os.access(point, os.W_OK) for point in points)


def _can_make_user_namespace() -> bool:
    """Whether this user may: kernels, sandboxes and chroots forbid it in many ways, so it is tried, in a child."""
    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0 else 1)
    deadline = time.monotonic() + TRIAL_SECONDS
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(POLL_SECONDS)


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""


def _capabilities() -> frozenset[str]:
    match = re.search(r"^CapEff:\s*([0-9a-f]+)$", _read("/proc/self/status"), re.MULTILINE)
    bits = int(match[1], 16) if match else 0
    return frozenset(f"CAP_{name}" for number, name in enumerate(CAPABILITIES) if bits >> number & 1)


def _last_capability() -> int:
    text = _read("/proc/sys/kernel/cap_last_cap").strip()
    return int(text) if text.isdigit() else len(CAPABILITIES) - 1
