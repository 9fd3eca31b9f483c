"""Rules about `uidMappings` and `gidMappings` (config-linux.md, User namespace mappings)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import UINT32
from pytest_oci.conformance.runtime.config.tree import EACH, Object, present, require, select

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding

KINDS = ("uidMappings", "gidMappings")


def mappings_have(document: Object, name: str) -> list[Finding]:
    """Mappings without an unsigned 32 bit integer of this name; those of mounts have the same structure since 1.1."""
    entries = [node for kind in KINDS for node in select(document, "linux", kind, EACH)]
    if scope.knows(document, (1, 1)):
        entries += [node for kind in KINDS for node in select(document, "mounts", EACH, kind, EACH)]
    return require(present(entries, "mapping of users or groups"), name, *UINT32)
