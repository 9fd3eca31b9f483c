"""Rules about annotations that advise: how keys are named, and what some predefined ones hold (annotations.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules
from pytest_oci.conformance.image.annotations import references
from pytest_oci.conformance.image.members import describe
from pytest_oci.conformance.image.parts import unreadable

from pytest_oci.documents.findings import Finding
from pytest_oci.targets.layout.tree import REF_NAME, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_oci.conformance.image.annotation_rules import Annotations
    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Part

BASE_NAME = "org.opencontainers.image.base.name"

_LABEL = r"\w(?:[\w-]*\w)?"
_REVERSE_DNS = re.compile(rf"{_LABEL}(?:\.{_LABEL})++(?:/.*)?", re.DOTALL)
LONGEST_KEY = 4096
"""Longer keys are not looked at more closely: no domain is so long."""


def is_reverse_dns(key: str) -> bool:
    """Whether a key begins with labels joined by dots; behind a slash anything may follow."""
    return len(key) <= LONGEST_KEY and _REVERSE_DNS.fullmatch(key) is not None


def is_object(part: Part) -> Iterator[Seen]:
    """Annotations that are no object, nor null."""
    return _in_all(part, annotation_rules.is_object)


def values_are_strings(part: Part) -> Iterator[Seen]:
    """Values that are no strings, nor null."""
    return _in_all(part, annotation_rules.values_are_strings)


def values_present(part: Part) -> Iterator[Seen]:
    """Values that are null."""
    return _in_all(part, annotation_rules.values_present)


def keys_unique(part: Part) -> Iterator[Seen]:
    """Keys that stand twice in one object."""
    return _in_all(part, lambda found: annotation_rules.keys_unique(part.text, found))


def not_null(part: Part) -> Iterator[Seen]:
    """Annotations that are null."""
    return _in_all(part, annotation_rules.not_null)


def keys_in_reverse_dns(part: Part) -> Iterator[Seen]:
    """Keys that do not begin with labels joined by dots; behind a slash anything may follow."""
    return _in_all(part, _keys_in_reverse_dns)


def base_name_is_reference(part: Part) -> Iterator[Seen]:
    """Names of base images that are no references."""
    return _in_all(part, _base_name_is_reference)


def base_name_is_qualified(part: Part) -> Iterator[Seen]:
    """Names of base images that are references without a registry."""
    return _in_all(part, _base_name_is_qualified)


def ref_names(index: Index) -> Iterator[Seen]:
    """Names of references in index.json with other characters than the listed ones, or not by their grammar."""
    yield from unreadable(index.text)
    for one, key, value in annotation_rules.strings(annotation_rules.of_descriptors(index)):
        if key != REF_NAME:
            continue
        foreign = references.foreign_in_ref_name(value)
        if foreign:
            actual = f"{describe(value)}, with the character {foreign!r}"
            yield Finding(one.at(key), actual, "of A-Z, a-z, 0-9 and -._:@/+ only")
        elif not references.is_ref_name(value):
            expected = "alphanumeric words joined by one of -._:@+ or by --, in components joined by slashes"
            yield Finding(one.at(key), describe(value), expected)


def _in_all(part: Part, rule: Callable[[Iterable[Annotations]], Iterable[Seen]]) -> Iterator[Seen]:
    yield from unreadable(part.text)
    yield from rule(annotation_rules.of_part(part))


def _keys_in_reverse_dns(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    for one in annotations:
        for key in one.value if isinstance(one.value, dict) else ():
            if not is_reverse_dns(key):
                expected = "in reverse domain notation, such as com.example.key"
                yield Finding(one.at(key), f"named {describe(key)}", expected)


def _base_names(annotations: Iterable[Annotations]) -> Iterator[tuple[str, str]]:
    for one, key, value in annotation_rules.strings(annotations):
        if key == BASE_NAME:
            yield one.at(key), value


def _base_name_is_reference(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    for place, value in _base_names(annotations):
        if not references.is_reference(value):
            yield Finding(place, describe(value), "a reference: [registry/]repository[:tag][@digest]")


def _base_name_is_qualified(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    for place, value in _base_names(annotations):
        if references.is_reference(value) and not references.is_fully_qualified(value):
            yield Finding(place, describe(value), "a reference that begins with its registry")
