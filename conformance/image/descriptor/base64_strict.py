"""Base 64 by RFC 4648 section 4: the standard alphabet, padded, nothing else in it, no stray bits."""

from __future__ import annotations

import base64
import re

_FOREIGN = re.compile("[^A-Za-z0-9+/=]")


def decode(text: str) -> bytes | None:
    """The bytes that a text encodes; None if an encoder would not write it so."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return decoded if base64.b64encode(decoded) == text.encode() else None


def fault(text: str) -> str:
    """Why a text is no such encoding, in words; empty if it is one."""
    if decode(text) is not None:
        return ""
    foreign = _FOREIGN.search(text)
    if foreign:
        return f"{foreign[0]!r} at character {foreign.start()} is not in the standard alphabet"
    unpadded = text.rstrip("=")
    if "=" in unpadded or len(text) - len(unpadded) > 2:
        return "padding stands where none belongs"
    if len(text) % 4:
        return f"its {len(text)} characters are no multiple of four: padding is missing or too much"
    return "its last character has bits beyond the last byte"
