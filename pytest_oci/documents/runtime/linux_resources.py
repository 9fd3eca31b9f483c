"""Limits: `linux.resources` in config.json (runtime-spec config-linux.md, Control groups)."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from pytest_oci.documents.base import Int64, Maybe, Uint16, Uint32, Uint64, WireModel

PageSize = Annotated[str, Field(pattern=r"^[1-9][0-9]*[KMGTPE]?B$", json_schema_extra={"not": {"pattern": "\\n"}})]
Access = Annotated[str, Field(pattern=r"^[rwm]*$", json_schema_extra={"not": {"pattern": "\\n"}})]


def _any_of(*names: str) -> dict[str, Any]:
    """The JSON Schema that requires at least one of the properties."""
    return {"anyOf": [{"required": [name]} for name in names]}


class DeviceRule(WireModel):
    """An entry of the allowed device list (config-linux.md, Allowed Device list)."""

    allow: bool
    type: Maybe[Literal["a", "c", "b"]] = None
    major: Maybe[Int64] = None
    minor: Maybe[Int64] = None
    access: Maybe[Access] = None


class Memory(WireModel):
    """Memory limits in bytes, -1 for none; `swappiness` from 0 to 100 (config-linux.md, Memory)."""

    limit: Maybe[Int64] = None
    reservation: Maybe[Int64] = None
    swap: Maybe[Int64] = None
    kernel: Maybe[Int64] = None
    kernel_tcp: Maybe[Int64] = Field(None, alias="kernelTCP")
    swappiness: Maybe[Uint64] = Field(None, le=100)
    disable_oom_killer: Maybe[bool] = Field(None, alias="disableOOMKiller")
    use_hierarchy: Maybe[bool] = None
    check_before_update: Maybe[bool] = None


class CPU(WireModel):
    """CPU time, in microseconds, and placement (config-linux.md, CPU)."""

    shares: Maybe[Uint64] = None
    quota: Maybe[Int64] = None
    burst: Maybe[Uint64] = None
    period: Maybe[Uint64] = None
    realtime_runtime: Maybe[Int64] = None
    realtime_period: Maybe[Uint64] = None
    cpus: Maybe[str] = None
    mems: Maybe[str] = None
    idle: Maybe[Int64] = None


class WeightDevice(WireModel):
    """Weight of one block device (config-linux.md, Block IO)."""

    model_config = ConfigDict(json_schema_extra=_any_of("weight", "leafWeight"))

    major: Int64
    minor: Int64
    weight: Maybe[Uint16] = None
    leaf_weight: Maybe[Uint16] = None

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        return self.require_any("weight", "leaf_weight")


class ThrottleDevice(WireModel):
    """Rate limit of one block device, in bytes or operations per second (config-linux.md, Block IO)."""

    major: Int64
    minor: Int64
    rate: Uint64


class BlockIO(WireModel):
    """Block I/O (config-linux.md, Block IO)."""

    weight: Maybe[Uint16] = None
    leaf_weight: Maybe[Uint16] = None
    weight_device: Maybe[list[WeightDevice]] = None
    throttle_read_bps_device: Maybe[list[ThrottleDevice]] = None
    throttle_write_bps_device: Maybe[list[ThrottleDevice]] = None
    throttle_read_iops_device: Maybe[list[ThrottleDevice]] = Field(None, alias="throttleReadIOPSDevice")
    throttle_write_iops_device: Maybe[list[ThrottleDevice]] = Field(None, alias="throttleWriteIOPSDevice")


class HugepageLimit(WireModel):
    """Limit, in bytes, for one size of huge pages (config-linux.md, Huge page limits)."""

    page_size: PageSize
    limit: Uint64


class InterfacePriority(WireModel):
    """Priority of traffic that leaves through an interface (config-linux.md, Network)."""

    name: str
    priority: Uint32


class Network(WireModel):
    """Class and priorities of network traffic (config-linux.md, Network)."""

    class_id: Maybe[Uint32] = Field(None, alias="classID")
    priorities: Maybe[list[InterfacePriority]] = None


class Pids(WireModel):
    """Number of tasks, -1 for no limit (config-linux.md, PIDs)."""

    limit: Maybe[Int64] = None


class Rdma(WireModel):
    """Limits of one RDMA device (config-linux.md, RDMA)."""

    model_config = ConfigDict(json_schema_extra=_any_of("hcaHandles", "hcaObjects"))

    hca_handles: Maybe[Uint32] = None
    hca_objects: Maybe[Uint32] = None

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        return self.require_any("hca_handles", "hca_objects")


class Resources(WireModel):
    """All resources that cgroups control (config-linux.md, Control groups and Unified)."""

    devices: Maybe[list[DeviceRule]] = None
    memory: Maybe[Memory] = None
    cpu: Maybe[CPU] = None
    block_io: Maybe[BlockIO] = Field(None, alias="blockIO")
    hugepage_limits: Maybe[list[HugepageLimit]] = None
    network: Maybe[Network] = None
    pids: Maybe[Pids] = None
    rdma: Maybe[dict[str, Rdma]] = None
    unified: Maybe[dict[str, str]] = None
