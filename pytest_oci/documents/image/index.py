"""Image indexes (image-spec image-index.md)."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from pytest_oci.documents.base import Maybe, WireModel
from pytest_oci.documents.image.descriptor import Annotations, Descriptor
from pytest_oci.documents.image.grammars import MediaType

# Literal[2] would take 2.0 as well
SchemaVersion = Annotated[int, Field(ge=2, le=2), WithJsonSchema({"const": 2})]
"""The only version there is."""


class Platform(WireModel):
    """What an image needs at least to run (image-index.md, platform); `features` is reserved."""

    architecture: str
    os: str
    os_version: Maybe[str] = Field(None, alias="os.version")
    os_features: Maybe[list[str]] = Field(None, alias="os.features")
    variant: Maybe[str] = None
    features: Maybe[list[str]] = None


class IndexEntry(Descriptor):
    """One entry of `manifests`: a descriptor with a platform (image-index.md, manifests)."""

    platform: Maybe[Platform] = None


class Index(WireModel):
    """An image index, of an image or of a layout (image-index.md, image-layout.md)."""

    schema_version: SchemaVersion
    media_type: Maybe[Literal["application/vnd.oci.image.index.v1+json"]] = None
    artifact_type: Maybe[MediaType] = None
    manifests: list[IndexEntry]
    subject: Maybe[Descriptor] = None
    annotations: Maybe[Annotations] = None
