"""A layout's facts to and from JSON, exactly: for the ledger, and for workers that do not read the layout themselves.

Bytes are in base64. What has its default value is left out.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any

from pytest_oci.targets.layout.facts import Blob, Entry, File, Layout, Places, Tar, Unpacked


def to_json(layout: Layout) -> dict[str, Any]:
    """The facts as objects of `json`; names that are no UTF-8 survive as long as it escapes all that is not ASCII."""
    saved = _plain(layout)
    assert isinstance(saved, dict)
    return saved


def from_json(saved: Mapping[str, Any]) -> Layout:
    """The inverse of `to_json`. Raises ValueError for anything that did not come from there."""
    try:
        return Layout(
            **{
                **saved,
                "entries": tuple(Entry(**entry) for entry in saved["entries"]),
                "oci_layout": _file(saved["oci_layout"]),
                "index": _file(saved["index"]),
                "blobs": {name: _blob(blob) for name, blob in saved["blobs"].items()},
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are not the saved facts about a layout: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int)):
        return value
    kind: type = type(value)
    if is_dataclass(kind):
        members = ((name, getattr(value, name), default) for name, default in _defaults(kind))
        return {name: _plain(member) for name, member, default in members if member != default}
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    """The names of its fields and their default values: there are tens of thousands of objects of few kinds."""
    return tuple((field.name, _default(field)) for field in fields(kind))


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _file(saved: Mapping[str, Any]) -> File:
    return File(**{**saved, **_bytes(saved, "data")})


def _blob(saved: Mapping[str, Any]) -> Blob:
    unpacked = {"unpacked": _unpacked(saved["unpacked"])} if "unpacked" in saved else {}
    return Blob(**{**saved, **_bytes(saved, "data", "head"), **unpacked})


def _unpacked(saved: Mapping[str, Any]) -> Unpacked:
    return Unpacked(**{**saved, "tar": _tar(saved["tar"])})


def _tar(saved: Mapping[str, Any]) -> Tar:
    places = {
        name: Places(tuple(value.get("names", ())), value.get("count", 0))
        for name, value in saved.items()
        if name != "types" and isinstance(value, Mapping)
    }
    return Tar(**{**saved, **places})


def _bytes(saved: Mapping[str, Any], *names: str) -> dict[str, bytes]:
    return {name: b64decode(saved[name], validate=True) for name in names if name in saved}
