"""What a configuration binds itself to: its version of the specification, and its platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.semver import major_minor

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.documents.exact import JsonValue

PLATFORMS = ("freebsd", "linux", "solaris", "vm", "windows", "zos")
_VOLUME = re.compile(r"\\\\\?\\Volume\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}\\?", re.ASCII | re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def require_version(document: Object, *, since: tuple[int, int] = (1, 0), until: tuple[int, int] | None = None) -> None:
    """End the judgement where the configuration's own `ociVersion` does not know the clause.

    A pre-release counts as the version that it precedes.
    """
    declared = document.get("ociVersion")
    if not isinstance(declared, str):
        not_testable("depends-on: config.oci-version.required")
    version = major_minor(declared)
    if version is None:
        not_testable("depends-on: config.oci-version.semver")
    if version < since:
        not_applicable(f"no duty in version {declared} of this configuration")
    if until is not None and version > until:
        not_applicable(f"no duty any more in version {declared} of this configuration")


def knows(document: Object, since: tuple[int, int]) -> bool:
    """Whether the configuration names a version that is not older than this one."""
    declared = document.get("ociVersion")
    version = major_minor(declared) if isinstance(declared, str) else None
    return version is not None and version >= since


def require_posix(document: Object) -> None:
    """End the judgement where the configuration is one for Windows."""
    if is_for_windows(document):
        not_applicable("a configuration for Windows")


def require_windows(document: Object) -> None:
    """End the judgement where the configuration is not one for Windows."""
    if not is_for_windows(document):
        not_applicable("nothing in this configuration says that it is for Windows")


def require_linux(document: Object) -> None:
    """End the judgement where the configuration names platforms, and Linux is none of them."""
    require_posix(document)
    named = _named(document)
    if named and "linux" not in named:
        not_applicable(f"a configuration for {' and '.join(named)}")


def require_platform(document: Object, platform: str) -> None:
    """End the judgement where the configuration does not name the platform, or names Linux or Windows as well.

    What is said of the other platforms yields to what is said of those two.
    """
    named = _named(document)
    if platform not in named:
        not_applicable(f"no {platform} in this configuration")
    nearer = [other for other in ("linux", "windows") if other in named]
    if nearer:
        not_applicable(f"a configuration for {' and '.join(nearer)} as well")


def is_for_windows(document: Object) -> bool:
    """Whether the platform is Windows: such a configuration has to say so by its `windows` object.

    One with a `linux` section as well is for a Linux container on a Windows host. One that names no platform is for
    Windows where its paths are possible there alone; that it lacks the object is for the clause about it to say.
    """
    named = _named(document)
    if set(named) <= {"vm"}:
        return _has_windows_paths(document)
    return "windows" in named and "linux" not in named


def is_volume_path(value: JsonValue) -> bool:
    """Whether a value is the volume GUID path of a volume's root, with or without its last backslash."""
    return isinstance(value, str) and _VOLUME.fullmatch(value) is not None


def _named(document: Object) -> list[str]:
    return [platform for platform in PLATFORMS if document.get(platform) is not None]


def _has_windows_paths(document: Object) -> bool:
    root, process = document.get("root"), document.get("process")
    path = root.get("path") if isinstance(root, dict) else None
    directory = process.get("cwd") if isinstance(process, dict) else None
    return is_volume_path(path) or (isinstance(directory, str) and _DRIVE.match(directory) is not None)
