"""Rules about `namespaces` (config-linux.md, Namespaces)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.required import STRING, Required
from pytest_oci.conformance.runtime.config.tree import EACH, Object, is_posix_absolute, offending, present, select

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding

REQUIRED = (Required("config.linux.namespaces.type.required", (("linux", "namespaces", EACH),), ("type",), STRING),)


def paths_absolute(document: Object) -> list[Finding]:
    """Namespaces to be joined whose path is relative."""
    paths = present(select(document, "linux", "namespaces", EACH, "path"), "path of a namespace")
    return offending(paths, is_posix_absolute, "a path that begins with /")
