"""Reads an image layout: each blob once, on all processors, within limits, and nothing of it is ever written.

Small blobs come first: among them are the configurations, which say by what algorithms the others are to be digested
when they are unpacked. What was read before that was known, and lacks such a digest, is read again: a few small blobs
of a directory or plain archive. A compressed archive can only be read from its beginning: a second pass over it is
made where a diff_id of sha512 turns up, and only then.
"""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from pytest_oci.documents.exact import DocumentError, Limits, read_json
from pytest_oci.targets.layout.archive import Archive
from pytest_oci.targets.layout.beneath import LEADS_OUT, LINK, MISSING
from pytest_oci.targets.layout.blob import DocumentsAllowance, read_blob
from pytest_oci.targets.layout.crew import Crew, Pipe
from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR, Blob, Entry, File, Layout
from pytest_oci.targets.layout.folder import Folder
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, reached
from pytest_oci.targets.layout.members import BLOB_DEPTH, CHUNK, Member, UnseenError, Watch
from pytest_oci.targets.layout.source import DIRECTORY_FORM, open_source, require_layout, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from pytest_oci.targets.layout.limits import LayoutLimits
    from pytest_oci.targets.layout.members import Chunks, Store

SMALL = 1024 * 1024
"""Blobs up to this size, in bytes, are read first, and several of them in one job."""
JOB_BLOBS = 64
JOB_BYTES = SMALL
ALWAYS = frozenset(("sha256",))
ASKED = ("sha512",)
"""Further algorithms by which diff_ids can be computed."""
TOP_FILES = ("oci-layout", "index.json")
NOT_SEEN = "not seen"


def read_layout(
    path: Path, limits: LayoutLimits = DEFAULT_LIMITS, progress: Callable[[int, int], None] | None = None
) -> Layout:
    """Read a layout from a directory or a tar archive.

    `progress` is called with the bytes read and the bytes in all, from any thread but never from two at once. Raises
    LayoutError if the path is no layout at all; all that is wrong within one is kept in the facts.
    """
    source = open_source(path)
    try:
        watch = Watch(limits, progress)
        store: Store = Folder(path, watch) if source.form == DIRECTORY_FORM else Archive(source, limits, watch)
        with closing(store):
            return _Reading(store, path, source.form, limits, watch, DocumentsAllowance(limits)).read()
    finally:
        source.close()


@dataclass(slots=True)
class _Reading:
    store: Store
    path: Path
    form: str
    limits: LayoutLimits
    watch: Watch
    allowance: DocumentsAllowance
    entries: dict[Entry, None] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)
    waiting: list[Member] = field(default_factory=list)
    collected: list[tuple[Member, list[bytes]]] = field(default_factory=list)
    collected_bytes: int = 0
    unseen: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Layout:
        self._survey()
        if not self.unseen:
            top = [entry.path for entry in self.entries if "/" not in entry.path]
            require_layout(self.path, self.form, top, self.store.inner)
        if self.store.streamed:
            self._read_again(self._algorithms())
        else:
            self._read_all()
        oci_layout, index = (self._file(name) for name in TOP_FILES)
        try:
            self.store.check()
        except UnseenError as error:
            self.unseen = str(error)
            oci_layout, index = (replace(file, data=None, unseen=self.unseen) for file in (oci_layout, index))
            self.blobs = {name: unread(blob.path, blob.size, self.unseen) for name, blob in self.blobs.items()}
        entries = tuple(sorted(self.entries, key=lambda entry: (entry.path, entry.kind)))
        blobs = {name: self.blobs[name] for name in sorted(self.blobs)}
        return Layout(str(self.path), self.form, entries, oci_layout, index, blobs, self.unseen)

    def _survey(self) -> None:
        """Get to know all members; of a stream, read them as well."""
        try:
            with Crew(self.watch) as crew, self._collecting(ALWAYS, crew):
                for member in self.store.members():
                    self.watch.check()
                    entry = Entry(member.path, member.kind)
                    if len(self.entries) >= self.limits.files and entry not in self.entries:
                        raise UnseenError(reached("files", self.limits.files))
                    self.entries[entry] = None
                    self._note(member, crew)
        except UnseenError as error:
            self.unseen = str(error)

    def _note(self, member: Member, crew: Crew) -> None:
        if member.path in TOP_FILES:
            file, known = self._read_file(member), self.files.get(member.path)
            self.files[member.path] = file if known is None else _one_file(known, file)
        elif is_blob_path(member.path) and member.kind != DIRECTORY:
            if member.kind != REGULAR:
                self._settle(unread(member.path, 0, member.problem or _not_read(member)))
            elif self.store.streamed:
                self._stream(member, ALWAYS, crew)
            else:
                self.waiting.append(member)
        elif member.problem or (may_hold_blobs(member.path) and member.kind.startswith(LINK)):
            self.unseen = self.unseen or member.problem or _not_read(member)

    def _read_all(self) -> None:
        """Read what may be read in any order."""
        small = sorted((one for one in self.waiting if one.size <= SMALL), key=lambda one: (one.size, one.path))
        large = sorted((one for one in self.waiting if one.size > SMALL), key=lambda one: (-one.size, one.path))
        self.watch.whole += sum(one.size for one in self.waiting)
        self._read_members(small, JOB_BLOBS, ALWAYS)
        self._read_members(large, 1, self._algorithms())
        self._read_again(self._algorithms())

    def _read_again(self, algorithms: Collection[str]) -> None:
        """Read once more what lacks a digest that is asked for."""
        lacking = {name: blob for name, blob in self.blobs.items() if _lacks(blob, algorithms)}
        if not lacking:
            return
        for name, blob in lacking.items():
            del self.blobs[name]
            self.allowance.take(-len(blob.data or b""))
        paths = {blob.path for blob in lacking.values()}
        if self.store.streamed:
            self._stream_again(paths, algorithms)
        else:
            again = [one for one in self.waiting if one.path in paths]
            self.watch.whole += sum(one.size for one in again)
            self._read_members(again, JOB_BLOBS, algorithms)
        for name, blob in lacking.items():
            self.blobs.setdefault(name, unread(blob.path, blob.size, self.unseen))

    def _stream_again(self, paths: Collection[str], algorithms: Collection[str]) -> None:
        self.watch.whole *= 2
        try:
            with Crew(self.watch) as crew, self._collecting(algorithms, crew):
                for member in self.store.members():
                    if member.path in paths and member.kind == REGULAR:
                        self._stream(member, algorithms, crew)
        except UnseenError as error:
            self.unseen = self.unseen or str(error)

    def _read_members(self, members: list[Member], in_one_job: int, algorithms: Collection[str]) -> None:
        with Crew(self.watch) as crew:
            for begin in range(0, len(members), in_one_job):
                crew.give(partial(self._read_some, members[begin : begin + in_one_job], algorithms))

    def _read_some(self, members: Iterable[Member], algorithms: Collection[str]) -> None:
        for member in members:
            self._read_one(member, self.store.chunks(member), algorithms)

    def _stream(self, member: Member, algorithms: Collection[str], crew: Crew) -> None:
        """Hand a blob of a stream to the crew, a large one while it is still being unpacked. Raises UnseenError."""
        if member.size > CHUNK:
            pipe = Pipe(self.watch)
            crew.give(partial(self._read_piped, member, pipe, algorithms))
            pipe.fill(self.store.chunks(member))
        else:
            try:
                self.collected.append((member, list(self.store.chunks(member))))
            except UnseenError as error:
                self._settle(unread(member.path, member.size, str(error)))
                raise
            self.collected_bytes += member.size
            if len(self.collected) >= JOB_BLOBS or self.collected_bytes >= JOB_BYTES:
                self._read_collected(algorithms, crew)

    @contextmanager
    def _collecting(self, algorithms: Collection[str], crew: Crew) -> Iterator[None]:
        try:
            yield
        finally:
            self._read_collected(algorithms, crew)

    def _read_collected(self, algorithms: Collection[str], crew: Crew) -> None:
        """Hand over the small blobs of a stream that were kept back to make one job of them."""
        crew.give(partial(self._read_held, self.collected, algorithms))
        self.collected, self.collected_bytes = [], 0

    def _read_piped(self, member: Member, pipe: Pipe, algorithms: Collection[str]) -> None:
        with closing(pipe):
            self._read_one(member, pipe.chunks(), algorithms)

    def _read_held(self, held: list[tuple[Member, list[bytes]]], algorithms: Collection[str]) -> None:
        for member, chunks in held:
            self._read_one(member, (chunk for chunk in chunks), algorithms)

    def _read_one(self, member: Member, chunks: Chunks, algorithms: Collection[str]) -> None:
        with closing(chunks):
            try:
                self.watch.check()
                blob = read_blob(
                    member.path,
                    chunks,
                    member.size,
                    algorithms=algorithms,
                    limits=self.limits,
                    deadline=self.watch.deadline,
                    allowance=self.allowance,
                )
            except UnseenError as error:
                blob = unread(member.path, member.size, str(error))
        self._settle(blob)

    def _settle(self, blob: Blob) -> None:
        with self.lock:
            known = self.blobs.get(blob.named)
            self.blobs[blob.named] = blob if known is None else _one_blob(known, blob)

    def _algorithms(self) -> frozenset[str]:
        """The algorithms by which diff_ids in what was read so far are digests."""
        asked = []
        for algorithm in ASKED:
            for blob in self.blobs.values():
                if blob.data is not None and _asks_for(algorithm, blob.data, self.limits):
                    asked.append(algorithm)
                    break
        return ALWAYS.union(asked)

    def _read_file(self, member: Member) -> File:
        """`oci-layout` or `index.json`."""
        if member.kind != REGULAR:
            leads_out = member.kind == LEADS_OUT
            return File(member.path, member.kind, unseen=member.problem or (_not_read(member) if leads_out else ""))
        most = self.limits.document_bytes
        data = bytearray()
        try:
            with closing(self.store.chunks(member)) as chunks:
                for chunk in chunks:
                    data += chunk
                    if len(data) > most:
                        return File(member.path, REGULAR, unseen=reached("document-bytes", most))
        except UnseenError as error:
            return File(member.path, REGULAR, unseen=str(error))
        return File(member.path, REGULAR, bytes(data))

    def _file(self, path: str) -> File:
        return self.files.get(path) or File(path, NOT_SEEN if self.unseen else MISSING, unseen=self.unseen)


def is_blob_path(path: str) -> bool:
    """Whether a path is `blobs/ALGORITHM/ENCODED`, whatever these two are."""
    return path.startswith("blobs/") and path.count("/") == BLOB_DEPTH - 1


def may_hold_blobs(path: str) -> bool:
    """Whether a path is `blobs` or `blobs/ALGORITHM`."""
    return path == "blobs" or (path.startswith("blobs/") and path.count("/") == 1)


def unread(path: str, size: int, cause: str) -> Blob:
    """A blob of which nothing is known but why."""
    return Blob(path, size, "", unseen=cause)


def _not_read(member: Member) -> str:
    return f"host: {shown(member.path)} is {member.kind}, which is not read"


def _repeated(path: str) -> str:
    return f"host: {shown(path)} is more than once in the archive, not always the same: readers take one or the other"


def _one_file(first: File, second: File) -> File:
    """What an archive holds under one name twice: one of them if they are alike, else neither."""
    return first if first == second else replace(first, data=None, unseen=first.unseen or _repeated(first.path))


def _one_blob(first: Blob, second: Blob) -> Blob:
    """The same of a blob, which is alike if its digest is; there are digests only of algorithms that are known."""
    if first.digest and (first.size, first.digest) == (second.size, second.digest):
        return first
    return unread(first.path, max(first.size, second.size), first.unseen or second.unseen or _repeated(first.path))


def _lacks(blob: Blob, algorithms: Collection[str]) -> bool:
    digests = blob.unpacked.digests if blob.unpacked else {}
    return bool(digests) and not set(algorithms) <= set(digests)


def _asks_for(algorithm: str, data: bytes, limits: LayoutLimits) -> bool:
    """Whether a document is a configuration with a diff_id of this algorithm."""
    if algorithm.encode() not in data and b"\\u" not in data:
        return False
    try:
        root = read_json(data, Limits(limits.document_bytes, limits.json_depth, limits.json_values)).root
    except DocumentError:
        return False
    rootfs = root.get("rootfs") if isinstance(root, dict) else None
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    listed = diff_ids if isinstance(diff_ids, list) else []
    return any(isinstance(one, str) and one.startswith(f"{algorithm}:") for one in listed)
