"""Layouts with things that their readers do not know (image-layout.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import documents

from pytest_oci import Violation, clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("image-layout.index.unknown-media-type-no-error", "image-layout.index.unknown-media-type-no-error-1-0")
def test_unknown_media_type_is_no_error(convert: Convert) -> None:
    """The image behind an entry of another media type is unpacked."""
    expect_file(convert.tree(documents.LAYOUT_WITH_UNKNOWN), documents.MARKER, "here")


@clause("image-layout.blobs.opaque")
def test_other_blobs_are_opaque(convert: Convert) -> None:
    """Blobs that are no JSON and no archives do not keep an image beside them from being unpacked."""
    expect_file(convert.tree(documents.OPAQUE_BLOBS), documents.MARKER, "here")


@clause("annotations.ref-name.only-index-json", "image-layout.index.ref-name-only-here")
@pytest.mark.parametrize("name", documents.NAMED_ELSEWHERE)
def test_names_count_in_index_json_only(convert: Convert, name: str) -> None:
    """A name in a nested index, or in a manifest, is nobody's."""
    if convert.attempt(documents.NAMED_ELSEWHERE[name]).trouble is None:
        raise Violation(f"no image to be called {name}", "one is unpacked")
