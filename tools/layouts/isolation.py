"""A private view of the machine for tools that keep state: namespaces that vanish with all that is in them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

UNSHARE = (
    "setpriv",
    "--pdeathsig=KILL",
    "unshare",
    "--mount",
    "--pid",
    "--net",
    "--ipc",
    "--uts",
    "--fork",
    "--kill-child",
    "--mount-proc",
)
"""Mounts, processes and network of its own: whatever was started or mounted ends with the first process, and that
with the one that started it."""
KEPT = ("/etc", "/var/lib", "/var/cache")
"""Where tools keep state whatever they are told: what they write there is gone with the namespace."""
EMPTY = ("/run",)
USERS = ("etc/passwd", "etc/group")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
LIMIT = 20.0


def hide_state(root: Path, upper: Path) -> None:
    """Let what is written to the tools' directory tree, where they keep state, go to `upper`."""
    if root != Path("/"):
        _mount("--bind", str(root), str(root))  # tools take it for granted that / is a mount point
    for name in KEPT:
        place, mine = root / name[1:], upper / name.replace("/", "-")[1:]
        for part in ("upper", "work"):
            (mine / part).mkdir(parents=True)
        if place.is_dir():
            options = f"lowerdir={place},upperdir={mine / 'upper'},workdir={mine / 'work'}"
            _mount("-t", "overlay", "-o", options, "overlay", str(place))
    for name in EMPTY:
        (root / name[1:]).mkdir(exist_ok=True)
        _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(root / name[1:]))


def lend(root: Path, *paths: Path) -> None:
    """Let the tools' directory tree, if it is not `/`, have these paths, the kernel's file systems, and users."""
    if root == Path("/"):
        return
    for name in USERS:
        if not (root / name).exists():
            shutil.copy(Path("/", name), root / name)
    for path in (*paths, Path("/proc"), Path("/sys"), Path("/dev")):
        place = root / path.relative_to("/")
        place.mkdir(parents=True, exist_ok=True)
        _mount("--rbind", str(path), str(place))


def bind(path: Path, place: Path) -> None:
    """Let a directory be at another place, too, which is made."""
    place.mkdir(parents=True)
    _mount("--bind", str(path), str(place))


def loopback_up() -> None:
    """Raise the loopback interface of this network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        (flags,) = struct.unpack_from("H", request, 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def remove_cgroups(name: str) -> None:
    """Remove the cgroups of this name in every hierarchy."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    points = [Path(line.split(" ")[4]) for line in lines if line.partition(" - ")[2].startswith("cgroup")]
    for point in points:
        for directory, _, _ in os.walk(point / name, topdown=False):
            with contextlib.suppress(OSError):
                Path(directory).rmdir()


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, timeout=LIMIT)
