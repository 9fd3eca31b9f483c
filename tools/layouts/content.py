"""What goes into the images: the static busybox, and file trees with everything that a layer may hold."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

BUSYBOX = "/bin/busybox"
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
"""security.capability: cap_net_bind_service, permitted and effective."""
LARGE_ID = 3_000_000
"""More than the seven octal digits of a ustar header can say."""
BEFORE_1970 = -86_400
FRACTION = 1_600_000_000_123_456_789
"""Nanoseconds: a time that is no whole second."""
SPARSE_SIZE = 1 << 20


def context(directory: Path, recipe: str) -> Path:
    """A build context: a recipe, busybox and some files."""
    directory.mkdir(parents=True)
    shutil.copy2(BUSYBOX, directory / "busybox")
    for name in ("a", "b", "c"):
        (directory / "files").mkdir(exist_ok=True)
        (directory / "files" / name).write_text(f"{name}\n")
    (directory / "Containerfile").write_text(recipe)
    return directory


def plain_tree(root: Path) -> None:
    """A few files, with busybox as /bin/sh."""
    (root / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy2(BUSYBOX, root / "bin" / "busybox")
    (root / "bin" / "sh").symlink_to("busybox")
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc" / "hostname").write_text("layout\n")


def full_tree(root: Path) -> None:
    """Every type of file, odd names, large ids, old times, extended attributes, hard links, a hole."""
    plain_tree(root)
    (root / "bin" / "busybox-again").hardlink_to(root / "bin" / "busybox")
    (root / "absolute").symlink_to("/etc/hostname")
    (root / "dangling").symlink_to("nowhere/at/all")
    for name, mode in (("setuid", 0o4755), ("setgid", 0o2755), ("secret", 0o600)):
        (root / name).write_text(name)
        (root / name).chmod(mode)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "empty").mkdir()
    os.mknod(root / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(root / "loop", stat.S_IFBLK | 0o660, os.makedev(7, 300))
    os.mkfifo(root / "fifo")
    (root / ("n" * 150)).write_text("a name longer than a ustar header's\n")
    deep = root / ("d" * 120) / ("e" * 120) / ("f" * 120)
    deep.mkdir(parents=True)
    (deep / "deep").write_text("a path longer than prefix and name\n")
    (root / "grüße").write_text("unicode\n")
    (root / "link-to-grüße").symlink_to("grüße")
    (root / "with space and\nnewline").write_text("odd\n")
    (root / "foreign").write_text("large ids\n")
    os.chown(root / "foreign", LARGE_ID, LARGE_ID)
    (root / "old").write_text("old\n")
    os.utime(root / "old", (BEFORE_1970, BEFORE_1970))
    (root / "fraction").write_text("fraction\n")
    os.utime(root / "fraction", ns=(FRACTION, FRACTION))
    (root / "attributes").write_text("attributes\n")
    os.setxattr(root / "attributes", "user.comment", "grüße\n\0".encode())
    os.setxattr(root / "attributes", "security.capability", CAPABILITY)
    with (root / "sparse").open("wb") as sparse:
        sparse.truncate(SPARSE_SIZE)
        sparse.seek(SPARSE_SIZE // 2)
        sparse.write(b"in the middle")


def odd_names(root: Path) -> None:
    """Names that are no UTF-8."""
    Path(os.fsdecode(os.fsencode(root) + b"/latin-\xfc")).write_text("no UTF-8\n")
