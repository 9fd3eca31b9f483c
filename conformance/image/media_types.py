"""Media types of the specification, and the grammar of any (RFC 6838 section 4.2; media-types.md)."""

from __future__ import annotations

import re

GRAMMAR = "type/subtype, each of 1 to 127 characters as RFC 6838 section 4.2 allows"

_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}")


def is_media_type(text: str) -> bool:
    """Whether a text is a type and a subtype by the naming rules of RFC 6838; parameters are no part of that."""
    return _MEDIA_TYPE.fullmatch(text) is not None
