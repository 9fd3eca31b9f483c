"""The `zos` section of config.json (runtime-spec config-zos.md)."""

from pytest_oci.documents.base import Maybe, PosixPath, WireModel


class ZOSNamespace(WireModel):
    """A namespace to create or, with `path`, to join (config-zos.md, Namespaces)."""

    type: str
    path: Maybe[PosixPath] = None


class ZOS(WireModel):
    """z/OS-specific configuration (config-zos.md)."""

    namespaces: Maybe[list[ZOSNamespace]] = None
