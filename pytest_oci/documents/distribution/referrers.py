"""The list of manifests that refer to another (distribution-spec spec.md, Listing Referrers)."""

from typing import Self

from pydantic import ConfigDict, model_validator

from pytest_oci.documents.image.index import Index, IndexEntry

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Referrer(IndexEntry):
    """One referrer; an image manifest always has a type, its own or that of its configuration."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"mediaType": {"const": MANIFEST}}, "required": ["mediaType"]},
            "then": {"required": ["artifactType"]},
        }
    )

    @model_validator(mode="after")
    def _manifest_with_type(self) -> Self:
        if self.media_type == MANIFEST and self.artifact_type is None:
            raise ValueError("an image manifest has no artifactType")
        return self


class Referrers(Index):
    """An image index of referrers."""

    manifests: list[Referrer]  # type: ignore[assignment] # a frozen model's list is only read
