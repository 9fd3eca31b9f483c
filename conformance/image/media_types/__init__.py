"""Media types of the specification, and the grammar of any (RFC 6838 section 4.2; media-types.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import Doubtful
from pytest_oci.conformance.image.members import ABSENT, below, describe, member

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen
    from pytest_oci.conformance.image.members import Found

    from pytest_oci.documents.exact import JsonValue

GRAMMAR = "type/subtype, each of 1 to 127 characters as RFC 6838 section 4.2 allows"

_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}")


def is_media_type(text: str) -> bool:
    """Whether a text is a type and a subtype by the naming rules of RFC 6838; parameters are no part of that."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def is_same(value: Found, media_type: str) -> bool:
    """Whether a value names this media type in whatever case, which makes no difference (RFC 6838, section 4.2)."""
    return isinstance(value, str) and value.isascii() and value.lower() == media_type.lower()


def artifact_type_faults(holder: JsonValue, place: str) -> Iterator[Seen]:
    """What is wrong with the `artifactType` of the object at a place: not named as RFC 6838 asks, or no string.

    Null may be taken for a value that is not defined, and is doubtful.
    """
    value = member(holder, "artifactType")
    if value is None:
        yield Doubtful(Finding(below(place, "artifactType"), "null", f"absent or {GRAMMAR}"))
    elif value is not ABSENT and not (isinstance(value, str) and is_media_type(value)):
        yield Finding(below(place, "artifactType"), describe(value), GRAMMAR)
