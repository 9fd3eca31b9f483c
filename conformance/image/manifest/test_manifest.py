"""Image manifests (manifest.md, Image Manifest Property Descriptions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image import stack
from pytest_oci.conformance.image.judged import judge
from pytest_oci.conformance.image.manifest import rules_layers, rules_manifest, rules_usage

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.tree import Manifest, Part

pytestmark = pytest.mark.image


@clause("image-manifest.document.json-object")
def test_manifests_are_json_objects(parts: Sequence[Part], unseen: str) -> None:
    """One JSON object each, and nothing else: manifests, and indexes within the layout."""
    judge(rules_manifest.json_object, rules_manifest.in_blobs(parts), unseen)


@clause("image-manifest.schema-version.required")
def test_schema_version_is_an_integer(manifests: Sequence[Manifest], unseen: str) -> None:
    """Every manifest has an integer schemaVersion."""
    judge(rules_manifest.schema_version_required, manifests, unseen)


@clause("image-manifest.schema-version.is-2")
def test_schema_version_is_2(manifests: Sequence[Manifest], unseen: str) -> None:
    """It is 2."""
    judge(rules_manifest.schema_version_is_2, manifests, unseen)


@clause("image-manifest.media-type.present")
def test_media_type_is_present(manifests: Sequence[Manifest], unseen: str) -> None:
    """Manifests had better say what they are."""
    judge(rules_manifest.media_type_present, manifests, unseen)


@clause("image-manifest.media-type.value")
def test_media_type_is_that_of_manifests(manifests: Sequence[Manifest], unseen: str) -> None:
    """What they say is right."""
    judge(rules_manifest.media_type_value, manifests, unseen)


@clause(
    "image-manifest.artifact-type.set-if-empty-config",
    "image-manifest.artifact.artifact-type-if-empty-config",
)
def test_artifact_type_is_set_with_an_empty_config(manifests: Sequence[Manifest], unseen: str) -> None:
    """The empty descriptor as configuration comes with an artifactType."""
    judge(rules_manifest.artifact_type_with_empty_config, manifests, unseen)


@clause("image-manifest.artifact-type.rfc6838")
def test_artifact_type_is_a_media_type(manifests: Sequence[Manifest], unseen: str) -> None:
    """An artifactType follows the naming rules of media types."""
    judge(rules_manifest.artifact_type_is_media_type, manifests, unseen)


@clause("image-manifest.config.required")
def test_config_is_an_object(manifests: Sequence[Manifest], unseen: str) -> None:
    """Every manifest has a descriptor of a configuration."""
    judge(rules_manifest.config_required, manifests, unseen)


@clause("image-manifest.config.media-type-rfc6838")
def test_media_type_of_config_is_one(manifests: Sequence[Manifest], unseen: str) -> None:
    """The media type of a configuration follows the naming rules."""
    judge(rules_usage.config_media_type_grammar, manifests, unseen)


@clause("image-manifest.config.portable-type")
def test_config_of_images_is_portable(manifests: Sequence[Manifest], unseen: str) -> None:
    """Container images had better have an OCI image configuration."""
    judge(rules_usage.portable_config, manifests, unseen)


@clause("image-manifest.config.portable-artifact")
def test_config_of_artifacts_is_portable(manifests: Sequence[Manifest], unseen: str) -> None:
    """What may be an artifact had better have no configuration of a container image."""
    judge(rules_usage.portable_artifact, manifests, unseen)


@clause("image-manifest.layers.items-are-descriptors")
def test_layers_are_descriptors(manifests: Sequence[Manifest], unseen: str) -> None:
    """The layers are an array of descriptors."""
    judge(rules_manifest.layers_are_descriptors, manifests, unseen)


@clause("image-manifest.layers.at-least-one")
def test_images_have_layers(manifests: Sequence[Manifest], unseen: str) -> None:
    """There had better be one layer."""
    judge(rules_usage.layers_of_image, manifests, unseen)


@clause("image-manifest.layers.base-first")
def test_base_layer_is_first(manifests: Sequence[Manifest], unseen: str) -> None:
    """The layer at index 0 is the one that the configuration has at the base."""
    judge(rules_layers.base_first, stack.bound(manifests), unseen)


@clause("image-manifest.layers.stack-order")
def test_layers_are_in_stack_order(manifests: Sequence[Manifest], unseen: str) -> None:
    """The layers are in the order of the configuration's diff_ids."""
    judge(rules_layers.in_stack_order, stack.bound(manifests), unseen)


@clause("image-manifest.layers.portable-types")
def test_media_types_of_layers_are_portable(manifests: Sequence[Manifest], unseen: str) -> None:
    """Layers of container images had better be of types that every implementation supports."""
    judge(rules_usage.portable_layers, manifests, unseen)


@clause("image-manifest.layers.media-type-rfc6838")
def test_media_types_of_layers_are_media_types(manifests: Sequence[Manifest], unseen: str) -> None:
    """The media types of layers follow the naming rules."""
    judge(rules_usage.layer_media_types_grammar, manifests, unseen)


@clause("image-manifest.annotations.annotation-rules")
def test_annotations_follow_the_rules(manifests: Sequence[Manifest], unseen: str) -> None:
    """Annotations of a manifest are strings by unique keys."""
    judge(rules_manifest.annotations_follow_rules, manifests, unseen)


@clause("image-manifest.artifact.config-type-specific")
def test_artifacts_have_their_own_config_type(manifests: Sequence[Manifest], unseen: str) -> None:
    """What is clearly an artifact does not say that it has the configuration of a container image."""
    judge(rules_usage.config_of_artifact, manifests, unseen)


@clause("image-manifest.artifact.single-nonempty-layer")
def test_artifacts_have_a_layer_that_is_not_empty(manifests: Sequence[Manifest], unseen: str) -> None:
    """An artifact without layers had better have one all the same, and not of size 0."""
    judge(rules_usage.layers_of_artifact, manifests, unseen)
