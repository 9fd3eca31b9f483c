"""Rules about `root` (config.md, Root)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import (
    Node,
    Object,
    describe,
    is_string,
    offending,
    present,
    require,
    select,
    strings,
)

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.targets.bundle import Bundle, RootPath

CONVENTIONAL = "rootfs"


def root_required(document: Object) -> list[Finding]:
    """Without `root` on a platform other than Windows."""
    scope.require_posix(document)
    return require([Node((), document)], "root", lambda value: value is not None, "an object with path")


def root_required_windows_server(document: Object) -> list[Finding]:
    """Without `root` for a Windows Server container."""
    scope.require_windows(document)
    if _is_hyperv(document):
        not_applicable("a configuration for a Hyper-V container")
    return require([Node((), document)], "root", lambda value: value is not None, "an object with path")


def root_forbidden_hyperv(document: Object) -> list[Finding]:
    """A `root` for a Hyper-V container."""
    scope.require_windows(document)
    if not _is_hyperv(document):
        not_applicable("no configuration for a Hyper-V container")
    return [
        Finding(node.pointer, describe(node.value), "absent, since there is windows.hyperv")
        for node in select(document, "root")
    ]


def path_is_a_volume(document: Object) -> list[Finding]:
    """A `path` on Windows that is no volume GUID path."""
    scope.require_windows(document)
    roots = present(select(document, "root"), "root")
    paths = strings(roots, "path", required_by="config.root.path.required")
    return offending(paths, scope.is_volume_path, r"a volume GUID path, like \\?\Volume{GUID}\ ".rstrip())


def not_readonly_on_windows(document: Object) -> list[Finding]:
    """A `readonly` on Windows that is not false."""
    scope.require_windows(document)
    present(select(document, "root"), "root")
    return offending(select(document, "root", "readonly"), lambda value: value is False, "absent or false")


def path_required(document: Object) -> list[Finding]:
    """A `root` without a string `path`."""
    return require(present(select(document, "root"), "root"), "path", is_string, "a string")


def path_is_conventional(bundle: Bundle, document: Object) -> list[Finding]:
    """A `path` that is neither `rootfs` nor the absolute path of the bundle's `rootfs`."""
    scope.require_posix(document)
    root = _path(bundle, document)
    node = _path_node(document)
    if node.value == CONVENTIONAL or (root.beside and Path(root.declared).name == CONVENTIONAL):
        return []
    return [Finding(node.pointer, describe(node.value), repr(CONVENTIONAL))]


def directory_exists(bundle: Bundle, document: Object) -> list[Finding]:
    """A `path` at which there is no directory."""
    root = _path(bundle, document)
    if scope.is_for_windows(document):
        not_testable("host: a volume of Windows cannot be looked up here")
    if root.is_directory:
        return []
    return [
        Finding(_path_node(document).pointer, f"{root.declared!r}, where {root.kind} is found", "a directory's path")
    ]


def _is_hyperv(document: Object) -> bool:
    return bool(select(document, "windows") and select(document, "windows", "hyperv"))


def _path_node(document: Object) -> Node:
    return strings(select(document, "root"), "path", required_by="config.root.path.required")[0]


def _path(bundle: Bundle, document: Object) -> RootPath:
    if not select(document, "root"):
        not_applicable("no root in this configuration")
    _path_node(document)
    assert bundle.root is not None
    return bundle.root
