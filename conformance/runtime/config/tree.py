"""How rules walk a configuration: select values by path, ask something of each, say what was found where."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.exact import JsonValue, Number
from pytest_oci.documents.findings import Finding, json_pointer

Object = dict[str, JsonValue]
Predicate = Callable[[JsonValue], bool]

EACH = "*"
"""In a path: every element of the array that stands there."""

UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
LONGEST_SHOWN = 80


class Node(NamedTuple):
    """A value and where it stands."""

    tokens: tuple[str | int, ...]
    value: JsonValue

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value."""
        return json_pointer(*self.tokens)


def select(document: Object, *path: str) -> list[Node]:
    """The values at a path; none where the path, or a part of it, is absent or null.

    Where a part that has to be an object or an array is something else, nothing can be judged: `not-testable`.
    """
    nodes = [Node((), document)]
    for step in path:
        nodes = _elements(nodes) if step == EACH else _members(nodes, step)
    return nodes


def _elements(nodes: list[Node]) -> list[Node]:
    found = []
    for tokens, value in nodes:
        if not isinstance(value, list):
            not_testable(f"product: {json_pointer(*tokens)} is {describe(value)}, no array")
        found += [Node((*tokens, index), item) for index, item in enumerate(value)]
    return found


def _members(nodes: list[Node], name: str) -> list[Node]:
    found = []
    for tokens, value in nodes:
        if not isinstance(value, dict):
            not_testable(f"product: {json_pointer(*tokens)} is {describe(value)}, no object")
        if (member := value.get(name)) is not None:
            found.append(Node((*tokens, name), member))
    return found


def require(nodes: list[Node], name: str, holds: Predicate, expected: str) -> list[Finding]:
    """What is wrong with a REQUIRED property of each object: absent, null, or not what it has to be.

    A node that is no object has no properties, and is found too.
    """
    findings = []
    for tokens, value in nodes:
        if not isinstance(value, dict):
            findings.append(Finding(json_pointer(*tokens), describe(value), f"an object with {name}"))
        elif name not in value:
            findings.append(Finding(json_pointer(*tokens, name), "absent", expected))
        elif not holds(value[name]):
            findings.append(Finding(json_pointer(*tokens, name), describe(value[name]), expected))
    return findings


def strings(nodes: list[Node], name: str, *, required_by: str) -> list[Node]:
    """The property of each object, for a rule about its text.

    An object without such a string is the matter of the clause `required_by`: where no string is left, and some
    object lacks it, the rule depends on that clause.
    """
    found = [
        Node((*node.tokens, name), node.value[name])
        for node in nodes
        if isinstance(node.value, dict) and isinstance(node.value.get(name), str)
    ]
    if nodes and not found:
        not_testable(f"depends-on: {required_by}")
    return found


def present(nodes: list[Node], what: str) -> list[Node]:
    """The nodes, if there are any; else the clause has nothing to bind: `not-applicable`."""
    if not nodes:
        not_applicable(f"no {what} in this configuration")
    return nodes


def offending(nodes: list[Node], holds: Predicate, expected: str) -> list[Finding]:
    """The nodes whose value does not hold."""
    return [Finding(node.pointer, describe(node.value), expected) for node in nodes if not holds(node.value)]


def is_string(value: JsonValue) -> bool:
    """Whether a value is a string."""
    return isinstance(value, str)


def is_posix_absolute(value: JsonValue) -> bool:
    """Whether a value is an absolute path of a POSIX platform."""
    return isinstance(value, str) and value.startswith("/")


_WINDOWS_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/]")


def is_windows_absolute(value: JsonValue) -> bool:
    """Whether a value is an absolute path of Windows: with a drive, of a server or device, or from the root.

    Microsoft calls the last of these absolute as well, although it lacks a drive.
    """
    return isinstance(value, str) and _WINDOWS_ABSOLUTE.match(value) is not None


def is_object(value: JsonValue) -> bool:
    """Whether a value is an object."""
    return isinstance(value, dict)


def is_boolean(value: JsonValue) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def is_strings(value: JsonValue) -> bool:
    """Whether a value is an array of nothing but strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_one_of(allowed: Collection[str]) -> Predicate:
    """Whether a value is one of these strings."""
    return lambda value: isinstance(value, str) and value in allowed


def integer(value: JsonValue) -> int | None:
    """The integer that a value is written as; `1.0` and `1e0` are none."""
    if isinstance(value, Number):
        return 0 if value.written_as_integer else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_integer(value: JsonValue) -> bool:
    """Whether a value is written as an integer."""
    return integer(value) is not None


def is_unsigned(value: JsonValue) -> bool:
    """Whether a value is written as an integer of zero or more."""
    number = integer(value)
    return number is not None and number >= 0


def is_int64(value: JsonValue) -> bool:
    """Whether a value is written as an integer that 64 bits with a sign hold."""
    number = integer(value)
    return number is not None and INT64_MIN <= number <= INT64_MAX


def is_uint32(value: JsonValue) -> bool:
    """Whether a value is written as an integer that 32 bits without a sign hold."""
    number = integer(value)
    return number is not None and 0 <= number <= UINT32_MAX


def is_uint64(value: JsonValue) -> bool:
    """Whether a value is written as an integer that 64 bits without a sign hold."""
    number = integer(value)
    return number is not None and 0 <= number <= UINT64_MAX


def describe(value: JsonValue) -> str:
    """A value in a finding: scalars as they are written, containers by their kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return "an array" if value else "an empty array"
        case str():
            return repr(value) if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]!r}…"
        case _:
            text = str(value)
            return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
