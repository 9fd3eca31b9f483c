"""config.json as a whole (runtime-spec config.md)."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from pytest_oci.documents.base import Annotations, Maybe, PosixPath, SemVer, WireModel
from pytest_oci.documents.runtime.freebsd import FreeBSD
from pytest_oci.documents.runtime.linux import IDMapping, Linux
from pytest_oci.documents.runtime.process import Process
from pytest_oci.documents.runtime.solaris import Solaris
from pytest_oci.documents.runtime.vm import VM
from pytest_oci.documents.runtime.windows import Windows
from pytest_oci.documents.runtime.zos import ZOS


class Root(WireModel):
    """The container's root filesystem (config.md, Root)."""

    path: str
    readonly: Maybe[bool] = None


class Mount(WireModel):
    """One entry of `mounts` (config.md, Mounts and POSIX-platform Mounts)."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"uidMappings": ["gidMappings"], "gidMappings": ["uidMappings"]}}
    )

    destination: str
    source: Maybe[str] = None
    options: Maybe[list[str]] = None
    type: Maybe[str] = None
    uid_mappings: Maybe[list[IDMapping]] = None
    gid_mappings: Maybe[list[IDMapping]] = None

    @model_validator(mode="after")
    def _mappings_together(self) -> Self:
        return self.require_with("uid_mappings", "gid_mappings").require_with("gid_mappings", "uid_mappings")


class Hook(WireModel):
    """One program to be called (config.md, POSIX-platform Hooks); `timeout` is in seconds."""

    path: PosixPath
    args: Maybe[list[str]] = None
    env: Maybe[list[str]] = None
    timeout: Maybe[int] = Field(None, gt=0)


class Hooks(WireModel):
    """The programs to be called at points of the lifecycle (config.md, POSIX-platform Hooks)."""

    prestart: Maybe[list[Hook]] = None
    create_runtime: Maybe[list[Hook]] = None
    create_container: Maybe[list[Hook]] = None
    start_container: Maybe[list[Hook]] = None
    poststart: Maybe[list[Hook]] = None
    poststop: Maybe[list[Hook]] = None


class Config(WireModel):
    """The configuration of a container (config.md, Configuration)."""

    oci_version: SemVer
    root: Maybe[Root] = None
    mounts: Maybe[list[Mount]] = None
    process: Maybe[Process] = None
    hostname: Maybe[str] = None
    domainname: Maybe[str] = None
    hooks: Maybe[Hooks] = None
    annotations: Maybe[Annotations] = None
    freebsd: Maybe[FreeBSD] = None
    linux: Maybe[Linux] = None
    solaris: Maybe[Solaris] = None
    vm: Maybe[VM] = None
    windows: Maybe[Windows] = None
    zos: Maybe[ZOS] = None
