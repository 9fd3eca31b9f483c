"""Archives in the format that Linux unpacks at boot: cpio "newc", see the kernel's initramfs buffer format."""

from __future__ import annotations

import stat
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = b"070701"
TRAILER = "TRAILER!!!"
ALIGNMENT = 4


class Writer:
    """Writes one archive; parents come before what they hold, all belongs to root, times are 0."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._inode = 0
        self._directories: set[str] = set()

    def directory(self, name: str) -> None:
        """Add a directory and those that it lies in, unless they are there. Names have no slash in front."""
        if not name or name in self._directories:
            return
        self._parents(name)
        self._directories.add(name)
        self._entry(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name: str, content: bytes, *, executable: bool = False) -> None:
        """Add a regular file and its parents."""
        self._parents(name)
        self._entry(name, stat.S_IFREG | (0o755 if executable else 0o644), content)

    def character_device(self, name: str, major: int, minor: int) -> None:
        """Add a device node that only root may use, and its parents."""
        self._parents(name)
        self._entry(name, stat.S_IFCHR | 0o600, b"", (major, minor))

    def close(self) -> None:
        """Write the end of the archive. Another archive may follow in the same file."""
        self._entry(TRAILER, 0, b"")

    def _parents(self, name: str) -> None:
        self.directory(name.rpartition("/")[0])

    def _entry(self, name: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> None:
        self._inode += 1
        encoded = name.encode() + b"\0"
        # ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        fields = (self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        header = MAGIC + b"".join(b"%08X" % field for field in fields) + encoded
        for part in (header, content):
            self._output.write(part + bytes(-len(part) % ALIGNMENT))


def write(output: IO[bytes], files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> None:
    """Write an archive of regular files."""
    archive = Writer(output)
    for name, content in files.items():
        archive.file(name, content, executable=name in executable)
    archive.close()
