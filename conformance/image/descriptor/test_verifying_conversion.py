"""Contents that are not what their descriptors say (descriptor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file, listing
from pytest_oci.fixtures.conversion import documents
from pytest_oci.fixtures.conversion.convert import configuration, process_of, whole_tree

from pytest_oci import Violation, clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("descriptor.digest.content-verified", "descriptor.verify.before-consuming")
@pytest.mark.parametrize("part", documents.ALTERED)
def test_altered_content_is_found_out(convert: Convert, part: str) -> None:
    """Of the right size and form, so that nothing but the digest tells."""
    if convert.attempt(documents.ALTERED[part]).trouble is None:
        raise Violation(f"a {part} that is not that of its digest not to be used", "it is used without an error")


@clause("descriptor.sha256.verification-implemented")
def test_some_alteration_is_found_out(convert: Convert) -> None:
    """A product that finds none out verifies no digest at all."""
    met = {part: each for part, each in documents.ALTERED.items() if convert.meets(each)}
    accepted = [part for part, each in met.items() if convert.attempt(each).trouble is None]
    if len(accepted) == len(met):
        raise Violation("SHA-256 digests to be verified", f"altered {', '.join(accepted)} are used without an error")


@clause("descriptor.size.mismatch-not-trusted")
@pytest.mark.parametrize("size", documents.WRONG_SIZE)
def test_content_of_another_size_is_not_trusted(convert: Convert, size: str) -> None:
    """The descriptor's size is one byte off, its digest is right."""
    if convert.attempt(documents.WRONG_SIZE[size]).trouble is None:
        raise Violation("a layer that has another size than its descriptor says not to be used", "it is used")


@clause("descriptor.data.verified-by-consumer")
def test_embedded_content_is_verified(convert: Convert) -> None:
    """Data that the digest does not describe is not what is used: an error, or the blob."""
    seen = convert.attempt(documents.WRONG_DATA)
    if seen.trouble is not None:
        return
    tree = whole_tree(seen)
    marker = tree.nodes.get(documents.MARKER)
    expect(marker.content if marker else "", documents.MARKER, listing(tree)).differs_from(documents.EMBEDDED)
    if convert.makes_bundles:
        args = process_of(configuration(seen)).get("args")
        expect(args, "process.args").differs_from([f"/bin/{documents.EMBEDDED}"])


@clause("descriptor.digest.unknown-algorithm-accepted")
def test_unknown_algorithm_is_no_error(convert: Convert) -> None:
    """The image beside a descriptor with such a digest is unpacked."""
    expect_file(convert.tree(documents.UNKNOWN_ALGORITHM), documents.MARKER, "here")
