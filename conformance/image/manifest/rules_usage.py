"""Rules about media types and what a manifest is used for (manifest.md, also Guidelines for Artifact Usage)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import at, object_then, where
from pytest_oci.conformance.image.layers import PORTABLE, TAR_LAYERS
from pytest_oci.conformance.image.manifest.kinds import (
    artifact_type,
    filled_layers,
    has_content_of_artifacts,
    has_image_config,
    has_oci_config,
    is_artifact,
)
from pytest_oci.conformance.image.media_types import GRAMMAR, is_media_type
from pytest_oci.conformance.image.members import ABSENT, describe, integer, member

from pytest_oci.documents.findings import Finding, json_pointer
from pytest_oci.targets.layout.tree import CONFIG, EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Described, Manifest, Object

ONE_LAYER = "an array with at least one entry"


def config_media_type_grammar(manifest: Manifest) -> Iterator[Seen]:
    """A media type of the configuration that does not follow RFC 6838."""
    return object_then(manifest.text, lambda _: _misnamed(manifest.config))


def layer_media_types_grammar(manifest: Manifest) -> Iterator[Seen]:
    """Media types of layers that do not follow RFC 6838."""
    return object_then(manifest.text, lambda _: (found for layer in manifest.layers for found in _misnamed(layer)))


def portable_config(manifest: Manifest) -> Iterator[Seen]:
    """A container image, known by layers that are tar archives, with another configuration than OCI's."""

    def rule(_: Object) -> Iterator[Seen]:
        config = manifest.config
        if config is None or is_artifact(manifest) or config.media_type == CONFIG:
            return
        if is_media_type(config.media_type) and any(layer.media_type in TAR_LAYERS for layer in manifest.layers):
            yield Finding(where(config, "mediaType"), describe(config.media_type), CONFIG)

    return object_then(manifest.text, rule)


def portable_layers(manifest: Manifest) -> Iterator[Seen]:
    """Layers of a container image that not every implementation has to support."""

    def rule(_: Object) -> Iterator[Seen]:
        if is_artifact(manifest) or not has_image_config(manifest) or has_content_of_artifacts(manifest):
            return
        for layer in filled_layers(manifest):
            if is_media_type(layer.media_type) and layer.media_type not in PORTABLE:
                yield Finding(where(layer, "mediaType"), describe(layer.media_type), f"one of {', '.join(PORTABLE)}")

    return object_then(manifest.text, rule)


def config_of_artifact(manifest: Manifest) -> Iterator[Seen]:
    """An artifact beyond doubt whose configuration is that of a container image."""

    def rule(root: Object) -> Iterator[Seen]:
        if _is_clearly_misused(manifest, root):
            yield _misused(manifest)

    return object_then(manifest.text, rule)


def portable_artifact(manifest: Manifest) -> Iterator[Seen]:
    """What may be an artifact, and has the configuration of a container image.

    An artifactType, but layers of a filesystem or none; or layers of nothing like it, but no artifactType.
    """

    def rule(root: Object) -> Iterator[Seen]:
        typed = artifact_type(root) is not ABSENT
        if not has_oci_config(manifest) or _is_clearly_misused(manifest, root):
            return
        if typed or has_content_of_artifacts(manifest):
            yield _misused(manifest)

    return object_then(manifest.text, rule)


def layers_of_image(manifest: Manifest) -> Iterator[Seen]:
    """No layers in a manifest that does not say that it is an artifact."""

    def rule(root: Object) -> Iterator[Seen]:
        if not is_artifact(manifest) and _has_no_layers(root):
            yield Finding(_layers(manifest), describe(member(root, "layers")), ONE_LAYER)

    return object_then(manifest.text, rule)


def layers_of_artifact(manifest: Manifest) -> Iterator[Seen]:
    """An artifact without layers, or with a single one that is empty."""

    def rule(root: Object) -> Iterator[Seen]:
        if not is_artifact(manifest):
            return
        if _has_no_layers(root):
            yield Finding(_layers(manifest), describe(member(root, "layers")), f"{ONE_LAYER}, as the empty descriptor")
        elif len(manifest.layers) == 1 and integer(member(manifest.layers[0].value, "size")) == 0:
            yield Finding(where(manifest.layers[0], "size"), "0", "more than 0, as of the empty descriptor")

    return object_then(manifest.text, rule)


def _misnamed(described: Described | None) -> Iterator[Finding]:
    """A media type that is a string, and none by RFC 6838; anything else is no matter of names."""
    value = member(described.value, "mediaType") if described is not None else ABSENT
    if described is not None and isinstance(value, str) and not is_media_type(value):
        yield Finding(where(described, "mediaType"), describe(value), GRAMMAR)


def _is_clearly_misused(manifest: Manifest, root: Object) -> bool:
    typed = isinstance(artifact_type(root), str)
    return typed and has_oci_config(manifest) and has_content_of_artifacts(manifest)


def _misused(manifest: Manifest) -> Finding:
    assert manifest.config is not None
    return Finding(
        where(manifest.config, "mediaType"), CONFIG, f"a media type of the artifact's own or {EMPTY}, in an artifact"
    )


def _has_no_layers(root: Object) -> bool:
    value = member(root, "layers")
    return value is ABSENT or value == []


def _layers(manifest: Manifest) -> str:
    return at(manifest.text.path, json_pointer("layers"))
