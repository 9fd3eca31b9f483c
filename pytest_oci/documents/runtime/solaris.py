"""The `solaris` section of config.json (runtime-spec config-solaris.md); all values are strings there."""

from pydantic import Field

from pytest_oci.documents.base import Maybe, WireModel


class CappedCPU(WireModel):
    """Limit of CPU time, as a fraction of one CPU (config-solaris.md, cappedCPU)."""

    ncpus: Maybe[str] = None


class CappedMemory(WireModel):
    """Limits of memory, with a scale K, M, G or T (config-solaris.md, cappedMemory)."""

    physical: Maybe[str] = None
    swap: Maybe[str] = None


class AutomaticNetwork(WireModel):
    """An automatically created network resource (config-solaris.md, Automatic Network)."""

    linkname: Maybe[str] = None
    lower_link: Maybe[str] = None
    allowed_address: Maybe[str] = None
    configure_allowed_address: Maybe[str] = None
    defrouter: Maybe[str] = None
    mac_address: Maybe[str] = None
    link_protection: Maybe[str] = None


class Solaris(WireModel):
    """Solaris-specific configuration (config-solaris.md)."""

    milestone: Maybe[str] = None
    limitpriv: Maybe[str] = None
    max_shm_memory: Maybe[str] = None
    capped_cpu: Maybe[CappedCPU] = Field(None, alias="cappedCPU")
    capped_memory: Maybe[CappedMemory] = None
    anet: Maybe[list[AutomaticNetwork]] = None
