"""The `linux` section of config.json but for resources and seccomp (runtime-spec config-linux.md)."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from pytest_oci.documents.base import Int64, Maybe, PosixPath, SingleLine, Uint32, WireModel
from pytest_oci.documents.runtime.linux_resources import Resources
from pytest_oci.documents.runtime.linux_seccomp import Seccomp

MemoryPolicyMode = Literal[
    "MPOL_DEFAULT",
    "MPOL_BIND",
    "MPOL_INTERLEAVE",
    "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED",
    "MPOL_PREFERRED_MANY",
    "MPOL_LOCAL",
]
MemoryPolicyFlag = Literal["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]
MemoryBandwidth = Annotated[SingleLine, Field(pattern=r"^MB:[^\n]*$")]


class Namespace(WireModel):
    """A namespace to create or, with `path`, to join (config-linux.md, Namespaces)."""

    type: str
    path: Maybe[PosixPath] = None


class IDMapping(WireModel):
    """A range of user or group ids (config-linux.md, User namespace mappings)."""

    container_id: Uint32 = Field(alias="containerID")
    host_id: Uint32 = Field(alias="hostID")
    size: Uint32


class TimeOffset(WireModel):
    """Offset of one clock of a time namespace (config-linux.md, Offset for Time Namespace)."""

    secs: Maybe[Int64] = None
    nanosecs: Maybe[Uint32] = None


class Device(WireModel):
    """A device that is available in the container (config-linux.md, Devices)."""

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
    uid: Maybe[Uint32] = None
    gid: Maybe[Uint32] = None

    @model_validator(mode="after")
    def _numbers_unless_fifo(self) -> Self:
        return self if self.type == "p" else self.require_any("major").require_any("minor")


class NetDevice(WireModel):
    """A network device that is moved into the container (config-linux.md, Network Devices)."""

    name: Maybe[str] = None


class IntelRdt(WireModel):
    """Intel Resource Director Technology (config-linux.md, IntelRdt); CMT and MBM from 1.1 to 1.2, monitoring since."""

    clos_id: Maybe[str] = Field(None, alias="closID")
    l3_cache_schema: Maybe[str] = Field(None, alias="l3CacheSchema")
    mem_bw_schema: Maybe[MemoryBandwidth] = None
    schemata: Maybe[list[SingleLine]] = None
    enable_cmt: Maybe[bool] = Field(None, alias="enableCMT")
    enable_mbm: Maybe[bool] = Field(None, alias="enableMBM")
    enable_monitoring: Maybe[bool] = None


class MemoryPolicy(WireModel):
    """NUMA memory policy (config-linux.md, Memory policy)."""

    mode: MemoryPolicyMode
    nodes: Maybe[str] = None
    flags: Maybe[list[MemoryPolicyFlag]] = None


class Personality(WireModel):
    """Execution domain (config-linux.md, Personality)."""

    domain: Literal["LINUX", "LINUX32"]
    flags: Maybe[list[str]] = None


class Linux(WireModel):
    """Linux-specific configuration (config-linux.md)."""

    namespaces: Maybe[list[Namespace]] = None
    uid_mappings: Maybe[list[IDMapping]] = None
    gid_mappings: Maybe[list[IDMapping]] = None
    time_offsets: Maybe[dict[str, TimeOffset]] = None
    devices: Maybe[list[Device]] = None
    net_devices: Maybe[dict[str, NetDevice]] = None
    cgroups_path: Maybe[str] = None
    resources: Maybe[Resources] = None
    intel_rdt: Maybe[IntelRdt] = None
    memory_policy: Maybe[MemoryPolicy] = None
    sysctl: Maybe[dict[str, str]] = None
    seccomp: Maybe[Seccomp] = None
    rootfs_propagation: Maybe[Literal["shared", "slave", "private", "unbindable"]] = None
    masked_paths: Maybe[list[PosixPath]] = None
    readonly_paths: Maybe[list[PosixPath]] = None
    mount_label: Maybe[str] = None
    personality: Maybe[Personality] = None
