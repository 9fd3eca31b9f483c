"""Run a command in a private mount namespace that shows one version of the cgroup file systems.

`python3 -m tools.cgroup_view {v1,v2} COMMAND...` as root. Many hosts are *hybrid*: v1 controllers below a
tmpfs at `/sys/fs/cgroup`, and a cgroup2 mount further down that holds controllers too. Some runtimes refuse
such a host. `v1` hides cgroup2, `v2` shows only cgroup2 at `/sys/fs/cgroup`. Nothing outside the namespace
changes: the mount tree is made private first, and the controllers stay where the host has put them.

The exit status is the command's; 125 if the view cannot be made, 127 if the command cannot be started.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
VIEWS = ("v1", "v2")
NO_VIEW, NO_COMMAND = 125, 127

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
MNT_DETACH = 0x2


class ViewError(Exception):
    """The host cannot show the wanted view; the text says why, in one line."""


@dataclass(frozen=True)
class Mount:
    """A mount point and the type of the file system on it, as /proc/self/mountinfo has them."""

    point: Path
    kind: str


def mounts() -> list[Mount]:
    """Return the mounts of this process's namespace, in the order in which they were made."""
    found = []
    for line in os.fsdecode(Path("/proc/self/mountinfo").read_bytes()).splitlines():
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        found.append(Mount(Path(point), after.split(" ")[0]))
    return found


def below_cgroup_root(kind: str) -> list[Path]:
    """Return the mount points of file systems of one kind at or below /sys/fs/cgroup."""
    inside = (mount for mount in mounts() if mount.point.is_relative_to(CGROUP_ROOT))
    return [mount.point for mount in inside if mount.kind == kind]


def hybrid_controllers() -> list[str]:
    """Return the controllers that cgroup2 holds although v1 hierarchies are mounted; empty on other hosts."""
    if not below_cgroup_root("cgroup"):
        return []
    held: set[str] = set()
    for point in below_cgroup_root("cgroup2"):
        held.update((point / "cgroup.controllers").read_text(encoding="ascii").split())
    return sorted(held)


def enter(view: str) -> None:
    """Put this process into a private mount namespace that shows `view` (v1 or v2). Raises ViewError."""
    try:
        unshare_mounts()
        if view == "v1":
            _hide_v2()
        else:
            _show_only_v2()
    except OSError as problem:
        hint = " (it takes root)" if os.geteuid() else ""
        raise ViewError(f"cannot make a private {view} view of the cgroups: {problem}{hint}") from problem


def _hide_v2() -> None:
    if not below_cgroup_root("cgroup"):
        raise ViewError("cannot make a v1 view: no cgroup v1 hierarchy is mounted below /sys/fs/cgroup")
    for point in reversed(below_cgroup_root("cgroup2")):
        umount(point)


def _show_only_v2() -> None:
    if below_cgroup_root("cgroup2") == [CGROUP_ROOT] and not below_cgroup_root("cgroup"):
        return
    while any(mount.point == CGROUP_ROOT for mount in mounts()):
        umount(CGROUP_ROOT)
    mount("cgroup2", CGROUP_ROOT, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def unshare_mounts() -> None:
    """Give this process a mount namespace of its own, whose changes reach no other. Raises OSError."""
    if hasattr(os, "unshare"):
        os.unshare(CLONE_NEWNS)
    else:
        _check(_libc().unshare(CLONE_NEWNS), "unshare")
    mount(None, Path("/"), None, MS_REC | MS_PRIVATE)


def mount(source: str | None, target: Path, kind: str | None, flags: int = 0, data: str | None = None) -> None:
    """Call mount(2). Raises OSError that names the target."""
    source_, target_, kind_, data_ = (
        None if word is None else os.fsencode(word) for word in (source, target, kind, data)
    )
    _check(_libc().mount(source_, target_, kind_, ctypes.c_ulong(flags), data_), target)


def umount(target: Path) -> None:
    """Take a mount and all below it out of the mount tree. Raises OSError that names the target."""
    _check(_libc().umount2(os.fsencode(target), MNT_DETACH), target)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str | Path) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(what))


def main(arguments: list[str]) -> int:
    """Enter the view that the first argument names and become the command that follows it."""
    if len(arguments) < 2 or arguments[0] not in VIEWS:
        print("usage: python3 -m tools.cgroup_view {v1,v2} COMMAND...", file=sys.stderr)
        return NO_VIEW
    view, *command = arguments
    try:
        enter(view)
    except ViewError as problem:
        print(f"cgroup_view: {problem}", file=sys.stderr)
        return NO_VIEW
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        print(f"cgroup_view: cannot start {command[0]}: {problem.strerror}", file=sys.stderr)
        return NO_COMMAND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
