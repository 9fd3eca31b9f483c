"""Descriptors, wherever they stand (descriptor.md)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.descriptor import rules_content, rules_descriptor, rules_digests
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.tree import Index, Part, Tree

pytestmark = pytest.mark.image


@clause("descriptor.media-type.required")
def test_descriptors_have_a_media_type(parts: Sequence[Part], unseen: str) -> None:
    """Every descriptor has a mediaType, a string."""
    judge(rules_descriptor.media_type_required, parts, unseen)


@clause("descriptor.media-type.rfc6838")
def test_media_types_follow_the_grammar(parts: Sequence[Part], unseen: str) -> None:
    """A mediaType is named as RFC 6838 asks."""
    judge(rules_descriptor.media_type_grammar, parts, unseen)


@clause("descriptor.digest.required")
def test_descriptors_have_a_digest(parts: Sequence[Part], unseen: str) -> None:
    """Every descriptor has a digest, a string."""
    judge(rules_digests.required, parts, unseen)


@clause("descriptor.digest.grammar")
def test_digests_follow_the_grammar(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """Algorithm, colon, encoded portion."""
    judge(partial(rules_digests.grammar, base_images=tree.subjects), parts, unseen)


@clause("descriptor.digest.use-sha256")
def test_digests_are_of_sha256(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """Digests had better be those of SHA-256."""
    judge(partial(rules_digests.algorithm, base_images=tree.subjects), parts, unseen)


@clause("descriptor.sha256.encoded-form")
def test_sha256_digests_have_their_form(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A digest of SHA-256 has 64 lower-case hexadecimal digits."""
    judge(partial(rules_digests.sha256_form, base_images=tree.subjects), parts, unseen)


@clause("descriptor.sha256.no-upper-case")
def test_sha256_digests_have_no_upper_case(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A digest of SHA-256 has no A to F in it."""
    judge(partial(rules_digests.sha256_upper_case, base_images=tree.subjects), parts, unseen)


@clause("descriptor.sha512.encoded-form")
def test_sha512_digests_have_their_form(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A digest of SHA-512 has 128 lower-case hexadecimal digits."""
    judge(partial(rules_digests.sha512_form, base_images=tree.subjects), parts, unseen)


@clause("descriptor.sha512.no-upper-case")
def test_sha512_digests_have_no_upper_case(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A digest of SHA-512 has no A to F in it."""
    judge(partial(rules_digests.sha512_upper_case, base_images=tree.subjects), parts, unseen)


@clause("descriptor.size.required")
def test_descriptors_have_a_size(parts: Sequence[Part], unseen: str) -> None:
    """Every descriptor has a size, an int64 of bytes."""
    judge(rules_content.size_required, parts, unseen)


@clause("descriptor.size.equals-content")
def test_sizes_are_those_of_the_content(parts: Sequence[Part], unseen: str) -> None:
    """A size is the length of the content."""
    judge(rules_content.size_equals_content, parts, unseen)


@clause("descriptor.urls.rfc3986")
def test_urls_are_uris(parts: Sequence[Part], unseen: str) -> None:
    """Every entry of urls is a URI."""
    judge(rules_descriptor.urls_are_uris, parts, unseen)


@clause("descriptor.urls.http-scheme")
def test_urls_are_of_the_web(parts: Sequence[Part], unseen: str) -> None:
    """Entries of urls had better be of http or https."""
    judge(rules_descriptor.urls_of_the_web, parts, unseen)


@clause("descriptor.annotations.annotation-rules")
def test_annotations_of_descriptors(parts: Sequence[Part], unseen: str) -> None:
    """Annotations of descriptors follow the rules for annotations."""
    judge(rules_descriptor.rules_of_annotations, parts, unseen)


@clause("descriptor.data.base64")
def test_data_is_base64(parts: Sequence[Part], unseen: str) -> None:
    """What is embedded is in base 64."""
    judge(rules_content.data_is_base64, parts, unseen)


@clause("descriptor.data.identical-to-content")
def test_data_is_the_content(parts: Sequence[Part], unseen: str) -> None:
    """What is embedded is what the digest is of."""
    judge(rules_content.data_is_content, parts, unseen)


@clause("descriptor.artifact-type.rfc6838")
def test_artifact_types_follow_the_grammar(parts: Sequence[Part], unseen: str) -> None:
    """An artifactType is named as RFC 6838 asks."""
    judge(rules_descriptor.artifact_type_grammar, parts, unseen)


@clause("descriptor.platform.for-image-manifest")
def test_entries_for_manifests_have_a_platform(indexes: Sequence[Index], unseen: str) -> None:
    """An entry for an image manifest had better say its platform."""
    judge(rules_descriptor.platform_of_manifests, indexes, unseen)
