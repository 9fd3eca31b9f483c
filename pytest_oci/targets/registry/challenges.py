"""Challenges of WWW-Authenticate (RFC 9110, 11.6.1), as registries write them: several in one field or in several."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the grammar's word
_PARAMETER = re.compile(rf"({_TOKEN})[ \t]*=(?!=*[ \t]*(?:,|$))[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]*))")
_SCHEME = re.compile(rf"({_TOKEN})(?:[ \t]+|(?=,)|$)")
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))")
_BETWEEN = re.compile(r"[ \t,]*")
LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: the scheme in lower case, and its parameters, their names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """The challenges in the fields of an answer; what cannot be read is left out."""
    return [challenge for value in values for challenge in _parse(value[:LONGEST])]


def _parse(text: str) -> list[Challenge]:
    found: list[Challenge] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(text):
        at = _end(_BETWEEN.match(text, at), at)
        parameter = _PARAMETER.match(text, at)
        scheme = _SCHEME.match(text, at)
        if parameter is not None and found:
            quoted, plain = parameter[2], parameter[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
            parameters.setdefault(parameter[1].lower(), value)
            at = parameter.end()
        elif scheme is not None:
            parameters = {}
            found.append(Challenge(scheme[1].lower(), parameters))
            at = scheme.end()
            at = _end(_TOKEN68.match(text, at), at) if _PARAMETER.match(text, at) is None else at
        else:
            comma = text.find(",", at)
            at = len(text) if comma < 0 else comma + 1
    return found


def _end(match: re.Match[str] | None, otherwise: int) -> int:
    return match.end() if match is not None else otherwise
