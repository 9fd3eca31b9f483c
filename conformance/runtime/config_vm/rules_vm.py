"""Rules about `vm` (config-vm.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import INTEGER, OBJECT, STRING, Required
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    is_posix_absolute,
    is_string,
    is_windows_absolute,
    offending,
    present,
    require,
    select,
    strings,
)

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding

_IOMEMS = (("vm", "hwConfig", "iomems", EACH),)

REQUIRED = (
    Required("config.vm.hypervisor.path.required", (("vm", "hypervisor"),), ("path",), STRING),
    Required("config.vm.kernel.required", (("vm",),), ("kernel",), OBJECT),
    Required("config.vm.kernel.path.required", (("vm", "kernel"),), ("path",), STRING),
    Required("config.vm.image.path.required", (("vm", "image"),), ("path",), STRING),
    Required("config.vm.hw-config.iomems.first-mfn.required", _IOMEMS, ("firstMFN",), INTEGER, since=(1, 3)),
    Required("config.vm.hw-config.iomems.nr-mfns.required", _IOMEMS, ("nrMFNs",), INTEGER, since=(1, 3)),
)


def path_absolute(document: Object, name: str) -> list[Finding]:
    """A relative `path` of the hypervisor, the kernel or the image."""
    owners = present(select(document, "vm", name), f"vm.{name}")
    return _relative(document, strings(owners, "path", required_by=f"config.vm.{name}.path.required"))


def initrd_absolute(document: Object) -> list[Finding]:
    """A relative `initrd` of the kernel."""
    return _relative(document, present(select(document, "vm", "kernel", "initrd"), "vm.kernel.initrd"))


def format_is_a_string(document: Object) -> list[Finding]:
    """A `format` of the image that is no string."""
    images = present(select(document, "vm", "image"), "vm.image")
    set_ = [image for image in images if not (isinstance(image.value, dict) and image.value.get("format") is None)]
    return require(set_, "format", is_string, "a string")


def format_is_there(document: Object) -> list[Finding]:
    """An image without `format`."""
    images = present(select(document, "vm", "image"), "vm.image")
    return require(images, "format", lambda value: value is not None, "a string")


def _relative(document: Object, nodes: list[Node]) -> list[Finding]:
    if scope.is_for_windows(document):
        return offending(nodes, is_windows_absolute, "an absolute path of Windows")
    return offending(nodes, is_posix_absolute, "a path that begins with /")
