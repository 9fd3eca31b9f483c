"""Rules about the files of a layout (image-layout.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import digests
from pytest_oci.conformance.image.judged import Unseen, at
from pytest_oci.conformance.image.members import describe, is_there, member
from pytest_oci.conformance.image.parts import is_another_document
from pytest_oci.fixtures.layout_target import NO_INDEX

from pytest_oci.documents.exact import Document, DocumentError, LimitError, read_json
from pytest_oci.documents.findings import Finding
from pytest_oci.targets.layout.beneath import LEADS_OUT
from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.facts import File, Layout
    from pytest_oci.targets.layout.tree import Object, Tree

BLOBS = "blobs"
VERSION = "1.0.0"
VERSION_MEMBER = "imageLayoutVersion"
NO_FILE = "image-layout.oci-layout.exists"
NO_OBJECT = "image-layout.oci-layout.json-object"


def blobs_exist(layout: Layout) -> Iterator[Seen]:
    """No directory `blobs`. In an archive one that holds something needs no entry of its own.

    Whether there is one behind a symbolic link that leads out of the layout is not looked at.
    """
    kind = next((entry.kind for entry in layout.entries if entry.path == BLOBS), None)
    if kind is None and any(entry.path.startswith(f"{BLOBS}/") for entry in layout.entries):
        return
    if kind is None and layout.unseen:
        yield Unseen(layout.unseen, BLOBS)
    elif kind == LEADS_OUT:
        yield Unseen(f"host: {BLOBS} is {LEADS_OUT}, which is not read")
    elif kind != DIRECTORY:
        yield Finding(BLOBS, kind or "absent", "a directory, which may be empty")


def oci_layout_exists(layout: Layout) -> Iterator[Seen]:
    """No regular file `oci-layout`."""
    return _exists(layout.oci_layout, layout)


def index_exists(layout: Layout) -> Iterator[Seen]:
    """No regular file `index.json`."""
    return _exists(layout.index, layout)


def _exists(file: File, layout: Layout) -> Iterator[Seen]:
    if file.kind != REGULAR:
        absent = all(entry.path != file.path for entry in layout.entries)
        if absent and layout.unseen:
            yield Unseen(layout.unseen, file.path)
        elif file.kind == LEADS_OUT:
            yield Unseen(file.unseen, file.path)
        else:
            yield Finding(file.path, "absent" if absent else file.kind, "a regular file")


def oci_layout_is_object(layout: Layout) -> Iterator[Seen]:
    """An `oci-layout` that is no JSON text, or no object."""
    read = read_oci_layout(layout)
    if isinstance(read, Document):
        yield from _no_object(layout.oci_layout.path, read)
    else:
        yield read


def version_present(layout: Layout) -> Iterator[Seen]:
    """An `oci-layout` whose version is absent or null."""
    marker = _marker(layout)
    if isinstance(marker, Unseen):
        yield marker
    elif not is_there(value := member(marker, VERSION_MEMBER)):
        yield Finding(_version_place(layout), describe(value), f"a version, such as {VERSION}")


def version_value(layout: Layout) -> Iterator[Seen]:
    """A version that is not the only one there is."""
    marker = _marker(layout)
    if isinstance(marker, Unseen):
        yield marker
    elif is_there(value := member(marker, VERSION_MEMBER)) and value != VERSION:
        yield Finding(_version_place(layout), describe(value), f"the string {VERSION}")


def index_is_image_index(layout: Layout, tree: Tree) -> Iterator[Seen]:
    """An index.json that is no JSON text, no object, or plainly another document than an index."""
    text = tree.indexes[0].text
    if text.unseen:
        yield Unseen(text.unseen, text.path)
    elif layout.index.kind != REGULAR:
        yield Unseen(f"depends-on: {NO_INDEX}", text.path)
    elif text.document is None:
        yield Finding(text.path, f"no JSON text: {text.problem}", "an image index, a JSON object")
    else:
        yield from _no_object(text.path, text.document)
        if text.root is not None and is_another_document(text.root):
            yield Finding(text.path, "another document: it has no manifests, and is a manifest", "an image index")


def contents_match_names(layout: Layout) -> Iterator[Seen]:
    """Blobs whose content has another digest than their path says, of algorithms that are known here."""
    for blob in layout.blobs.values():
        if not _is_known(blob.named):
            continue
        if blob.unseen:
            yield Unseen(blob.unseen, blob.path)
        elif blob.digest != blob.named:
            yield Finding(blob.path, f"content with the digest {blob.digest}", f"content with the digest {blob.named}")
    for entry in layout.entries:
        parts = entry.path.split("/")
        name = ":".join(parts[1:])
        if len(parts) == 3 and parts[0] == BLOBS and name not in layout.blobs and _is_known(name):
            yield Unseen(f"product: {entry.path} is {entry.kind}, whose content is not read")


def _is_known(name: str) -> bool:
    """Whether a blob has the name of a digest that can be computed here."""
    digest = digests.parse(name)
    return digest is not None and digest.registered and digest.well_formed


def names_follow_grammar(layout: Layout) -> Iterator[Finding]:
    """Directories in `blobs` that are not named as an algorithm, and files in those not as its encoded portions."""
    for entry in layout.entries:
        parts = entry.path.split("/")
        if parts[0] != BLOBS:
            continue
        if len(parts) == 2 and entry.kind == DIRECTORY and not digests.is_algorithm(parts[1]):
            expected = "named after an algorithm, as [a-z0-9]+([+._-][a-z0-9]+)*"
            yield Finding(entry.path, f"a directory named {describe(parts[1])}", expected)
        if len(parts) == 3 and entry.kind == REGULAR:
            yield from _name_of_blob(entry.path, parts[1], parts[2])


def _name_of_blob(path: str, algorithm: str, name: str) -> Iterator[Finding]:
    if not digests.is_encoded(name):
        yield Finding(path, f"a file named {describe(name)}", "named by an encoded digest, as [a-zA-Z0-9=_-]+")
    elif not digests.is_encoded_form(algorithm, name):
        actual = f"a file named {describe(name)}, of {len(name)} characters"
        yield Finding(path, actual, f"named by {digests.HEX_DIGITS[algorithm]} lower-case hexadecimal digits")


def read_oci_layout(layout: Layout) -> Document | Finding | Unseen:
    """The document in `oci-layout`, or what is to be said instead."""
    file = layout.oci_layout
    if file.unseen:
        return Unseen(file.unseen, file.path)
    if file.kind != REGULAR:
        return Unseen(f"depends-on: {NO_FILE}", file.path)
    if file.data is None:
        return Unseen(f"host: {file.path} was not read", file.path)
    try:
        return read_json(file.data)
    except LimitError as error:
        return Unseen(f"limit: {file.path}, {error}", file.path)
    except DocumentError as error:
        return Finding(file.path, f"no JSON text: {error}", "a JSON object")


def _marker(layout: Layout) -> Object | Unseen:
    """The object in `oci-layout`, or why it cannot be judged."""
    read = read_oci_layout(layout)
    if isinstance(read, Document) and isinstance(read.root, dict):
        return read.root
    return read if isinstance(read, Unseen) else Unseen(f"depends-on: {NO_OBJECT}", layout.oci_layout.path)


def _version_place(layout: Layout) -> str:
    return at(layout.oci_layout.path, f"/{VERSION_MEMBER}")


def _no_object(path: str, document: Document) -> Iterator[Finding]:
    if not isinstance(document.root, dict):
        yield Finding(path, describe(document.root), "a JSON object")
    elif document.byte_order_mark:
        yield Finding(path, "a JSON object behind a byte order mark", "a JSON object and nothing else (RFC 8259)")
