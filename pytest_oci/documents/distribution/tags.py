"""The list of a repository's tags (distribution-spec spec.md, Listing Tags)."""

from typing import Annotated

from pydantic import Field

from pytest_oci.documents.base import NO_NEWLINE, WireModel

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
RepositoryName = Annotated[str, Field(pattern=rf"^{_COMPONENT}(?:/{_COMPONENT})*$", json_schema_extra=NO_NEWLINE)]
"""`<name>` (spec.md, Pulling manifests)."""
Tag = Annotated[str, Field(pattern="^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", json_schema_extra=NO_NEWLINE)]
"""`<reference>` as a tag (spec.md, Pulling manifests)."""


class TagList(WireModel):
    """A page of tags; their order and number are judged elsewhere."""

    name: RepositoryName
    tags: list[Tag]
