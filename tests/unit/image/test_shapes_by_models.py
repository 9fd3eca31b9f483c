"""The valid shapes of layouts hold nothing but documents that models and schemas take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from generating import validator
from pytest_oci.fixtures.image.contents import CONFIG, INDEX, MANIFEST, blob_path
from pytest_oci.fixtures.image.rendering import INDEX_FILE, MARKER_FILE, render
from pytest_oci.fixtures.image.shapes import SHAPES, shape

from pytest_oci.documents import DOCUMENTS
from pytest_oci.documents.exact import plain, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.image.files import Files

KINDS = {INDEX: "index", MANIFEST: "manifest", CONFIG: "image-config"}


def documents_of(files: Files) -> Iterator[tuple[str, str]]:
    """Every document of a valid layout that a descriptor leads to, by kind and path, and its descriptors."""
    yield "oci-layout", MARKER_FILE
    pending = [("index", INDEX_FILE)]
    seen = set(pending)
    while pending:
        kind, path = pending.pop()
        yield kind, path
        document = json.loads(content(files, path))
        found = [
            document.get("config"),
            document.get("subject"),
            *document.get("manifests", ()),
            *document.get("layers", ()),
        ]
        for descriptor in found if kind != "image-config" else ():
            below = descriptor and (KINDS.get(descriptor["mediaType"], ""), blob_path(descriptor["digest"]))
            if below and below[0] and below[1] in files and below not in seen:
                seen.add(below)
                pending.append(below)


def content(files: Files, path: str) -> bytes:
    found = files[path]
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_documents_of_a_valid_shape_are_taken(name: str) -> None:
    files = render(shape(name))
    found = list(documents_of(files))

    assert {"oci-layout", "index"} <= {kind for kind, _ in found}
    for kind, path in found:
        root: Any = plain(read_json(content(files, path)).root)
        validator(kind).validate(root)
        DOCUMENTS[kind].model().model_validate(root)
