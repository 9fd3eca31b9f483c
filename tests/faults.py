"""Faults that Hypothesis puts into layouts: in documents, descriptors, blobs, archives and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generating import VALUES
from hypothesis import strategies as st
from pytest_oci.fixtures.image import edits
from pytest_oci.fixtures.image.contents import CONFIG, EMPTY, INDEX, LAYER, MANIFEST, Literal, Members, written
from pytest_oci.fixtures.image.drafts import DocumentDraft, IndexDraft, LayerDraft, LinkDraft, ManifestDraft, draft_at
from pytest_oci.fixtures.image.files import Directory, Fifo, Symlink
from pytest_oci.fixtures.image.rendering import digest_at
from pytest_oci.fixtures.image.shapes import SHAPES, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_oci.fixtures.image.drafts import BytesEdit, Draft, LayoutDraft
    from pytest_oci.fixtures.image.edits import LayoutEdit

SMALL = sorted(set(SHAPES) - {"large-manifest", "many-entries"})
BLOCK = 512
"""Bytes of a tar header."""
CHECKSUM = slice(148, 156)
"""Where its checksum stands."""

ODD = [
    *("1.0", "2.0", "1e3", "-0", "-1", "9223372036854775808", "1e400", "1" * 5000, "0.1e-400"),
    *('"\\ud800"', '"\\u0000"', '"sha256:"', '"a/b\\n"', '""', '"../../etc"', f'"{"x" * 5000}"'),
    *("[" * depth + "]" * depth for depth in (300, 600)),
    *('{"":' * depth + "1" + "}" * depth for depth in (300, 600)),
    '{"a":1,"a":2}',
]
"""Values by how they are written."""
WORDS = ["linux", "amd64", "", "v7", "windows", "layers", "com.example.x", "2024-02-29T00:00:00Z", "A=b", "a/b", "e30="]
MEDIA_TYPES = [
    INDEX,
    MANIFEST,
    CONFIG,
    EMPTY,
    LAYER,
    f"{LAYER}+gzip",
    f"{LAYER}+zstd",
    "application/vnd.example",
    "x/y",
]

SCALARS = VALUES | st.sampled_from(ODD).map(Literal) | st.sampled_from([*WORDS, *MEDIA_TYPES])
NUMBERS = st.integers(0, 2**20)
"""Taken modulo the number of places that there are."""


def places(tree: LayoutDraft) -> dict[str, Draft]:
    """Everything in a layout that has a content of its own."""
    found: dict[str, Draft] = {"oci-layout": tree.marker}
    pending: list[tuple[str, Draft]] = [("", tree.index)]
    while pending:
        place, draft = pending.pop()
        found[place] = draft
        before = f"{place}/" if place else ""
        inner: list[tuple[str, Draft | None]] = []
        if isinstance(draft, IndexDraft):
            inner = [(str(number), entry) for number, entry in enumerate(draft.entries)]
        elif isinstance(draft, ManifestDraft):
            inner = [("config", draft.config), *((f"layers/{n}", layer) for n, layer in enumerate(draft.layers))]
        if isinstance(draft, (IndexDraft, ManifestDraft)):
            inner.append(("subject", draft.subject))
        pending += [(before + name, one) for name, one in inner if one is not None and not isinstance(one, LinkDraft)]
    return found


@st.composite
def faulty(draw: st.DrawFn, most: int = 2) -> LayoutDraft:
    """A small valid layout with up to so many faults."""
    tree = shape(draw(st.sampled_from(SMALL)))
    for _ in range(draw(st.integers(1, most))):
        tree = draw(faults(tree))(tree)
    return tree


def faults(tree: LayoutDraft) -> st.SearchStrategy[LayoutEdit]:
    """Edits of this layout."""
    found = places(tree)
    documents = [place for place, draft in found.items() if isinstance(draft, DocumentDraft)]
    layers = [place for place, draft in found.items() if isinstance(draft, LayerDraft)]
    described = [place for place in found if place not in ("", "oci-layout")]
    kinds = [
        st.builds(edits.content, st.sampled_from(documents), json_faults()),
        st.builds(edits.content, st.sampled_from(documents), bytes_faults()),
        st.builds(edits.content, st.sampled_from(documents), st.builds(edits.as_bytes, st.binary(max_size=20))),
        st.builds(edits.files, st.builds(_file_fault, NUMBERS, st.sampled_from(FILE_FAULTS))),
    ]
    if described:
        kinds += [
            st.builds(edits.descriptor, st.sampled_from(described), object_faults()),
            st.builds(edits.stored, st.sampled_from(described), bytes_faults()),
            st.builds(_misled, st.sampled_from(described), st.sampled_from(described)),
        ]
    if layers:
        kinds += [
            st.builds(edits.archive, st.sampled_from(layers), tar_faults() | bytes_faults()),
            st.builds(edits.content, st.sampled_from(layers), bytes_faults()),
        ]
    return st.one_of(*kinds)


def one_document(tree: LayoutDraft) -> st.SearchStrategy[LayoutEdit]:
    """Edits of one document of this layout, in its JSON alone; what is above it follows."""
    documents = [place for place, draft in places(tree).items() if isinstance(draft, DocumentDraft)]
    return st.builds(edits.content, st.sampled_from(documents), json_faults())


def _misled(place: str, other: str) -> LayoutEdit:
    """The descriptor of one content leads to another."""

    def edit(tree: LayoutDraft) -> LayoutDraft:
        if isinstance(draft_at(tree, other), LinkDraft):
            return tree
        return edits.descriptor(place, edits.having("/digest", digest_at(tree, other)))(tree)

    return edit


def json_faults() -> st.SearchStrategy[BytesEdit]:
    """One place of a document gets another value or name, goes, or stands there twice."""
    return st.builds(
        _json_fault, NUMBERS, st.sampled_from(["set", "add", "remove", "repeat", "rename", "copy"]), SCALARS, NUMBERS
    )


def _json_fault(number: int, kind: str, value: Any, other: int) -> BytesEdit:
    def edit(data: bytes) -> bytes:
        try:
            box = [json.loads(data)]
            change(box, number, kind, value, other)
            return written(box[0]) if box else b""
        except (ValueError, RecursionError):
            return data  # an edit before this one has broken it

    return edit


def object_faults() -> st.SearchStrategy[Callable[[Any], None]]:
    """The same for an object that is edited in place."""
    kinds = st.sampled_from(["set", "add", "remove", "copy"])
    return st.builds(
        lambda number, kind, value, other: lambda found: change(found, number, kind, value, other),
        NUMBERS,
        kinds,
        SCALARS,
        NUMBERS,
    )


def change(root: Any, number: int, kind: str, value: Any, other: int) -> None:
    """Change one place of a value tree."""
    found = list(_places(root))
    if not found:
        return
    container, place = found[number % len(found)]
    if kind == "remove":
        del container[place]
    elif kind == "copy":
        source, at = found[other % len(found)]
        container[place] = json.loads(json.dumps(source[at]))
    elif kind == "set" or not isinstance(container[place], dict):
        container[place] = value
    elif kind == "add":
        container[place]["added"] = value
    elif container[place]:
        pairs = list(container[place].items())
        name, old = pairs[other % len(pairs)]
        if kind == "rename":
            pairs.remove((name, old))
            pairs.append((name.swapcase(), old))
        else:
            pairs.append((name, value))
        container[place] = Members(tuple(pairs))


def _places(root: Any) -> Iterator[tuple[Any, Any]]:
    pending = [root]
    while pending:
        container = pending.pop(0)
        for place in container if isinstance(container, dict) else range(len(container)):
            yield container, place
            if isinstance(container[place], (dict, list)):
                pending.append(container[place])


def bytes_faults() -> st.SearchStrategy[BytesEdit]:
    """Bytes change, go, or come in between."""
    kinds = st.sampled_from(["flip", "cut", "insert", "remove", "repeat", "zeros", "append"])
    return st.builds(_bytes_fault, NUMBERS, kinds, st.integers(1, 600), st.binary(min_size=1, max_size=4))


def _bytes_fault(number: int, kind: str, length: int, filling: bytes) -> BytesEdit:
    def edit(data: bytes) -> bytes:
        start = number % (len(data) + 1)
        before, here, after = data[:start], data[start : start + length], data[start + length :]
        if kind == "flip":
            return before + bytes([here[0] ^ filling[0]]) + here[1:] + after if here else data
        return {
            "cut": before,
            "insert": before + filling + here + after,
            "remove": before + after,
            "repeat": before + here + here + after,
            "zeros": before + bytes(len(here)) + after,
            "append": data + filling,
        }[kind]

    return edit


def tar_faults() -> st.SearchStrategy[BytesEdit]:
    """A header of an archive with other bytes, and the checksum that they have."""
    offsets = st.integers(0, BLOCK - 1) | st.sampled_from([0, 100, 124, 125, 135, 156, 157, 257, 263, 345, 386, 482])
    fillings = st.binary(min_size=1, max_size=12) | st.sampled_from(
        [
            b"\x80",
            b"\xff" * 12,
            b"77777777777\0",
            b"00000000000\0",
            b"x",
            b"g",
            b"L",
            b"K",
            b"S",
            b"1",
            b"5",
            b"3",
            b"-1",
        ]
    )
    return st.builds(_tar_fault, NUMBERS, offsets, fillings)


def _tar_fault(number: int, offset: int, filling: bytes) -> BytesEdit:
    def edit(data: bytes) -> bytes:
        blocks = len(data) // BLOCK
        if not blocks:
            return data
        start = number % blocks * BLOCK
        header = bytearray(data[start : start + BLOCK])
        header[offset : offset + len(filling)] = filling
        header = header[:BLOCK]
        header[CHECKSUM] = b" " * 8
        header[CHECKSUM] = b"%06o\0 " % sum(header)
        return data[:start] + bytes(header) + data[start + BLOCK :]

    return edit


FILE_FAULTS = ["remove", "directory", "fifo", "link-out", "link-nowhere", "rename", "double", "empty", "below"]


def _file_fault(number: int, kind: str) -> Callable[[Any], Any]:
    def rearrange(found: dict[str, Any]) -> dict[str, Any]:
        names = sorted(found)
        name = names[number % len(names)]
        what = found[name]
        rest = edits.without(found, name)
        return {
            "remove": rest,
            "directory": {**rest, name: Directory()},
            "fifo": {**rest, name: Fifo()},
            "link-out": {**rest, name: Symlink("/etc/hostname")},
            "link-nowhere": {**rest, name: Symlink(name.rpartition("/")[2])},
            "rename": {**rest, f"{name.swapcase()}.tmp": what},
            "double": {**found, f"{name}é": what},
            "empty": {**rest, name: b""},
            "below": {**rest, f"{name}/x": b"x"},
        }[kind]

    return rearrange
