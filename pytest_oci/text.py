"""Texts of products, made fit to be shown: whatever they hold, they steer no terminal and break no encoding."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters (but line feed and tab) and lone surrogates as escapes."""
    return "".join(_shown(character) for character in text) if not text.isprintable() else text


def _shown(character: str) -> str:
    code = ord(character)
    if (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code < 0xE000 else character
