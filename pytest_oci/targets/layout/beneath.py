"""A directory out of which nothing leads: what lies below it is listed and opened, whoever changes it meanwhile.

Symbolic links are followed by name, as long as they stay below. Opening then takes no link at all: each component is
opened from the descriptor of the one before, so that a link put there in between is refused and not followed. Systems
without such calls (Windows) compare the resolved path instead, which is as good where nobody races.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR
from pytest_oci.targets.layout.source import kind_of, reading_flags, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Stamp: TypeAlias = tuple[int, ...]

MOST_LINKS = 40
"""As many symbolic links Linux follows in one path."""
MOST_KEPT = 32
"""Descriptors of directories kept open."""
MISSING = "missing"
LINK = "a symbolic link"
LEADS_OUT = f"{LINK} that leads out of the layout"
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class LeadsOutError(OSError):
    """A symbolic link leads out of the directory."""

    def __init__(self) -> None:
        super().__init__(errno.EXDEV, "it leads out of the layout")


class ChangedError(OSError):
    """A file is no longer what it was when it was looked at."""

    def __init__(self) -> None:
        super().__init__(errno.ESTALE, "it changed while it was read")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands somewhere below: its kind in the words of Entry, and behind all links its path, if it is there.

    `size` and `stamp` are those of the file itself, behind all links. `problem` says what the system did not let be
    seen.
    """

    kind: str
    path: str = ""
    size: int = 0
    stamp: Stamp = ()
    problem: str = ""


class Beneath:
    """The directory itself. Paths are relative to it, with slashes. Close it."""

    def __init__(self, path: Path) -> None:
        self._path = os.path.abspath(path)  # noqa: PTH100 - no link may be resolved here
        self._real = os.path.realpath(path)
        self._kept: dict[str, int] = {}
        self._lock = threading.Lock()
        if BY_DESCRIPTOR:
            self._kept[""] = os.open(path, reading_flags() | os.O_DIRECTORY)

    def close(self) -> None:
        """Close all descriptors."""
        while self._kept:
            os.close(self._kept.popitem()[1])

    def listed(self, path: str = "") -> Iterator[tuple[str, Found]]:
        """What stands in a directory, by name, in the system's order. Raises OSError."""
        with self._directory(path) as where, os.scandir(where) as entries:
            for entry in entries:
                yield entry.name, self.look(f"{path}/{entry.name}" if path else entry.name)

    def look(self, path: str) -> Found:
        """What stands at a path; links are followed at its end only."""
        try:
            status = self._lstat(path)
        except FileNotFoundError:
            return Found(MISSING)
        except OSError as error:
            return Found(kind_of(0), problem=words(error))
        if not stat.S_ISLNK(status.st_mode):
            return Found(kind_of(status.st_mode), path, status.st_size, stamp(status))
        try:
            behind = self._followed(path)
            status = self._lstat(behind)
        except OSError as error:
            return _link_words(error)
        kind = kind_of(status.st_mode)
        return Found(
            kind if kind in (REGULAR, DIRECTORY) else f"{LINK} to {kind}",
            behind,
            status.st_size,
            stamp(status),
        )

    def open(self, path: str, seen: Stamp) -> int:
        """The descriptor of a regular file that was found; raises ChangedError if it is another one now, or OSError."""
        try:
            if seen != stamp(self._lstat(path)):
                raise ChangedError
            with self._at(path) as (name, above):
                descriptor = os.open(name, reading_flags() | getattr(os, "O_NOFOLLOW", 0), dir_fd=above)
        except OSError as error:
            raise (ChangedError() if error.errno in _GONE else error) from None
        if seen == stamp(os.fstat(descriptor)):
            return descriptor
        os.close(descriptor)
        raise ChangedError

    def still(self, path: str, seen: Stamp) -> bool:
        """Whether the file at the path is the one that was seen, and as it was seen."""
        try:
            return seen == stamp(self._lstat(path))
        except OSError:
            return False

    def _followed(self, path: str) -> str:
        """The path without links that a path means. Only names are looked at: whoever opens it checks again."""
        done: list[str] = []
        todo = path.split("/")[::-1]
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                if not done:
                    raise LeadsOutError
                done.pop()
            elif name not in ("", "."):
                done.append(name)
                here = "/".join(done)
                if not stat.S_ISLNK(self._lstat(here).st_mode):
                    continue
                links += 1
                if links > MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                done.pop()
                with self._at(here) as (name, above):
                    target = os.readlink(name, dir_fd=above)
                if os.path.isabs(target):  # noqa: PTH117
                    target, done = self._relative(target), []
                todo += target.replace(os.sep, "/").split("/")[::-1]
        return "/".join(done)

    def _relative(self, target: str) -> str:
        for base in (self._path, self._real):
            if target == base or target.startswith(base.rstrip(os.sep) + os.sep):
                return target[len(base) :]
        raise LeadsOutError

    def _lstat(self, path: str) -> os.stat_result:
        with self._at(path) as (name, above):
            return os.lstat(name, dir_fd=above)

    @contextmanager
    def _at(self, path: str) -> Iterator[tuple[str, int | None]]:
        """A name, and the descriptor of the directory in which it is that."""
        above, _, name = path.rpartition("/")
        with self._directory(above) as where:
            if isinstance(where, int):
                yield name or ".", where
            else:
                yield os.path.join(where, name), None  # noqa: PTH118

    @contextmanager
    def _directory(self, path: str) -> Iterator[int | str]:
        """A directory below: its descriptor, on systems without such calls its path. Raises OSError."""
        if not BY_DESCRIPTOR:
            here = os.path.join(self._real, *path.split("/")) if path else self._real  # noqa: PTH118
            if os.path.normcase(os.path.realpath(here)) != os.path.normcase(here):
                raise LeadsOutError
            yield here
            return
        kept = self._kept.get(path)
        if kept is not None:
            yield kept
            return
        opened = self._descend(path)
        with self._lock:
            keep = len(self._kept) < MOST_KEPT and path not in self._kept
            if keep:
                self._kept[path] = opened
        try:
            yield opened
        finally:
            if not keep:
                os.close(opened)

    def _descend(self, path: str) -> int:
        found = os.dup(self._kept[""])
        for name in path.split("/"):
            above = found
            try:
                found = os.open(name, reading_flags() | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
            finally:
                os.close(above)
        return found


def stamp(status: os.stat_result) -> Stamp:
    """What changes if a file is replaced or written to, as far as its system tells."""
    # Windows does not always give the same numbers for a path and for a descriptor.
    file = (status.st_dev, status.st_ino) if BY_DESCRIPTOR else ()
    return *file, stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns


def _link_words(error: OSError) -> Found:
    if isinstance(error, LeadsOutError):
        return Found(LEADS_OUT)
    if error.errno == errno.ELOOP:
        return Found(f"{LINK} that leads in a circle")
    if error.errno in _GONE:
        return Found(f"{LINK} that leads nowhere")
    return Found(LINK, problem=words(error))
