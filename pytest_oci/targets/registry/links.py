"""Link header fields (RFC 5988), by which a list of tags or referrers leads to its next page."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.targets.registry.exchange import Exchange

_TARGET = re.compile(r"<([^<>\s\"]*)>")
_PARAMETER = re.compile(
    r"[ \t]*;[ \t]*([!#$&+.^_`|~0-9A-Za-z-]+\*?)(?:[ \t]*=[ \t]*(\"(?:[^\"\\]|\\.)*\"|[^\s\",;]+))?"
)
_BETWEEN = re.compile(r"[ \t]*(?:,[ \t]*)+|[ \t]*$")
NEXT = "next"


class LinkError(ValueError):
    """A Link field that does not follow RFC 5988; the text is one line."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads, and its relation types in lower case."""

    target: str
    relations: frozenset[str]


def parse_links(fields: Iterable[str]) -> list[Link]:
    """The links of all Link fields of an answer. Raises LinkError."""
    text = ", ".join(fields)
    place = len(text) - len(text.lstrip(" \t,"))
    links = []
    while place < len(text):
        target = _TARGET.match(text, place)
        if target is None:
            raise LinkError(f"no <URI-reference> at {text[place : place + 40]!r}")
        place = target.end()
        relation: str | None = None
        while parameter := _PARAMETER.match(text, place):
            place = parameter.end()
            if parameter[1].lower() == "rel" and relation is None:  # only the first one counts
                relation = (parameter[2] or "").strip('"')
        links.append(Link(target[1], frozenset((relation or "").lower().split())))
        between = _BETWEEN.match(text, place)
        if between is None:
            raise LinkError(f"neither a parameter nor another link at {text[place : place + 40]!r}")
        place = between.end()
    if not links:
        raise LinkError("it is empty")
    return links


def next_page(exchange: Exchange) -> str | None:
    """The URL of the page after an answer; None where the answer tells of none in a form that can be followed."""
    try:
        links = parse_links(exchange.header_values("Link"))
        target = next((link.target for link in links if NEXT in link.relations), None)
        return None if target is None else urllib.parse.urljoin(exchange.url, target)
    except ValueError:
        return None
