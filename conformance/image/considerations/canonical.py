"""Canonical JSON, to which considerations.md points: sorted members, no white space, no escape that is not needed."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from pytest_oci.documents.exact import Number

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

SHOWN = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotRepresentableError(ValueError):
    """The value has no canonical form; the text says why."""


def canonical(value: JsonValue) -> bytes:
    """The canonical text of a value. Raises NotRepresentableError.

    Control characters, which JSON cannot hold otherwise, are escaped as briefly as may be; Unicode is not normalized.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_refuse)
    if _SURROGATE.search(text):
        raise NotRepresentableError("it has a surrogate without its other half")
    return text.encode()


def difference(data: bytes, value: JsonValue) -> str:
    """Where a text that says this value is not canonical, in words; empty if it is."""
    try:
        wanted = canonical(value)
    except NotRepresentableError as error:
        return str(error)
    if data == wanted:
        return ""
    offset = bisect_left(range(1, min(len(data), len(wanted)) + 1), True, key=lambda end: data[:end] != wanted[:end])
    found = data[offset : offset + SHOWN].decode(errors="replace") or "the end"
    return f"at byte {offset} stands {found!r} where {wanted[offset : offset + SHOWN].decode(errors='replace')!r} does"


def _refuse(value: object) -> str:
    if isinstance(value, Number):
        raise NotRepresentableError(f"it has the number {value.literal[:SHOWN]}, where only integers are canonical")
    raise TypeError(f"{value!r} is no JSON value")
