"""The rule that a document is a JSON object at all, for the one clause of its kind that fails otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import describe
from pytest_oci.fixtures.document_target import read

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.targets.document import DocumentFile


def not_an_object(file: DocumentFile, expected: str) -> list[Finding]:
    """A file that holds no JSON, or another value than an object."""
    document = read(file)
    if document is None:
        return [Finding("", f"no JSON text ({file.problem})", expected)]
    return [] if isinstance(document.root, dict) else [Finding("", describe(document.root), expected)]
