"""What Hypothesis makes up: values of JSON, and documents by their published schemas.

`PYTEST_OCI_FUZZ=50` tries fifty times as many examples, and other ones every time.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from pytest_oci.documents import json_schema

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = int(os.environ.get("PYTEST_OCI_FUZZ", "1"))
MOST_MEMBERS = 3
"""Of an object, beside those that its schema names, and elements of an array."""

TEXT = st.text(max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer()
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
"""Scalars that are the same to every reader: `1.0` is an integer to some."""
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=MOST_MEMBERS) | st.dictionaries(TEXT, inner, max_size=MOST_MEMBERS),
    max_leaves=4,
)


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Settings of a test that tries so many examples: the same ones every time, but for PYTEST_OCI_FUZZ."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if TIMES > 1 else [])],
        suppress_health_check=list(HealthCheck),
    )


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    """What judges a document of this kind by its schema."""
    return jsonschema.Draft202012Validator(json_schema(kind))


@cache
def documents(kind: str) -> st.SearchStrategy[Any]:
    """Documents of this kind, with members that no specification knows."""
    schema = json_schema(kind)
    return _described(schema, schema.get("$defs", {})).filter(validator(kind).is_valid)


def _described(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        named = definitions[schema["$ref"].removeprefix("#/$defs/")]
        return _described(named, definitions)
    if "anyOf" in schema:
        return st.one_of(*(_described(choice, definitions) for choice in schema["anyOf"]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "string":
            return _strings(schema)
        case "array":
            return st.lists(_described(schema["items"], definitions), max_size=MOST_MEMBERS)
        case "object":
            return _objects(schema, definitions)
    return VALUES


def _strings(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" not in schema:
        return TEXT
    patterns = [schema["pattern"], *(case["then"]["pattern"] for case in schema.get("allOf", ()))]
    valid = jsonschema.Draft202012Validator(schema).is_valid
    return st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in patterns)).filter(valid)


def _objects(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    known = {name: _described(value, definitions) for name, value in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    own = st.fixed_dictionaries(
        {name: known[name] for name in required},
        optional={name: value for name, value in known.items() if name not in required},
    )
    other = schema.get("additionalProperties")
    if not other or schema.get("maxProperties") == 0:
        return own
    values = VALUES if other is True else _described(other, definitions)
    others = st.dictionaries(TEXT.filter(lambda name: name not in known), values, max_size=MOST_MEMBERS)
    return st.builds(lambda own, others: {**others, **own}, own, others)
