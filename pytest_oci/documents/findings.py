"""What a rule finds in a document: where, what stands there, what may stand there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One place at which a document breaks a rule.

    `pointer` is an RFC 6901 JSON pointer, empty for the whole document; `actual` and `expected` are in words.
    """

    pointer: str
    actual: str
    expected: str

    def __repr__(self) -> str:
        return f"{self.pointer or 'the document'} is {self.actual}, may be {self.expected}"


def json_pointer(*tokens: str | int) -> str:
    """The JSON pointer (RFC 6901) of these names and indices, always printable as UTF-8."""
    return "".join(
        [
            f"/{token if isinstance(token, int) or (token.isalnum() and token.isascii()) else _escape(token)}"
            for token in tokens
        ]
    )


def _escape(token: str) -> str:
    text = token.replace("~", "~0").replace("/", "~1")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
