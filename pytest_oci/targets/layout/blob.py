"""One blob read in one pass: its digest, what it unpacks to, and the walk through the tar archive in it."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from pytest_oci.targets.layout.compression import NO_ZSTD, compression_of, inflater_for
from pytest_oci.targets.layout.facts import Blob, Unpacked
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, GIB, reached
from pytest_oci.targets.layout.tar import BLOCK, TarWalk, is_tar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_oci.targets.layout.limits import LayoutLimits

ALGORITHMS = ("sha256", "sha512")
"""Registered ones (image-spec descriptor.md, "Registered algorithms") that can be verified here."""
HEAD = 64


class DocumentsAllowance:
    """How many bytes of documents may still be kept, of all blobs together; for any number of threads."""

    def __init__(self, limits: LayoutLimits = DEFAULT_LIMITS) -> None:
        self._left = limits.documents_bytes
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        """Take so many bytes of it, if they are left; a negative count gives some back."""
        with self._lock:
            if count > self._left:
                return False
            self._left -= count
            return True


def read_blob(
    path: str,
    chunks: Iterable[bytes],
    size: int,
    *,
    algorithms: Iterable[str] = (),
    limits: LayoutLimits = DEFAULT_LIMITS,
    deadline: float = math.inf,
    allowance: DocumentsAllowance | None = None,
) -> Blob:
    """What there is to know about the blob at `path`, `blobs/ALGORITHM/ENCODED`.

    `chunks` are its bytes in portions of any length, best of about `members.CHUNK`; they are not used up where a limit
    was reached. `size` is what the file system or archive says that they come to. `algorithms` are those by which the
    unpacked bytes are digested besides sha256; unknown ones are passed over. `deadline` is a time of
    `time.monotonic()`. Errors of reading `chunks` are not caught.

    Many blobs may be read at the same time in threads: digesting and inflating let others run.
    """
    if size > limits.blob_bytes:
        return Blob(path, size, "", unseen=reached("blob-bytes", limits.blob_bytes))
    portions = _with_opening(chunks)
    opening = next(portions, b"")
    reading = _Reading(path, opening, frozenset(algorithms), limits, deadline, allowance or DocumentsAllowance(limits))
    for chunk in chain((opening,), portions):
        if not reading.feed(chunk):
            break
    return reading.blob()


def _with_opening(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, the first portion of BLOCK or more of them, if there are so many."""
    opening = b""
    portions = iter(chunks)
    for chunk in portions:
        opening += chunk
        if len(opening) >= BLOCK:
            break
    if opening:
        yield opening
    yield from portions


class _Unpacking:
    """The unpacked bytes of a blob as they pass: digested, counted and walked through."""

    def __init__(self, compression: str, algorithms: frozenset[str], limits: LayoutLimits, deadline: float) -> None:
        self._compression = compression
        self._limits = limits
        self._deadline = deadline
        self._inflater = inflater_for(compression, limits) if compression else None
        self._hashes = [hashlib.new(name) for name in ALGORITHMS if name in algorithms]
        self._walk = TarWalk(limits)
        self._packed = 0
        self._size = 0
        self._unseen = NO_ZSTD if compression and not self._inflater else ""

    def feed(self, chunk: bytes) -> None:
        self._packed += len(chunk)
        if self._unseen:
            return
        if self._inflater is None:
            self._take(chunk)
            return
        for piece in self._inflater.feed(chunk):
            self._take(piece)
            self._unseen = self._reached()
            if self._unseen:
                return
        self._unseen = self._inflater.unseen

    def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        for running in self._hashes:
            running.update(piece)
        self._walk.feed(piece)

    def _reached(self) -> str:
        """The limit that was reached in unpacking, as a cause."""
        limits = self._limits
        if self._size > limits.unpacked_bytes:
            return reached("unpacked-bytes", limits.unpacked_bytes)
        if self._size > GIB and self._size > limits.unpacked_ratio * self._packed:
            return reached("unpacked-ratio", limits.unpacked_ratio)
        return reached("seconds", limits.seconds) if time.monotonic() > self._deadline else ""

    def unpacked(self, unseen: str) -> Unpacked:
        """What was seen; `unseen` says why the blob was not read to its end, if so."""
        inflater, unseen = self._inflater, unseen or self._unseen
        if inflater and not unseen:
            inflater.finish()
        whole = not unseen and (inflater is None or inflater.whole)
        tar = self._walk.finish(whole=whole)
        return Unpacked(
            self._compression,
            self._size,
            {running.name: f"{running.name}:{running.hexdigest()}" for running in self._hashes} if whole else {},
            replace(tar, unseen=tar.unseen or unseen) if not tar.problem else tar,
            inflater.members if inflater else 0,
            inflater.problem if inflater else "",
            unseen,
        )


class _Document:
    """The bytes of a blob for as long as it may be a document."""

    def __init__(self, limits: LayoutLimits, allowance: DocumentsAllowance) -> None:
        self._limits = limits
        self._allowance = allowance
        self._chunks: list[bytes] = []
        self._size = 0
        self.withheld = ""

    def feed(self, chunk: bytes) -> None:
        if self.withheld:
            return
        if self._size + len(chunk) > self._limits.document_bytes:
            self.drop(reached("document-bytes", self._limits.document_bytes))
        elif not self._allowance.take(len(chunk)):
            self.drop(reached("documents-bytes", self._limits.documents_bytes))
        else:
            self._chunks.append(chunk)
            self._size += len(chunk)

    def drop(self, cause: str) -> None:
        self.withheld = cause
        self._allowance.take(-self._size)
        self._chunks.clear()

    def data(self) -> bytes | None:
        return None if self.withheld else b"".join(self._chunks)


class _Reading:
    """The state of reading one blob."""

    def __init__(
        self,
        path: str,
        opening: bytes,
        algorithms: frozenset[str],
        limits: LayoutLimits,
        deadline: float,
        allowance: DocumentsAllowance,
    ) -> None:
        self._path = path
        self._head = opening[:HEAD]
        self._limits = limits
        self._deadline = deadline
        self._size = 0
        self._unseen = ""
        algorithm = path.split("/")[1]
        self._algorithm = algorithm if algorithm in ALGORITHMS else ""
        compression = compression_of(opening)
        self._hash = hashlib.new(algorithm) if compression and self._algorithm else None
        """Of the blob itself, where it is another one than of the unpacked bytes."""
        wanted = algorithms | {"sha256"} | (set() if compression else {algorithm})
        self._unpacking = _Unpacking(compression, wanted, limits, deadline)
        self._document = None if compression or is_tar(opening) else _Document(limits, allowance)

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; return whether more are wanted."""
        self._size += len(chunk)
        if self._size > self._limits.blob_bytes:
            self._unseen = reached("blob-bytes", self._limits.blob_bytes)
        elif time.monotonic() > self._deadline:
            self._unseen = reached("seconds", self._limits.seconds)
        else:
            if self._hash:
                self._hash.update(chunk)
            if self._document:
                self._document.feed(chunk)
            self._unpacking.feed(chunk)
        return not self._unseen

    def blob(self) -> Blob:
        """The blob as far as it was read."""
        unpacked = self._unpacking.unpacked(self._unseen)
        if self._unseen and self._document:
            self._document.drop("")
        if self._unseen or not self._algorithm:
            digest = ""
        elif self._hash:
            digest = f"{self._algorithm}:{self._hash.hexdigest()}"
        else:
            digest = unpacked.digests[self._algorithm]
        return Blob(
            self._path,
            self._size,
            digest,
            self._head,
            self._document.data() if self._document and not self._unseen else None,
            self._document.withheld if self._document else "",
            unpacked,
            self._unseen,
        )
