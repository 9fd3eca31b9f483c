"""Rules about the form of every document: that it is a JSON object, and that it repeats no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import describe
from pytest_oci.fixtures.document_target import read

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.documents.exact import Document
    from pytest_oci.targets.document import DocumentFile


def not_an_object(file: DocumentFile, expected: str) -> list[Finding]:
    """A file that holds no JSON, or another value than an object."""
    document = read(file)
    if document is None:
        return [Finding("", f"no JSON text ({file.problem})", expected)]
    return [] if isinstance(document.root, dict) else [Finding("", describe(document.root), expected)]


def repetitions(document: Document) -> list[Finding]:
    """Names that stand more than once in one object of a document."""
    return [Finding(pointer, "there once more", "there once") for pointer in document.duplicates]
