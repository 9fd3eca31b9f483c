"""Rules about the text of a configuration (glossary.md, JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.documents.exact import Document


def names_not_repeated(document: Document) -> list[Finding]:
    """Members with a name that another member of the same object has; a hundred at most."""
    return [
        Finding(pointer, "a further member of this name", "the only member of this name in its object")
        for pointer in document.duplicates
    ]
