"""Rules about the sections of the platforms (config.md, Platform-specific configuration)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import Node, Object, is_object, require

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding


def windows_required(document: Object) -> list[Finding]:
    """Without `windows` in a configuration for Windows, which its paths then show."""
    scope.require_windows(document)
    return require([Node((), document)], "windows", is_object, "an object, since paths are those of Windows")
