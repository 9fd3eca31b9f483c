"""Texts of products, made fit to be shown: whatever they hold, they steer no terminal and break no encoding."""

from __future__ import annotations

import re
from unicodedata import ucd_3_2_0 as characters

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with control characters (but line feed and tab) and lone surrogates as escapes."""
    return _STEERING.sub(lambda found: _escape(ord(found.group())), text)


MOST_MARKS = 4
"""So many combining marks may stand on one character."""
_SUSPICIOUS = re.compile(r"[^\n\t\x20-\x7e]+")
_SINCE_UNSEEN = frozenset("\xad\u200b")
"""Soft hyphen and space of no width, which Unicode 3.2 took for characters that are seen."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, most: int) -> str:
    """The text as a page may show it, cut visibly to `most` characters.

    Everything that is not seen or changes how its neighbours are seen is an escape: control characters, marks of
    direction, of zero width and of other formats, private and unassigned characters, heaps of combining marks. What is
    assigned is what Unicode 3.2 knows: every Python has that, so that all of them show the same text.
    """
    rest = len(text) - most
    kept = text[:most] if rest > 0 else text
    shown = _SUSPICIOUS.sub(_revealed, kept.replace("\r\n", "\n"))
    return f"{shown}… ({rest} more characters)" if rest > 0 else shown


def _revealed(found: re.Match[str]) -> str:
    shown = []
    marks = 0
    for character in found.group():
        category = characters.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = category in _UNSEEN or character in _SINCE_UNSEEN or marks > MOST_MARKS
        shown.append(_escape(ord(character)) if hidden else character)
    return "".join(shown)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
