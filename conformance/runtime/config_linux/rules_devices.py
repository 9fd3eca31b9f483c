"""Rules about `devices` (config-linux.md, Devices); those of z/OS had the same structure in version 1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.required import INT64, STRING, Required
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    integer,
    is_int64,
    is_one_of,
    present,
    require,
    select,
)

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

TYPES = ("c", "b", "u", "p")
DEVICE_TYPE = (is_one_of(TYPES), f"one of {', '.join(TYPES)}")

_DEVICES = (("linux", "devices", EACH),)
REQUIRED = (
    Required("config.linux.devices.type.required", _DEVICES, ("type",), DEVICE_TYPE),
    Required("config.linux.devices.path.required", _DEVICES, ("path",), STRING),
)


def numbers_unless_fifo(document: Object, platform: str = "linux") -> list[Finding]:
    """Devices other than FIFOs without `major` or `minor`."""
    devices = [node for node in _devices(document, platform) if not _is_fifo(node.value)]
    nodes = present(devices, "device that is no FIFO")
    return [finding for name in ("major", "minor") for finding in require(nodes, name, *INT64)]


def not_repeated(document: Object, platform: str = "linux") -> list[Finding]:
    """Devices of the same type, major and minor number as one before them."""
    seen: dict[tuple[object, ...], str] = {}
    findings = []
    for node in present(_devices(document, platform), f"device in {platform}"):
        key = _identity(node.value)
        if key is not None and seen.setdefault(key, node.pointer) != node.pointer:
            findings.append(Finding(node.pointer, f"{key[0]} {key[1]}:{key[2]} like {seen[key]}", "another device"))
    return findings


def _devices(document: Object, platform: str) -> list[Node]:
    return select(document, platform, "devices", EACH)


def _is_fifo(value: JsonValue) -> bool:
    return isinstance(value, dict) and value.get("type") == "p"


def _identity(value: JsonValue) -> tuple[object, ...] | None:
    """What makes a device: none of a FIFO, which needs no numbers, nor of an entry that lacks some."""
    if not isinstance(value, dict) or _is_fifo(value) or not isinstance(value.get("type"), str):
        return None
    if not is_int64(value.get("major")) or not is_int64(value.get("minor")):
        return None
    return value["type"], integer(value["major"]), integer(value["minor"])
