"""The `zos` section of config.json (runtime-spec config-zos.md)."""

from typing import Literal, Self

from pydantic import ConfigDict, model_validator

from pytest_oci.documents.base import Int64, Maybe, PosixPath, Uint32, WireModel


class ZOSNamespace(WireModel):
    """A namespace to create or, with `path`, to join (config-zos.md, Namespaces)."""

    type: str
    path: Maybe[PosixPath] = None


class ZOSDevice(WireModel):
    """A device that is available in the container, in version 1.1 alone (config-zos.md of 1.1.0, Devices)."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"type": {"const": "p"}}},
            "else": {"required": ["major", "minor"]},
        }
    )

    type: Literal["c", "b", "u", "p"]
    path: str
    major: Maybe[Int64] = None
    minor: Maybe[Int64] = None
    file_mode: Maybe[Uint32] = None

    @model_validator(mode="after")
    def _numbers_unless_fifo(self) -> Self:
        return self if self.type == "p" else self.require_any("major").require_any("minor")


class ZOS(WireModel):
    """z/OS-specific configuration (config-zos.md)."""

    devices: Maybe[list[ZOSDevice]] = None
    namespaces: Maybe[list[ZOSNamespace]] = None
