"""A layout in a directory: what its members are, and their bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_oci.targets.layout.beneath import MISSING, Beneath, ChangedError, stamp
from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR
from pytest_oci.targets.layout.members import BLOB_DEPTH, CHUNK, Member, UnseenError
from pytest_oci.targets.layout.source import KNOWN_NAMES, LayoutError, shown, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_oci.targets.layout.beneath import Found
    from pytest_oci.targets.layout.members import Chunks, Watch

MOST_DEPTH = 6
"""So deep directories are listed, although nothing of a layout lies below BLOB_DEPTH."""
MOST_INNER = 100


class Folder:
    """A directory as a store."""

    streamed = False

    def __init__(self, path: Path, watch: Watch) -> None:
        self._path = path
        self._watch = watch
        try:
            self._beneath = Beneath(path)
        except OSError as error:
            raise LayoutError(f"{shown(path)} cannot be listed: {words(error)}") from None
        self.inner: set[str] = set()

    def members(self) -> Iterator[Member]:
        """All at the top, those that make a layout first; then all below `blobs`."""
        known = {name: self._beneath.look(name) for name in sorted(KNOWN_NAMES)}
        present = [_member(name, found) for name, found in known.items() if found.kind != MISSING]
        yield from present
        try:
            for name, found in self._beneath.listed():
                if name not in KNOWN_NAMES:
                    if not present:
                        self._note_inner(name, found)
                    yield _member(name, found)
        except OSError as error:
            raise LayoutError(f"{shown(self._path)} cannot be listed: {words(error)}") from None
        if known["blobs"].kind == DIRECTORY:
            yield from self._below(_member("blobs", known["blobs"]))

    def chunks(self, member: Member) -> Chunks:
        """The bytes of a member; all of them are those of one file that did not change meanwhile."""
        found = member.place
        assert not isinstance(found, int)
        assert found is not None
        try:
            descriptor = self._beneath.open(found.path, found.stamp)
            try:
                left = member.size
                while data := os.read(descriptor, CHUNK):
                    left -= len(data)
                    if left < 0:
                        raise ChangedError
                    self._watch.count(len(data))
                    yield data
                if left or stamp(os.fstat(descriptor)) != found.stamp:
                    raise ChangedError
            finally:
                os.close(descriptor)
            if not self._beneath.still(found.path, found.stamp):
                raise ChangedError
        except ChangedError:
            raise UnseenError(f"host: {shown(member.path)} changed while it was read") from None
        except OSError as error:
            raise UnseenError(f"host: {shown(member.path)} cannot be read: {words(error)}") from None

    def check(self) -> None:
        """Each file is checked by itself."""

    def close(self) -> None:
        """Close the directory."""
        self._beneath.close()

    def _below(self, above: Member, depth: int = 2) -> Iterator[Member]:
        """What is listed in a directory, and in those in it; links are followed where a layout has directories."""
        self._watch.check()
        assert not isinstance(above.place, int)
        assert above.place is not None
        inner = []
        try:
            for name, found in self._beneath.listed(above.place.path):
                member = _member(f"{above.path}/{name}", found)
                linked = found.path != f"{above.place.path}/{name}"
                if member.kind == DIRECTORY and (depth < BLOB_DEPTH or not linked):
                    inner.append(member)
                yield member
        except OSError as error:
            yield Member(above.path, DIRECTORY, problem=f"host: {shown(above.path)} cannot be listed: {words(error)}")
        for member in inner:
            if depth < MOST_DEPTH:
                yield from self._below(member, depth + 1)
            else:
                problem = f"host: {shown(member.path)} lies deeper than directories are listed here"
                yield Member(member.path, DIRECTORY, problem=problem)

    def _note_inner(self, name: str, found: Found) -> None:
        if found.kind == DIRECTORY and found.path == name and len(self.inner) < MOST_INNER:
            names = ("oci-layout", "index.json")
            if any(self._beneath.look(f"{name}/{inner}").kind == REGULAR for inner in names):
                self.inner.add(name)


def _member(path: str, found: Found) -> Member:
    problem = f"host: {shown(path)}: {found.problem}" if found.problem else ""
    size = found.size if found.kind == REGULAR else 0
    return Member(found.path if found.path == path else path, found.kind, size, problem, found)
