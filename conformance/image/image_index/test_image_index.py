"""Image indexes, index.json among them (image-index.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.image_index import rules_image_index as rules
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Index

pytestmark = pytest.mark.image


@clause("image-index.schema-version.required")
def test_indexes_have_a_schema_version(indexes: Sequence[Index], unseen: str) -> None:
    """An index has a schemaVersion, an integer."""
    judge(rules.schema_version_required, indexes, unseen)


@clause("image-index.schema-version.is-2")
def test_the_schema_version_is_2(indexes: Sequence[Index], unseen: str) -> None:
    """The schemaVersion is 2."""
    judge(rules.schema_version_is_2, indexes, unseen)


@clause("image-index.media-type.present")
def test_indexes_have_a_media_type(indexes: Sequence[Index], unseen: str) -> None:
    """An index had better say its mediaType."""
    judge(rules.media_type_present, indexes, unseen)


@clause("image-index.media-type.value")
def test_the_media_type_is_that_of_an_index(indexes: Sequence[Index], unseen: str) -> None:
    """A mediaType that an index says is that of an index."""
    judge(rules.media_type_value, indexes, unseen)


@clause("image-index.artifact-type.rfc6838")
def test_artifact_types_follow_the_grammar(indexes: Sequence[Index], unseen: str) -> None:
    """An artifactType is named as RFC 6838 asks."""
    judge(rules.artifact_type_grammar, indexes, unseen)


@clause("image-index.manifests.required")
def test_indexes_list_descriptors(indexes: Sequence[Index], unseen: str) -> None:
    """An index has an array of objects as its manifests."""
    judge(rules.manifests_required, indexes, unseen)


@clause("image-index.manifests.present-may-be-empty")
def test_manifests_are_there_even_if_there_are_none(indexes: Sequence[Index], unseen: str) -> None:
    """An index that lists nothing has an empty array."""
    judge(rules.manifests_present, indexes, unseen)


@clause("image-index.manifests.portable-media-types")
def test_entries_are_portable(indexes: Sequence[Index], unseen: str) -> None:
    """Entries had better be image manifests and indexes."""
    judge(rules.portable_media_types, indexes, unseen)


@clause("image-index.platform.present")
def test_entries_say_the_platform_of_their_image(indexes: Sequence[Index], layout: Layout, unseen: str) -> None:
    """An entry for an image of a platform had better say which."""
    judge(lambda index: rules.platform_present(index, layout), indexes, unseen)


@clause("image-index.platform.architecture.required")
def test_platforms_have_an_architecture(indexes: Sequence[Index], unseen: str) -> None:
    """A platform has an architecture, a string."""
    judge(rules.architecture_required, indexes, unseen)


@clause("image-index.platform.goarch-value")
def test_architectures_are_those_of_go(indexes: Sequence[Index], unseen: str) -> None:
    """An architecture had better be a value of GOARCH."""
    judge(rules.architecture_of_go, indexes, unseen)


@clause("image-index.platform.os.required")
def test_platforms_have_an_os(indexes: Sequence[Index], unseen: str) -> None:
    """A platform has an os, a string."""
    judge(rules.os_required, indexes, unseen)


@clause("image-index.platform.goos-value")
def test_operating_systems_are_those_of_go(indexes: Sequence[Index], unseen: str) -> None:
    """An os had better be a value of GOOS."""
    judge(rules.os_of_go, indexes, unseen)


@clause("image-index.platform.os-features-windows")
def test_features_of_windows_are_the_listed_ones(indexes: Sequence[Index], unseen: str) -> None:
    """The features of Windows had better be those that are listed."""
    judge(rules.windows_features, indexes, unseen)


@clause("image-index.platform.variant-value")
def test_variants_are_the_listed_ones(indexes: Sequence[Index], unseen: str) -> None:
    """A variant had better be one of the table's."""
    judge(rules.listed_variants, indexes, unseen)


@clause("image-index.annotations.annotation-rules")
def test_annotations_of_indexes(indexes: Sequence[Index], unseen: str) -> None:
    """Annotations of an index follow the rules for annotations."""
    judge(rules.rules_of_annotations, indexes, unseen)
