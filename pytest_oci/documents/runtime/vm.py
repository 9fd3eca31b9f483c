"""The `vm` section of config.json (runtime-spec config-vm.md)."""

from pydantic import Field

from pytest_oci.documents.base import Maybe, PosixPath, WireModel


class Hypervisor(WireModel):
    """The program that manages the virtual machine (config-vm.md, Hypervisor Object)."""

    path: PosixPath
    parameters: Maybe[list[str]] = None


class Kernel(WireModel):
    """The kernel that the virtual machine boots (config-vm.md, Kernel Object)."""

    path: PosixPath
    parameters: Maybe[list[str]] = None
    initrd: Maybe[PosixPath] = None


class Image(WireModel):
    """The image with the virtual machine's root filesystem (config-vm.md, Image Object)."""

    path: PosixPath
    format: str


class IOMemory(WireModel):
    """A range of I/O memory, by frame and number of pages (config-vm.md, HWConfig Object)."""

    first_gfn: Maybe[int] = Field(None, alias="firstGFN")
    first_mfn: int = Field(alias="firstMFN")
    nr_mfns: int = Field(alias="nrMFNs")


class HWConfig(WireModel):
    """Hardware that is passed to the virtual machine; memory in bytes (config-vm.md, HWConfig Object)."""

    device_tree: Maybe[str] = None
    vcpus: Maybe[int] = None
    memory: Maybe[int] = None
    dtdevs: Maybe[list[str]] = None
    iomems: Maybe[list[IOMemory]] = None
    irqs: Maybe[list[int]] = None


class VM(WireModel):
    """Virtual-machine-specific configuration (config-vm.md)."""

    hypervisor: Maybe[Hypervisor] = None
    kernel: Kernel
    image: Maybe[Image] = None
    hw_config: Maybe[HWConfig] = None
