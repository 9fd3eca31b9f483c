"""Documents with properties that nobody knows (considerations.md, Extensibility)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import documents

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("considerations.unknown-property.no-error", "considerations.unknown-property.ignored-1-0")
def test_unknown_properties_are_no_error(convert: Convert) -> None:
    """In oci-layout, index.json, the manifest and descriptors."""
    expect_file(convert.tree(documents.UNKNOWN_PROPERTIES), documents.MARKER, "here")
