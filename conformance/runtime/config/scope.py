"""What a configuration binds itself to: its version of the specification, and its platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.semver import major_minor

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

PLATFORMS = ("freebsd", "linux", "solaris", "windows", "zos")


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


def require_posix(document: Object) -> None:
    """End the judgement where the configuration is one for Windows."""
    if is_for_windows(document):
        not_applicable("a configuration for Windows")


def require_linux(document: Object) -> None:
    """End the judgement where the configuration names platforms, and Linux is none of them."""
    named = [platform for platform in PLATFORMS if platform in document]
    if named and "linux" not in named:
        not_applicable(f"a configuration for {' and '.join(named)}")


def is_for_windows(document: Object) -> bool:
    """Whether the platform is Windows: such a configuration has to say so.

    One with a `linux` section as well is for a Linux container on a Windows host.
    """
    return "windows" in document and "linux" not in document
