"""glossary.md, "JSON", on what a runtime emitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.document_form import repetitions
from pytest_oci.fixtures.document_target import FEATURES_FORM, read

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.targets.document import DocumentFile

pytestmark = pytest.mark.document


@clause("glossary.json.no-duplicate-names.emitted")
def test_state_repeats_no_name(state_file: DocumentFile) -> None:
    """In no object of a state."""
    _expect_no_repetition(state_file, "runtime.state.json-schema")


@clause("glossary.json.no-duplicate-names.emitted")
def test_features_repeat_no_name(features_file: DocumentFile) -> None:
    """In no object of a features document."""
    _expect_no_repetition(features_file, FEATURES_FORM)


def _expect_no_repetition(file: DocumentFile, form: str) -> None:
    document = read(file)
    if document is None:
        not_testable(f"depends-on: {form}", str(file.problem))
    expect(repetitions(document), "names that stand twice in one object").is_empty()
