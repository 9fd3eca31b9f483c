"""runtime.md, "State": a state by itself. What only its runtime can show is judged in test_state.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.document_form import not_an_object
from pytest_oci.conformance.runtime.runtime import rules_state as rules
from pytest_oci.fixtures.document_target import read

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.documents.findings import Finding
    from pytest_oci.targets.document import DocumentFile

pytestmark = pytest.mark.document

EXPECTED = "a JSON object, the state of a container"


@clause("runtime.state.oci-version")
def test_version_is_there(state: Object) -> None:
    """There is a string ociVersion."""
    expect(rules.says(state, "ociVersion"), "faults").is_empty()


@clause("runtime.state.id")
def test_id_is_there(state: Object) -> None:
    """There is a string id."""
    expect(rules.has_id(state), "faults").is_empty()


@clause("runtime.state.status")
def test_status_is_there(state: Object) -> None:
    """There is a string status."""
    expect(rules.says(state, "status"), "faults").is_empty()


@clause("runtime.state.pid")
def test_pid_is_there_where_it_is_due(state: Object) -> None:
    """A container that is created or running has a pid."""
    expect(rules.pid_where_due(state), "faults").is_empty()


@clause("runtime.state.bundle")
def test_bundle_is_an_absolute_path(state: Object) -> None:
    """There is an absolute path bundle."""
    expect(rules.bundle_is_absolute(state), "faults").is_empty()


@clause("runtime.state.json-schema")
def test_state_has_the_form_that_the_schema_asks_for(state_file: DocumentFile) -> None:
    """An object with names and types as the schema has them."""
    expect(_form_faults(state_file, least_pid=0), "faults").is_empty()


@clause("runtime.state.json-schema-1-0")
def test_state_has_the_form_of_the_example(state_file: DocumentFile) -> None:
    """In 1.0: an object with names and types as the example has them."""
    expect(_form_faults(state_file, least_pid=None), "faults").is_empty()


def _form_faults(file: DocumentFile, least_pid: int | None) -> list[Finding]:
    document = read(file)
    if document is None or not isinstance(document.root, dict):
        return not_an_object(file, EXPECTED)
    return rules.form_faults(document.root, least_pid=least_pid)
