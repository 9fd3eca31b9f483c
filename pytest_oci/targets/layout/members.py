"""What a layout holds before it is judged: files by path, wherever they lie, and how their bytes are had."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pytest_oci.targets.layout.limits import reached

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pytest_oci.targets.layout.beneath import Found
    from pytest_oci.targets.layout.limits import LayoutLimits

Chunks: TypeAlias = "Generator[bytes, None, None]"
"""Bytes of a file, portion by portion; to be closed."""
CHUNK = 256 * 1024
"""Bytes that are read at once: the fastest of the sizes tried with benchmarks/layout.py."""
BLOB_DEPTH = 3
"""Components of `blobs/ALGORITHM/ENCODED`."""


class UnseenError(Exception):
    """Something cannot be read, or not to its end; the text is a cause as in `unseen` of the facts."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file or directory of a layout, `kind` as in Entry.

    `problem` is a cause for which it is not known any better. `place` is where its bytes are, for its store alone.
    """

    path: str
    kind: str
    size: int = 0
    problem: str = ""
    place: Found | int | None = None


class Store(Protocol):
    """A layout, as it lies in a directory or in an archive.

    The members of a *streamed* one come with the only chance to take their bytes. `inner` names directories at the
    top that look like layouts.
    """

    streamed: bool
    inner: set[str]

    def members(self) -> Iterator[Member]:
        """All at the top and below `blobs`. Raises UnseenError where it cannot go on."""

    def chunks(self, member: Member) -> Chunks:
        """The bytes of a regular file, to the last. Raises UnseenError."""

    def check(self) -> None:
        """Raise UnseenError if what was read need not be what lies there, as a whole."""

    def close(self) -> None:
        """Give back what is held."""


class Watch:
    """The clock of a reading, and its count of bytes: `progress` is called with those read and those in all."""

    def __init__(self, limits: LayoutLimits, progress: Callable[[int, int], None] | None) -> None:
        self._seconds = limits.seconds
        self._progress = progress
        self._lock = threading.Lock()
        self._done = 0
        self.deadline = time.monotonic() + limits.seconds
        self.whole = 0
        self.stopped = False

    def count(self, done: int) -> None:
        """Count bytes read, from any thread. Raises UnseenError when the time is over."""
        self.check()
        if self._progress is not None:
            with self._lock:
                self._done += done
                self._progress(min(self._done, self.whole), self.whole)

    def check(self) -> None:
        """Raise UnseenError when the time is over, or the reading was given up."""
        if self.stopped or time.monotonic() > self.deadline:
            raise UnseenError(reached("seconds", self._seconds))


def workers() -> int:
    """The processors that are there for this process."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
