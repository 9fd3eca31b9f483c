"""Rules about `zos` (config-zos.md): `devices` in version 1.1 alone, `namespaces` since 1.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import STRING, Required
from pytest_oci.conformance.runtime.config.tree import EACH, Object, is_posix_absolute, offending, present, select
from pytest_oci.conformance.runtime.config_linux import rules_devices

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding

_DEVICES = (("zos", "devices", EACH),)
_TYPE = rules_devices.DEVICE_TYPE

REQUIRED = (
    Required("config.zos.namespaces.type.required", (("zos", "namespaces", EACH),), ("type",), STRING, since=(1, 2)),
    Required("config.zos.devices.type.required", _DEVICES, ("type",), _TYPE, since=(1, 1), until=(1, 1)),
    Required("config.zos.devices.path.required", _DEVICES, ("path",), STRING, since=(1, 1), until=(1, 1)),
)


def namespace_paths_absolute(document: Object) -> list[Finding]:
    """Namespaces to be joined whose path is relative."""
    scope.require_version(document, since=(1, 2))
    paths = present(select(document, "zos", "namespaces", EACH, "path"), "path of a namespace of z/OS")
    return offending(paths, is_posix_absolute, "a path that begins with /")


def numbers_unless_fifo(document: Object) -> list[Finding]:
    """Devices other than FIFOs without `major` or `minor`."""
    scope.require_version(document, since=(1, 1), until=(1, 1))
    return rules_devices.numbers_unless_fifo(document, "zos")


def devices_not_repeated(document: Object) -> list[Finding]:
    """Devices of the same type, major and minor number as one before them."""
    scope.require_version(document, since=(1, 1), until=(1, 1))
    return rules_devices.not_repeated(document, "zos")
