"""Image manifests, of images and of artifacts (image-spec manifest.md)."""

from typing import Literal, Self

from pydantic import ConfigDict, model_validator

from pytest_oci.documents.base import Maybe, WireModel
from pytest_oci.documents.image.descriptor import Annotations, Descriptor
from pytest_oci.documents.image.grammars import MediaType
from pytest_oci.documents.image.index import SchemaVersion

EMPTY = "application/vnd.oci.empty.v1+json"


class Manifest(WireModel):
    """An image manifest (manifest.md, Image Manifest); no sentence requires `layers`."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {
                "properties": {"config": {"properties": {"mediaType": {"const": EMPTY}}, "required": ["mediaType"]}}
            },
            "then": {"required": ["artifactType"]},
        }
    )

    schema_version: SchemaVersion
    media_type: Maybe[Literal["application/vnd.oci.image.manifest.v1+json"]] = None
    artifact_type: Maybe[MediaType] = None
    config: Descriptor
    layers: Maybe[list[Descriptor]] = None
    subject: Maybe[Descriptor] = None
    annotations: Maybe[Annotations] = None

    @model_validator(mode="after")
    def _empty_config_with_type(self) -> Self:
        """An empty configuration says nothing of the artifact, so its type has to stand here."""
        if self.config.media_type == EMPTY and self.artifact_type is None:
            raise ValueError("config is empty and there is no artifactType")
        return self
