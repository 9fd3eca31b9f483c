"""Rules about `mounts` (config.md, Mounts and POSIX-platform Mounts)."""

from __future__ import annotations

import ntpath
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    describe,
    is_posix_absolute,
    is_string,
    is_windows_absolute,
    offending,
    present,
    require,
    select,
    strings,
)

from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

IDMAP_OPTIONS = ("idmap", "ridmap")


def destination_required(document: Object) -> list[Finding]:
    """Entries without a string `destination`."""
    return require(_entries(document), "destination", is_string, "a string, a path inside the container")


def destination_absolute(document: Object) -> list[Finding]:
    """Relative destinations on Linux, in a configuration of 1.2 or later."""
    scope.require_linux(document)
    scope.require_version(document, since=(1, 2))
    return _relative_destinations(document)


def destination_absolute_strict(document: Object) -> list[Finding]:
    """Relative destinations on Linux, in a configuration of 1.0 or 1.1."""
    scope.require_linux(document)
    scope.require_version(document, until=(1, 1))
    return _relative_destinations(document)


def destination_absolute_on(document: Object, platform: str, *, since: tuple[int, int] = (1, 0)) -> list[Finding]:
    """Relative destinations on a platform that is neither Linux nor Windows."""
    scope.require_platform(document, platform)
    scope.require_version(document, since=since)
    return _relative_destinations(document)


def destination_absolute_windows(document: Object) -> list[Finding]:
    """Relative destinations on Windows."""
    scope.require_windows(document)
    return offending(_destinations(document), is_windows_absolute, "an absolute path of Windows")


def destination_nested_windows(document: Object) -> list[Finding]:
    """Absolute destinations on Windows that lie within another one; two that are equal do not."""
    scope.require_windows(document)
    absolute = [node for node in _destinations(document) if is_windows_absolute(node.value)]
    places = sorted((_components(node.value), node.tokens, node) for node in absolute)
    findings: list[Finding] = []
    outer: list[tuple[tuple[str, ...], Node]] = []
    for parts, _, node in places:
        while outer and parts[: len(outer[-1][0])] != outer[-1][0]:
            outer.pop()
        if outer and len(outer[-1][0]) < len(parts):
            around = outer[-1][1]
            findings.append(
                Finding(node.pointer, describe(node.value), f"outside {describe(around.value)} ({around.pointer})")
            )
        if not outer or outer[-1][0] != parts:
            outer.append((parts, node))
    return findings


def uid_mappings_with_gid(document: Object) -> list[Finding]:
    """Entries with `uidMappings` and without `gidMappings`."""
    return _without(document, "uidMappings", "gidMappings")


def gid_mappings_with_uid(document: Object) -> list[Finding]:
    """Entries with `gidMappings` and without `uidMappings`."""
    return _without(document, "gidMappings", "uidMappings")


def mappings_with_option(document: Object, mappings: str) -> list[Finding]:
    """Entries with the mappings whose options are neither `idmap` nor `ridmap`."""
    return [
        Finding(json_pointer(*node.tokens, "options"), f"without {' or '.join(IDMAP_OPTIONS)}", "with one of them")
        for node in _mapped(document, mappings)
        if not _lists_idmap(node.value)
    ]


def _entries(document: Object) -> list[Node]:
    return present(select(document, "mounts", EACH) if select(document, "mounts") else [], "mounts")


def _relative_destinations(document: Object) -> list[Finding]:
    return offending(_destinations(document), is_posix_absolute, "a path that begins with /")


def _destinations(document: Object) -> list[Node]:
    return strings(_entries(document), "destination", required_by="config.mounts.destination.required")


def _components(path: JsonValue) -> tuple[str, ...]:
    """The parts of a path of Windows, which knows no difference of case and two separators."""
    return PureWindowsPath(ntpath.normcase(ntpath.normpath(str(path)))).parts


def _mapped(document: Object, mappings: str) -> list[Node]:
    scope.require_linux(document)
    scope.require_version(document, since=(1, 2))
    nodes = [node for node in _entries(document) if _has(node.value, mappings)]
    return present(nodes, f"mount with {mappings}")


def _without(document: Object, mappings: str, other: str) -> list[Finding]:
    return [
        Finding(json_pointer(*node.tokens, other), "absent", f"there, since {mappings} is")
        for node in _mapped(document, mappings)
        if not _has(node.value, other)
    ]


def _has(value: JsonValue, name: str) -> bool:
    return isinstance(value, dict) and value.get(name) is not None


def _lists_idmap(value: JsonValue) -> bool:
    options = value.get("options") if isinstance(value, dict) else None
    return isinstance(options, list) and any(option in IDMAP_OPTIONS for option in options)
