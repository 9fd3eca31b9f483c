"""A layout in a tar archive: a plain one is indexed and read in any order, a compressed one as it comes."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from pytest_oci.targets.layout.archive_headers import LEADS_OUT, headers, padding
from pytest_oci.targets.layout.beneath import stamp
from pytest_oci.targets.layout.compression import NO_ZSTD, inflater_for
from pytest_oci.targets.layout.facts import DIRECTORY
from pytest_oci.targets.layout.limits import GIB, reached
from pytest_oci.targets.layout.members import BLOB_DEPTH, CHUNK, Member, UnseenError
from pytest_oci.targets.layout.source import LayoutError, shown, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.targets.layout.archive_headers import Header
    from pytest_oci.targets.layout.limits import LayoutLimits
    from pytest_oci.targets.layout.members import Chunks, Watch
    from pytest_oci.targets.layout.source import Source

WINDOW = 64 * 1024
"""Bytes that are read at once where headers are looked for."""
LONGEST_NAME = 512
"""Characters of a name; none in a layout has nearly as many."""


class _File:
    """The bytes of the archive's file, from any place. Raises UnseenError."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        status = os.fstat(source.descriptor)
        self._stamp = stamp(status)
        self.size = status.st_size

    def read(self, offset: int, size: int) -> bytes:
        try:
            if hasattr(os, "pread"):
                data = os.pread(self._source.descriptor, size, offset)
            else:
                with self._lock:
                    os.lseek(self._source.descriptor, offset, os.SEEK_SET)
                    data = os.read(self._source.descriptor, size)
        except OSError as error:
            raise UnseenError(f"host: {shown(self._source.path)} cannot be read: {words(error)}") from None
        return data

    def check(self) -> None:
        if stamp(os.fstat(self._source.descriptor)) != self._stamp:
            raise UnseenError(f"host: {shown(self._source.path)} changed while it was read")


class _DiskFeed:
    """The archive from its beginning, as it lies on the disk: what is skipped is not read."""

    def __init__(self, file: _File, watch: Watch) -> None:
        self.offset = 0
        self._file = file
        self._watch = watch
        self._start = 0
        self._window = b""

    def take(self, size: int) -> bytes:
        begin = self.offset - self._start
        if begin + size > len(self._window):
            self._watch.check()
            self._start, begin = self.offset, 0
            self._window = self._file.read(self.offset, max(size, WINDOW))
        data = self._window[begin : begin + size]
        self.offset += len(data)
        return data

    def skip(self, size: int) -> None:
        self.offset = min(self.offset + size, self._file.size)

    def some(self, size: int) -> bytes:
        """Some of the next bytes, at most `size`; none only at the end."""
        return self.take(size)

    def drain(self) -> None:
        """What follows the end of the archive is not looked at."""


class _StreamFeed:
    """The archive from its beginning, unpacked as it is asked for."""

    def __init__(self, file: _File, compression: str, limits: LayoutLimits, watch: Watch) -> None:
        self.offset = 0
        self._taken = 0
        self._file = file
        self._watch = watch
        self._limits = limits
        self._pieces = self._unpacked(compression)
        self._piece = b""
        self._place = 0

    def take(self, size: int) -> bytes:
        parts = []
        while size and (part := self.some(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def some(self, size: int) -> bytes:
        """Some of the next bytes, at most `size`; none only at the end."""
        if self._place >= len(self._piece):
            self._piece, self._place = next(self._pieces, b""), 0
        part = self._piece[self._place : self._place + size]
        self._place += len(part)
        self.offset += len(part)
        return part

    def skip(self, size: int) -> None:
        while size and (part := self.some(size)):
            size -= len(part)

    def drain(self) -> None:
        """Unpack what is left, for the fault that a checksum at the end may show."""
        while self.some(CHUNK):
            pass

    def _unpacked(self, compression: str) -> Iterator[bytes]:
        inflater = inflater_for(compression, self._limits)
        if inflater is None:
            raise UnseenError(NO_ZSTD)
        out = 0
        while data := self._file.read(self._taken, CHUNK):
            self._taken += len(data)
            self._watch.count(len(data))
            for piece in inflater.feed(data):
                out += len(piece)
                if out > GIB + self._limits.unpacked_ratio * self._taken:
                    raise UnseenError(reached("unpacked-ratio", self._limits.unpacked_ratio))
                self._watch.check()
                yield piece
            if inflater.problem or inflater.unseen:
                break
        else:
            inflater.finish()
        if not inflater.whole:
            raise UnseenError(inflater.unseen or f"host: the archive's {compression} data: {inflater.problem}")


class Archive:
    """An archive as a store: streamed if it is compressed."""

    def __init__(self, source: Source, limits: LayoutLimits, watch: Watch) -> None:
        self._source = source
        self._watch = watch
        self._limits = limits
        self._file = _File(source)
        self._feed: _DiskFeed | _StreamFeed | None = None
        self.streamed = bool(source.compression)
        self.inner: set[str] = set()
        watch.whole = self._file.size if self.streamed else 0

    def members(self) -> Iterator[Member]:
        """All at the top and below `blobs`, as they come; then directories that have no entry of their own."""
        feed = self._feed = (
            _StreamFeed(self._file, self._source.compression, self._limits, self._watch)
            if self.streamed
            else _DiskFeed(self._file, self._watch)
        )
        named: set[str] = set()
        implied: dict[str, None] = {}
        entries = headers(feed, self._limits.tar_header_bytes)
        for number, header in enumerate(self._opened(entries)):
            if number >= self._limits.files:
                raise UnseenError(reached("files", self._limits.files))
            place, end = feed.offset, feed.offset + header.size
            parts = header.path.split("/", BLOB_DEPTH)
            if len(header.path) > LONGEST_NAME:
                yield Member(f"{header.path[:100]}…", f"a name of {len(header.path)} characters")
            elif header.path and (header.kind == LEADS_OUT or len(parts) == 1 or parts[0] == "blobs"):
                named.add(header.path)
                yield Member(header.path, header.kind, header.size, place=place)
            if header.kind != LEADS_OUT and len(header.path) <= LONGEST_NAME:
                implied.update({"/".join(parts[:depth]): None for depth in range(1, len(parts))})
                if parts[1:] in (["oci-layout"], ["index.json"]):
                    self.inner.add(parts[0])
            feed.skip(end - feed.offset)
            if feed.offset < end:
                raise UnseenError(f"host: the archive ends within {shown(header.path[:LONGEST_NAME])}")
            feed.skip(padding(header.size))
        for path in implied:
            if path not in named and (path.startswith("blobs/") or "/" not in path):
                yield Member(path, DIRECTORY)
        feed.drain()

    def chunks(self, member: Member) -> Chunks:
        """The bytes of a member."""
        assert isinstance(member.place, int)
        assert self._feed is not None
        place, end = member.place, member.place + member.size
        while place < end:
            most = min(end - place, CHUNK)
            data = self._feed.some(most) if self.streamed else self._file.read(place, most)
            if not data:
                raise UnseenError(f"host: the archive ends within {shown(member.path)}")
            place += len(data)
            if not self.streamed:
                self._watch.count(len(data))
            yield data

    def check(self) -> None:
        """The archive must not have changed."""
        self._file.check()

    def close(self) -> None:
        """The descriptor is the source's."""

    def _opened(self, entries: Iterator[Header]) -> Iterator[Header]:
        """The entries; LayoutError where not even the first can be read."""
        try:
            first = next(entries, None)
        except UnseenError as error:
            cause = str(error)
            if not cause.startswith("host: "):
                raise
            file, form = shown(self._source.path), self._source.form
            raise LayoutError(f"{file} is no {form} archive that can be read: {cause[6:]}") from None
        if first is not None:
            yield first
            yield from entries
