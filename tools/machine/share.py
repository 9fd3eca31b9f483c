"""The host's files as the guest may see them: a second, read-only tree in a mount namespace of this process.

Nothing outside the namespace changes, and all of it goes with the last process that is in it, however that ends.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

from tools.cgroup_view import MS_BIND, MS_NODEV, MS_NOSUID, MS_REC, mount, mounts, umount, unshare_mounts
from tools.machine.errors import MachineError

PLACE = Path("/mnt")
"""Where the namespace has a file system in memory. The host's own content of this directory stays in the tree."""
TREE = PLACE / "host"
KERNELS = frozenset(
    """
    bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue proc pstore
    securityfs selinuxfs sysfs tracefs
    """.split()  # noqa: SIM905 - a list of words
)
"""Types of file systems that show a kernel, and not files; the guest has its own."""

SYS_MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_ATTR_RDONLY = 0x1


def enter(keep: list[Path]) -> None:
    """Enter a namespace with all files at TREE, read-only but for `keep`. Raises MachineError."""
    try:
        unshare_mounts()
        mount("machine", PLACE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=1g")
        TREE.mkdir()
        mount("/", TREE, None, MS_BIND | MS_REC)
        umount(inside(PLACE))
        for point in [found.point for found in mounts() if found.kind in KERNELS]:
            if point.is_relative_to(TREE) and os.path.ismount(point):
                umount(point)
        _set_read_only(TREE, read_only=True, recursive=True)
        for directory in keep:
            mount(str(inside(directory)), inside(directory), None, MS_BIND)
            _set_read_only(inside(directory), read_only=False, recursive=False)
    except OSError as problem:
        raise MachineError(f"cannot make a private view of this host's files: {problem}") from problem


def inside(path: Path) -> Path:
    """Return where an absolute path of the host lies in the tree."""
    return TREE / path.relative_to("/")


def _set_read_only(tree: Path, *, read_only: bool, recursive: bool) -> None:
    attributes = struct.pack("=4Q", MOUNT_ATTR_RDONLY * read_only, MOUNT_ATTR_RDONLY * (not read_only), 0, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(
        ctypes.c_long(SYS_MOUNT_SETATTR),
        AT_FDCWD,
        os.fsencode(tree),
        AT_RECURSIVE * recursive,
        attributes,
        ctypes.c_size_t(len(attributes)),
    )
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(tree))
