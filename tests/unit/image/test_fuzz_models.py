"""Models and schemas on documents that Hypothesis makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from generating import VALUES, documents, fuzzed, validator
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pytest_oci.documents import DOCUMENTS
from pytest_oci.documents.exact import plain, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = [kind for kind, document in DOCUMENTS.items() if document.spec != "runtime"]


@pytest.mark.parametrize("kind", KINDS)
@fuzzed(6)
@given(data=st.data())
def test_a_document_is_read_as_the_model_writes_it(kind: str, data: st.DataObject) -> None:
    model = DOCUMENTS[kind].model()
    document = data.draw(documents(kind))

    held = model.model_validate(document)
    read = read_json(held.model_dump_json(by_alias=True, exclude_unset=True).encode())

    assert (read.duplicates, read.lone_surrogates) == ((), ())
    assert plain(read.root) == document
    assert model.model_validate(plain(read.root)) == held


@pytest.mark.parametrize("kind", KINDS)
@fuzzed(10)
@given(data=st.data())
def test_model_and_schema_agree_on_a_document_with_another_value_somewhere(kind: str, data: st.DataObject) -> None:
    document = data.draw(documents(kind))
    container, place = data.draw(st.sampled_from(list(places(document))))
    container[place] = data.draw(VALUES)

    try:
        DOCUMENTS[kind].model().model_validate(document)
    except ValidationError:
        taken = False
    else:
        taken = True

    assert taken is validator(kind).is_valid(document)


def places(document: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Every container in a document with each of its places."""
    pending: list[Any] = [document]
    while pending:
        container = pending.pop()
        for place in container if isinstance(container, dict) else range(len(container)):
            yield container, place
            if isinstance(container[place], (dict, list)):
                pending.append(container[place])
