"""The types of what an image configuration may hold (config.md, Properties)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_oci.conformance.image.judged import at
from pytest_oci.conformance.image.members import Found, describe, integer, is_plainly_written
from pytest_oci.conformance.image.stack import are_strings

from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.tree import Object

EACH = "*"
"""In a path: every element of the array that stands there."""


class Kind(NamedTuple):
    """A type, in words, and whether a value is of it."""

    words: str
    holds: Callable[[Found], bool]


STRING = Kind("a string", lambda value: isinstance(value, str))
STRINGS = Kind("an array of strings", are_strings)
BOOLEAN = Kind("true or false", lambda value: isinstance(value, bool))
INTEGER = Kind("an integer", lambda value: integer(value) is not None and is_plainly_written(value))
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
ARRAY = Kind("an array of objects", lambda value: isinstance(value, list))

Path = tuple[str, ...]

MEMBERS: Mapping[Path, Kind] = {
    ("created",): STRING,
    ("author",): STRING,
    ("config",): OBJECT,
    ("config", "User"): STRING,
    ("config", "ExposedPorts"): OBJECT,
    ("config", "Env"): STRINGS,
    ("config", "Entrypoint"): STRINGS,
    ("config", "Cmd"): STRINGS,
    ("config", "Volumes"): OBJECT,
    ("config", "WorkingDir"): STRING,
    ("config", "StopSignal"): STRING,
    ("history",): ARRAY,
    ("history", EACH): OBJECT,
    ("history", EACH, "created"): STRING,
    ("history", EACH, "author"): STRING,
    ("history", EACH, "created_by"): STRING,
    ("history", EACH, "comment"): STRING,
    ("history", EACH, "empty_layer"): BOOLEAN,
}
"""All OPTIONAL members but `Labels`, whose type is a matter of the rules for annotations."""
MEMBERS_OF_1_1: Mapping[Path, Kind] = {
    ("os.version",): STRING,
    ("os.features",): STRINGS,
    ("variant",): STRING,
    ("config", "ArgsEscaped"): BOOLEAN,
    ("config", "Memory"): INTEGER,
    ("config", "MemorySwap"): INTEGER,
    ("config", "CpuShares"): INTEGER,
    ("config", "Healthcheck"): OBJECT,
}
"""Those that the text of 1.0 does not know."""


def optional_types(root: Object, path: str) -> Iterator[Finding]:
    """Members that are neither null nor of the type that both texts give."""
    return _of_other_types(root, path, MEMBERS)


def optional_types_of_1_1(root: Object, path: str) -> Iterator[Finding]:
    """Members that are neither null nor of the type that the text of 1.1 gives, and that of 1.0 does not have."""
    return _of_other_types(root, path, MEMBERS_OF_1_1)


def _of_other_types(root: Object, path: str, members: Mapping[Path, Kind]) -> Iterator[Finding]:
    for steps, kind in members.items():
        for pointer, value in _found(root, steps):
            if steps[-1] == EACH:
                if not kind.holds(value):
                    yield Finding(at(path, pointer), describe(value), kind.words)
            elif value is not None and not kind.holds(value):
                yield Finding(at(path, pointer), describe(value), f"{kind.words}, or null")


def _found(root: JsonValue, steps: Path) -> list[tuple[str, JsonValue]]:
    """The values at a path with their pointers; none where something on the way is absent or of another type."""
    found: list[tuple[str, JsonValue]] = [("", root)]
    for step in steps:
        if step == EACH:
            found = [
                (pointer + json_pointer(place), item)
                for pointer, value in found
                if isinstance(value, list)
                for place, item in enumerate(value)
            ]
        else:
            found = [
                (pointer + json_pointer(step), value[step])
                for pointer, value in found
                if isinstance(value, dict) and step in value
            ]
    return found
