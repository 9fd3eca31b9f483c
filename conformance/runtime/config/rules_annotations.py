"""Rules about `annotations` (config.md, Annotations)."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import Node, Object, describe, offending, present

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

RESERVED = "org.opencontainers"
IMAGE = f"{RESERVED}.image."

DESCRIBED = frozenset(
    IMAGE + name
    for name in ("os", "os.version", "os.features", "architecture", "variant", "author", "created", "stopSignal")
)
"""The keys of the reserved namespace that the runtime specification describes."""

OF_IMAGES = frozenset(
    IMAGE + name
    for name in (
        "authors",
        "base.digest",
        "base.name",
        "description",
        "documentation",
        "exposedPorts",
        "licenses",
        "ref.name",
        "revision",
        "source",
        "title",
        "url",
        "vendor",
        "version",
    )
)
"""Keys that the image specification describes; its conversion copies labels of these names into a configuration."""

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_SIGNAL = re.compile(r"[A-Za-z0-9+-]+")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-]([0-9]{2}):([0-9]{2}))"
)


def annotations_are_a_map(document: Object) -> list[Finding]:
    """Annotations that are no JSON object."""
    if "annotations" not in document:
        not_applicable("no annotations in this configuration")
    node = Node(("annotations",), document["annotations"])
    return offending([node], lambda value: isinstance(value, dict), "an object")


def keys_not_empty(document: Object) -> list[Finding]:
    """An annotation with an empty key."""
    return [
        Finding(node.pointer, "an empty key", "a key of at least one character")
        for node in _entries(document)
        if not _key(node)
    ]


def keys_in_reverse_domain_notation(document: Object) -> list[Finding]:
    """Keys that do not begin with two labels of a domain name before the name proper."""
    return [
        Finding(node.pointer, describe(_key(node)), "named like com.example.key")
        for node in _entries(document)
        if _key(node) and not _is_reverse_domain(_key(node))
    ]


def reserved_keys_are_known(document: Object) -> list[Finding]:
    """Keys of the reserved namespace that neither the runtime nor the image specification describes."""
    scope.require_version(document, since=(1, 2))
    reserved = [node for node in _entries(document) if _is_reserved(_key(node))]
    return [
        Finding(node.pointer, "reserved and not described", "one of the keys that the specification describes")
        for node in present(reserved, f"annotation of {RESERVED}")
        if _key(node) not in DESCRIBED | OF_IMAGES
    ]


def created_is_a_date_time(document: Object) -> list[Finding]:
    """A time of creation that is no date-time of RFC 3339, section 5.6 (whose note lets a blank stand for the T)."""
    return offending(_texts(document, f"{IMAGE}created"), _is_date_time, "a date and time of RFC 3339 with a zone")


def stop_signal_is_a_signal(document: Object) -> list[Finding]:
    """A stop signal with characters that stand in no name or number of a signal."""
    nodes = _texts(document, f"{IMAGE}stopSignal")
    return offending(nodes, _is_signal, "a signal, like SIGTERM or SIGRTMIN+3")


def values_are_strings(document: Object) -> list[Finding]:
    """Values that are no strings."""
    return offending(_entries(document), lambda value: isinstance(value, str), "a string")


def _entries(document: Object) -> list[Node]:
    annotations = document.get("annotations", {})
    if not isinstance(annotations, dict):
        not_testable("depends-on: config.annotations.map")
    return present([Node(("annotations", key), value) for key, value in annotations.items()], "annotations")


def _texts(document: Object, key: str) -> list[Node]:
    scope.require_version(document, since=(1, 2))
    nodes = present([node for node in _entries(document) if _key(node) == key], f"annotation {key}")
    if not isinstance(nodes[0].value, str):
        not_testable("depends-on: config.annotations.values-are-strings")
    return nodes


def _key(node: Node) -> str:
    return str(node.tokens[-1])


def _is_reserved(key: str) -> bool:
    return key == RESERVED or key.startswith(f"{RESERVED}.")


def _is_reverse_domain(key: str) -> bool:
    first, second, *rest = [*key.split(".", 2), "", ""][:3]
    return bool(_LABEL.fullmatch(first) and _LABEL.fullmatch(second) and rest and rest[0])


def _is_signal(value: JsonValue) -> bool:
    return isinstance(value, str) and _SIGNAL.fullmatch(value) is not None


def _is_date_time(value: JsonValue) -> bool:
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    year, month, day, hour, minute, second, zone_hour, zone_minute = (int(part or 0) for part in match.groups())
    return (
        1 <= month <= 12
        and 1 <= day <= _days(year, month)
        and hour <= 23
        and minute <= 59
        and second <= 60
        and zone_hour <= 23
        and zone_minute <= 59
    )


def _days(year: int, month: int) -> int:
    february = 29 if calendar.isleap(year) else 28
    return february if month == 2 else 30 if month in (4, 6, 9, 11) else 31
