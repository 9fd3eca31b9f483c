"""What every model of a wire document shares: strictness, names, and the types that the texts use.

The models say what a document *is*: its properties, their JSON types and what holds on every platform.
Rules that depend on the platform or on a version are judged elsewhere, on the document's exact bytes.
"""

from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from pytest_oci.documents import semver

T = TypeVar("T")

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def camel(name: str) -> str:
    """The camelCase spelling of a snake_case name; names with acronyms carry an alias of their own."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class WireModel(BaseModel):
    """Base of all wire documents: strict types, JSON names only, unknown properties kept and ignored."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True, alias_generator=camel)

    def require_any(self, *names: str) -> Self:
        """Return self if at least one of the properties is there, else raise ValueError."""
        if not any(name in self.model_fields_set for name in names):
            raise ValueError(f"at least one of {', '.join(camel(name) for name in names)} is required")
        return self

    def require_with(self, name: str, other: str) -> Self:
        """Return self unless the property `name` is there without `other`, else raise ValueError."""
        if name in self.model_fields_set and other not in self.model_fields_set:
            raise ValueError(f"{camel(name)} is there without {camel(other)}")
        return self


class _WithoutNull:
    """Makes `T | None` accept T alone: None then only stands for a property that is absent."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        if schema["type"] != "nullable":
            raise TypeError(f"{source} has no None to leave out")
        inner: CoreSchema = schema["schema"]
        return inner


Maybe = Annotated[T | None, _WithoutNull()]
"""An OPTIONAL property: None when it is absent; `null` in the document is refused."""

Uint = Annotated[int, Field(ge=0)]
Uint16 = Annotated[int, Field(ge=0, le=2**16 - 1)]
Uint32 = Annotated[int, Field(ge=0, le=2**32 - 1)]
Uint64 = Annotated[int, Field(ge=0, le=2**64 - 1)]
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]

# `$` alone lets a final newline pass in some regular expression dialects: patterns that end so ban newlines apart.
NO_NEWLINE: dict[str, Any] = {"not": {"pattern": "[\\r\\n]"}}

SemVer = Annotated[str, Field(pattern=semver.PATTERN, json_schema_extra=NO_NEWLINE)]
PosixPath = Annotated[str, Field(pattern="^/")]
"""An absolute path on a POSIX platform."""
AbsolutePath = Annotated[str, Field(pattern=r"^(?:/|[A-Za-z]:[\\/]|\\\\)")]
"""An absolute path on any platform: POSIX, Windows drive, UNC or device path."""
SingleLine = Annotated[str, Field(pattern=r"^[^\n]*$", json_schema_extra={"not": {"pattern": "\\n"}})]
"""A string without newlines."""
Annotations = Annotated[
    dict[Annotated[str, Field(min_length=1)], str],
    # pydantic before 2.10 leaves the keys' rule out of the schema
    Field(json_schema_extra={"propertyNames": {"minLength": 1}}),
]
"""Annotations: a map of strings whose keys are not empty (runtime-spec config.md, Annotations)."""


class DocumentSchema(GenerateJsonSchema):
    """JSON Schema 2020-12 of a wire document; an absent property has no default value."""

    schema_dialect = DIALECT

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles: they would only repeat the names."""
        del schema
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave `default: null` out: it would say that null is a value of the property."""
        return self.generate_inner(schema["schema"])


def schema_of(model: type[WireModel]) -> dict[str, Any]:
    """The JSON Schema of one document."""
    schema = model.model_json_schema(schema_generator=DocumentSchema)
    return {"$schema": DIALECT, **schema}
