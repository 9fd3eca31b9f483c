"""The wire documents of the specifications: models, their JSON Schemas, and a reader of exact bytes.

Nothing is imported here at start: models need pydantic, and the plugin has to load without it.
"""

from importlib import import_module
from typing import Any

DOCUMENTS = {
    "config": ("pytest_oci.documents.runtime.config", "Config"),
    "state": ("pytest_oci.documents.runtime.state", "State"),
    "features": ("pytest_oci.documents.runtime.features", "Features"),
}
"""Kind of document -> module and class of its model."""


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of document; KeyError for an unknown kind."""
    module, name = DOCUMENTS[kind]
    schema_of = import_module("pytest_oci.documents.base").schema_of
    schema: dict[str, Any] = schema_of(getattr(import_module(module), name))
    return schema
