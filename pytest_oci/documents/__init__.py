"""The wire documents of the specifications: models, their JSON Schemas, and a reader of exact bytes.

Nothing is imported here at start: models need pydantic, and the plugin has to load without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_oci.documents.base import WireModel


@dataclass(frozen=True, slots=True)
class Kind:
    """Of a document: the specification that defines it, and module and class of its model."""

    spec: str
    module: str
    name: str

    def model(self) -> type[WireModel]:
        """The model, imported only now."""
        module = import_module(f"pytest_oci.documents.{self.spec}.{self.module}")
        found: type[WireModel] = getattr(module, self.name)
        return found


DOCUMENTS = {
    "config": Kind("runtime", "config", "Config"),
    "state": Kind("runtime", "state", "State"),
    "features": Kind("runtime", "features", "Features"),
    "descriptor": Kind("image", "descriptor", "Descriptor"),
    "index": Kind("image", "index", "Index"),
    "manifest": Kind("image", "manifest", "Manifest"),
    "image-config": Kind("image", "config", "ImageConfig"),
    "oci-layout": Kind("image", "layout", "LayoutHeader"),
    "tag-list": Kind("distribution", "tags", "TagList"),
    "referrers": Kind("distribution", "referrers", "Referrers"),
    "error-body": Kind("distribution", "errors", "ErrorBody"),
}
"""Every kind of document by the name that `pytest-oci schema` takes."""


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of document; KeyError for an unknown kind."""
    model = DOCUMENTS[kind].model()
    schema: dict[str, Any] = import_module("pytest_oci.documents.base").schema_of(model)
    return schema
