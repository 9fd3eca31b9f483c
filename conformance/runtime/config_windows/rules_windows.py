"""Rules about `windows` (config-windows.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.required import STRING, STRINGS, UINT32, UINT64, Required
from pytest_oci.conformance.runtime.config.tree import EACH, Object, offending, present, select

from pytest_oci import not_testable

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding

FOLDERS = "config.windows.layer-folders.required"
_DEVICES = (("windows", "devices", EACH),)
_AFFINITY = (("windows", "resources", "cpu", "affinity", EACH),)

REQUIRED = (
    Required(FOLDERS, (("windows",),), ("layerFolders",), STRINGS),
    Required("config.windows.devices.id.required", _DEVICES, ("id",), STRING),
    Required("config.windows.devices.id-type.required", _DEVICES, ("idType",), STRING),
    Required("config.windows.resources.cpu.affinity.mask.required", _AFFINITY, ("mask",), UINT64, since=(1, 2)),
    Required("config.windows.resources.cpu.affinity.group.required", _AFFINITY, ("group",), UINT32, since=(1, 2)),
)


def layer_folders_not_empty(document: Object) -> list[Finding]:
    """An empty array `layerFolders`."""
    present(select(document, "windows"), "windows")
    folders = select(document, "windows", "layerFolders")
    if not folders or not isinstance(folders[0].value, list):
        not_testable(f"depends-on: {FOLDERS}")
    return offending(folders, bool, "an array of at least one string")
