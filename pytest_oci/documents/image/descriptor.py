"""Descriptors (image-spec descriptor.md) and annotations (annotations.md)."""

from typing import Annotated

from pydantic import Field

from pytest_oci.documents.base import Maybe, WireModel
from pytest_oci.documents.image.grammars import Base64, Digest, MediaType, Uri

Size = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number of bytes: an int64 that is not negative."""
Annotations = dict[str, str]
"""A map of strings (annotations.md, Rules)."""


class Descriptor(WireModel):
    """What a document says of content elsewhere; `size` is in bytes (descriptor.md, Properties).

    That the content, embedded in `data` or not, is what is described is judged elsewhere.
    """

    media_type: MediaType
    digest: Digest
    size: Size
    urls: Maybe[list[Uri]] = None
    annotations: Maybe[Annotations] = None
    data: Maybe[Base64] = None
    artifact_type: Maybe[MediaType] = None
