"""The `windows` section of config.json (runtime-spec config-windows.md)."""

from typing import Any

from pydantic import Field

from pytest_oci.documents.base import Maybe, Uint16, Uint32, Uint64, WireModel


class WindowsDevice(WireModel):
    """A device that is available in the container (config-windows.md, Devices)."""

    id: str
    id_type: str


class WindowsMemory(WireModel):
    """Memory limit in bytes (config-windows.md, Memory)."""

    limit: Maybe[Uint64] = None


class CPUAffinity(WireModel):
    """Processors of one group (config-windows.md, CPU)."""

    mask: Uint64
    group: Uint32


class WindowsCPU(WireModel):
    """CPU usage; `shares` and `maximum` are at most 10000 (config-windows.md, CPU)."""

    count: Maybe[Uint64] = None
    shares: Maybe[Uint16] = Field(None, le=10000)
    maximum: Maybe[Uint16] = None
    affinity: Maybe[list[CPUAffinity]] = None


class WindowsStorage(WireModel):
    """Operations, bytes per second and size in bytes of the system drive (config-windows.md, Storage)."""

    iops: Maybe[Uint64] = None
    bps: Maybe[Uint64] = None
    sandbox_size: Maybe[Uint64] = None


class WindowsResources(WireModel):
    """Limits of the container (config-windows.md, Resources)."""

    memory: Maybe[WindowsMemory] = None
    cpu: Maybe[WindowsCPU] = None
    storage: Maybe[WindowsStorage] = None


class WindowsNetwork(WireModel):
    """Networking of the container (config-windows.md, Network)."""

    endpoint_list: Maybe[list[str]] = None
    allow_unqualified_dns_query: Maybe[bool] = Field(None, alias="allowUnqualifiedDNSQuery")
    dns_search_list: Maybe[list[str]] = Field(None, alias="DNSSearchList")
    network_shared_container_name: Maybe[str] = None
    network_namespace: Maybe[str] = None


class HyperV(WireModel):
    """Isolation by Hyper-V (config-windows.md, HyperV)."""

    utility_vm_path: Maybe[str] = Field(None, alias="utilityVMPath")


class Windows(WireModel):
    """Windows-specific configuration (config-windows.md)."""

    layer_folders: list[str] = Field(min_length=1)
    devices: Maybe[list[WindowsDevice]] = None
    resources: Maybe[WindowsResources] = None
    network: Maybe[WindowsNetwork] = None
    credential_spec: Maybe[dict[str, Any]] = None
    servicing: Maybe[bool] = None
    ignore_flushes_during_boot: Maybe[bool] = None
    hyperv: Maybe[HyperV] = None
