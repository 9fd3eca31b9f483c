"""Annotations that nobody knows (annotations.md, Rules)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import documents

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("annotations.unknown-key.no-error")
def test_unknown_keys_are_no_error(convert: Convert) -> None:
    """On index.json, descriptors, the manifest, and as labels."""
    expect_file(convert.tree(documents.UNKNOWN_KEYS), documents.MARKER, "here")
