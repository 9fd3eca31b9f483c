"""Images that are asked for out of an index (image-index.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import documents
from pytest_oci.fixtures.conversion.control import CONTROL
from pytest_oci.fixtures.conversion.convert import whole_tree
from pytest_oci.fixtures.conversion.stimulus import HERE

from pytest_oci import Violation, clause, not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("image-index.consumer.processes-index")
def test_image_for_the_platform_is_chosen(convert: Convert) -> None:
    """Of two platforms the host's, which comes second."""
    expect_file(convert.tree(documents.TWO_PLATFORMS), documents.MARKER, "here")


@clause("image-index.manifests.image-manifest-supported")
def test_image_manifest_is_supported(convert: Convert) -> None:
    """As an entry of index.json, which is an index."""
    expect_file(convert.tree(CONTROL), documents.MARKER, "layer\n")


@clause("image-index.manifests.nested-index-supported")
@pytest.mark.parametrize("depth", documents.NESTED)
def test_nested_index_is_supported(convert: Convert, depth: str) -> None:
    """Each index has one entry, the last one the image."""
    expect_file(convert.tree(documents.NESTED[depth]), documents.MARKER, "here")


@clause("image-index.manifests.unknown-media-type-no-error", "image-index.manifests.unknown-media-type-no-error-1-0")
@pytest.mark.parametrize("entry", documents.UNKNOWN_ENTRY)
def test_unknown_entry_is_no_error(convert: Convert, entry: str) -> None:
    """The image that stands beside it is unpacked, as it is beside the image for another platform."""
    seen = convert.attempt(documents.UNKNOWN_ENTRY[entry])
    if seen.trouble is None:
        return
    if not convert.accepts(documents.TWO_PLATFORMS):
        not_testable(f"depends-on: {documents.PROCESSES}", seen.trouble.text)
    raise Violation("the image beside an entry of unknown media type to be unpacked", seen.trouble.text)


@clause("image-index.platform.goarch-understood")
@pytest.mark.parametrize("architecture", documents.GOARCHES)
def test_architectures_are_understood(convert: Convert, architecture: str) -> None:
    """The image for the architecture that was asked for is unpacked, or for the host's."""
    if architecture != HERE["architecture"] and not convert.asks_platform:
        not_applicable("the command has no field {platform}")
    seen = convert.attempt(documents.of_architecture(architecture))
    if seen.trouble is not None:
        if not convert.accepts(documents.TWO_PLATFORMS):
            not_testable(f"depends-on: {documents.PROCESSES}", seen.trouble.text)
        raise Violation(f"the image for {architecture} to be unpacked", seen.trouble.text)
    expect_file(whole_tree(seen), documents.MARKER, architecture)


@clause("image-index.platform.first-match-used")
def test_first_match_is_used(convert: Convert) -> None:
    """Of two images for the host."""
    expect_file(convert.tree(documents.FIRST_MATCH), documents.MARKER, "first")
