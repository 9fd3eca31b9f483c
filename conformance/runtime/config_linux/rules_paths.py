"""Rules about `maskedPaths` and `readonlyPaths` (config-linux.md, Masked Paths and Readonly Paths)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import EACH, Object, is_posix_absolute, offending, present, select

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding


def paths_absolute(document: Object, name: str) -> list[Finding]:
    """Paths of the list of this name that are relative."""
    return offending(
        present(select(document, "linux", name, EACH), name), is_posix_absolute, "a path that begins with /"
    )
