"""The clauses about the form of documents agree with the models and schemas, on documents that Hypothesis makes up."""

from __future__ import annotations

import contextlib
import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from faults import one_document
from generating import documents, fuzzed, validator
from hypothesis import given
from hypothesis import strategies as st
from layout_tests import facts, judged
from pydantic import ValidationError
from pytest_oci.fixtures.image.edits import as_bytes, content
from pytest_oci.fixtures.image.shapes import shape

from pytest_oci.documents import DOCUMENTS
from pytest_oci.documents.exact import Document, DocumentError, LimitError, plain, read_json
from pytest_oci.status import Status
from pytest_oci.targets.layout.tree import grow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.image.drafts import LayoutDraft

    from pytest_oci.targets.layout.facts import Layout

PLACES = {"index": ("", "3"), "manifest": ("0", "4"), "image-config": ("0/config",), "oci-layout": ("oci-layout",)}
"""Where `full` has documents of each kind."""
FORMS = [
    "*.required",
    "*.rfc6838",
    "*-rfc6838",
    "*.rfc3986",
    "*.grammar",
    "*.encoded-form",
    "*.no-upper-case",
    "*.base64",
    "*.env.format",
    "*.json-object",
    "*.is-image-index",
    "*.is-2",
    "*.is-layers",
    "*.media-type.value",
    "*.image-layout-version",
    "*.optional.types",
    "annotations.map.*",
    "annotations.value.*",
    "annotations.none.*",
    "*.annotation-rules",
    "*.items-are-descriptors",
    "*.present-may-be-empty",
    "*.set-if-empty-config",
]
"""The clauses that a single document keeps or breaks by its form; the calendar is none."""
PLATFORM = {"os.version", "os.features", "variant", "features"}
"""The OPTIONAL members of a platform, whose types no clause binds."""
BROKEN = {Status.FAIL, Status.ADVICE}


def broken(tree: LayoutDraft) -> dict[str, str]:
    """The clauses that a layout breaks, advice included, and how."""
    layout = facts(tree)
    assert layout is not None
    return {clause: str(end) for test, status, end in judged(layout) if status in BROKEN for clause in test.clauses}


@fuzzed(25)
@given(data=st.data())
def test_what_the_models_take_has_the_right_form(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(PLACES)))
    place = data.draw(st.sampled_from(PLACES[kind]))
    document = data.draw(documents(kind))
    text = json.dumps(document, separators=(",", ":")).encode()

    found = broken(content(place, as_bytes(text))(shape("full")))

    assert wrong_forms(found) == {}


@fuzzed(50)
@given(edit=one_document(shape("full")))
def test_a_fault_is_seen_by_models_and_clauses_alike(edit: Any) -> None:
    """What the schemas refuse breaks a clause; what breaks a clause about forms is refused by the models."""
    tree = edit(shape("full"))
    layout = facts(tree)
    assert layout is not None

    documents = list(contents(layout))
    invalid = [error for kind, document in documents for error in errors(kind, plain(document.root))]
    refused = [kind for kind, document in documents if document.duplicates or not taken(kind, plain(document.root))]
    found = broken(tree)

    assert any(not clause.startswith("considerations.") for clause in found) or not invalid
    assert refused or wrong_forms(found) == {}


def errors(kind: str, root: Any) -> Iterator[list[str | int]]:
    """Where the schema refuses a value tree; what is OPTIONAL in a platform is bound by no clause."""
    for error in validator(kind).iter_errors(root):
        if not PLATFORM.intersection(error.absolute_path):
            yield list(error.absolute_path)


def wrong_forms(found: dict[str, str]) -> dict[str, str]:
    """Of clauses that are broken those about forms; values of annotations have none, though one of them is a digest."""
    return {
        clause: how
        for clause, how in found.items()
        if any(fnmatchcase(clause, form) for form in FORMS) and "image.base.digest" not in how
    }


def taken(kind: str, root: Any) -> bool:
    """Whether the model of this kind takes a value tree."""
    try:
        DOCUMENTS[kind].model().model_validate(root)
    except ValidationError:
        return False
    return True


def contents(layout: Layout) -> Iterator[tuple[str, Document]]:
    """Every document that is judged, with its kind; null in the place of what is no JSON."""
    with contextlib.suppress(LimitError):
        yield "oci-layout", _read(layout.oci_layout.data or b"")
    for part in grow(layout).parts:
        texts = [(type(part).__name__.lower(), part.text), ("image-config", getattr(part, "config_text", None))]
        for kind, text in texts:
            if text is not None and not text.unseen:
                yield kind, text.document or Document(None)


def _read(data: bytes) -> Document:
    try:
        return read_json(data)
    except LimitError:
        raise
    except DocumentError:
        return Document(None)
