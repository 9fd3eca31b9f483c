"""What a manifest is used for: a container image or an artifact, as far as it shows (manifest.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.layers import is_filesystem
from pytest_oci.conformance.image.media_types import is_media_type
from pytest_oci.conformance.image.members import ABSENT, is_there, member

from pytest_oci.targets.layout.tree import CONFIG, EMPTY

if TYPE_CHECKING:
    from pytest_oci.conformance.image.members import Found

    from pytest_oci.targets.layout.tree import Described, Manifest, Object

DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"


def artifact_type(root: Object) -> Found:
    """The `artifactType` of a manifest; ABSENT also where it is null or an empty string."""
    value = member(root, "artifactType")
    return value if is_there(value) and value != "" else ABSENT


def is_artifact(manifest: Manifest) -> bool:
    """Whether a manifest says that it is used for an artifact."""
    root = manifest.text.root or {}
    return artifact_type(root) is not ABSENT or _config_type(manifest) == EMPTY


def has_oci_config(manifest: Manifest) -> bool:
    """Whether the configuration is described as an OCI image configuration."""
    return _config_type(manifest) == CONFIG


def has_image_config(manifest: Manifest) -> bool:
    """Whether the configuration is described as one of a container image, OCI's or Docker's."""
    return _config_type(manifest) in (CONFIG, DOCKER_CONFIG)


def has_content_of_artifacts(manifest: Manifest) -> bool:
    """Whether there are layers, and all are of media types of something else than a root filesystem."""
    filled = filled_layers(manifest)
    return bool(filled) and all(
        is_media_type(layer.media_type) and not is_filesystem(layer.media_type) for layer in filled
    )


def filled_layers(manifest: Manifest) -> list[Described]:
    """The layers but for empty descriptors, which stand in where a layer is asked for and there is none."""
    return [layer for layer in manifest.layers if layer.media_type != EMPTY]


def _config_type(manifest: Manifest) -> str:
    return manifest.config.media_type if manifest.config is not None else ""
