"""Members of JSON objects: absent, null, of another type; integers whatever way they are written."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from pytest_oci.documents.exact import Number
from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.documents.exact import JsonValue

INT64_MAX = 2**63 - 1
LONGEST_SHOWN = 80


class Missing(Enum):
    """The one value that stands for a member that is not there."""

    ABSENT = "absent"


ABSENT: Final = Missing.ABSENT
Found: TypeAlias = "JsonValue | Missing"


def member(holder: Found, name: str) -> Found:
    """A member of an object; ABSENT if it has none of this name, or is no object."""
    return holder.get(name, ABSENT) if isinstance(holder, dict) else ABSENT


def is_there(value: Found) -> bool:
    """Whether a member is there and not null."""
    return value is not ABSENT and value is not None


def required_string(holder: Found, name: str, place: str) -> Iterator[Finding]:
    """What is wrong with a REQUIRED member of an object that has to be a string: absent, null or of another type.

    `place` is where the object stands.
    """
    value = member(holder, name)
    if not isinstance(value, str):
        yield Finding(below(place, name), describe(value), "a string")


def below(place: str, name: str | int) -> str:
    """Where a member stands of what stands at this place (a path with a JSON pointer, as `judged.at` gives it)."""
    return f"{place}{'' if '#' in place else '#'}{json_pointer(name)}"


_NUMERAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def integer(value: Found) -> int | None:
    """The integer that a value is, also where it is written with a fraction or an exponent, as 2.0 or 1e3 are.

    None if it is something else.
    """
    if isinstance(value, Number):
        return _integer_of(value.literal)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_plainly_written(value: Found) -> bool:
    """Whether an integer is written as one: without a fraction or an exponent."""
    return value.written_as_integer if isinstance(value, Number) else isinstance(value, int)


def _integer_of(literal: str) -> int | None:
    """Exact, and never larger than the literal's value: huge negative exponents are not carried out."""
    match = _NUMERAL.fullmatch(literal)
    if match is None:
        return None
    sign, whole, fraction, exponent = match.groups(default="")
    digits = (whole + fraction).rstrip("0")
    if not digits.strip("0"):
        return 0
    power = int(exponent or "0") + len(whole) - len(digits)
    return int(f"{sign}{digits}") * 10**power if power >= 0 else None


def describe(value: Found) -> str:
    """A value in a finding: scalars as they are written, containers by their kind, long ones cut."""
    match value:
        case Missing.ABSENT:
            return "absent"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object" if value else "an empty object"
        case list():
            return "an array" if value else "an empty array"
        case str():
            return repr(value) if len(value) <= LONGEST_SHOWN else _cut(repr(value[:LONGEST_SHOWN]), len(value))
        case _:
            text = str(value)
            return text if len(text) <= LONGEST_SHOWN else _cut(text[:LONGEST_SHOWN], len(text))


def _cut(shown: str, length: int) -> str:
    return f"{shown}… ({length} characters)"
