"""The `freebsd` section of config.json (runtime-spec config-freebsd.md)."""

from typing import Literal

from pydantic import Field

from pytest_oci.documents.base import Maybe, Uint32, WireModel

SystemVIPC = Literal["inherit", "new", "disable"]


class FreeBSDDevice(WireModel):
    """A device relative to /dev (config-freebsd.md, Devices)."""

    path: str
    mode: Maybe[Uint32] = None


class JailAllow(WireModel):
    """Restrictions that are lifted for the jail (config-freebsd.md, Jail)."""

    set_hostname: Maybe[bool] = None
    raw_sockets: Maybe[bool] = None
    chflags: Maybe[bool] = None
    mount: Maybe[list[str]] = None
    quotas: Maybe[bool] = None
    socket_af: Maybe[bool] = None
    mlock: Maybe[bool] = None
    reserved_ports: Maybe[bool] = None
    suser: Maybe[bool] = None


class Jail(WireModel):
    """Parameters of the jail (config-freebsd.md, Jail)."""

    parent: Maybe[str] = None
    host: Maybe[Literal["new", "inherit"]] = None
    ip4: Maybe[Literal["inherit", "disable"]] = None
    ip4_addr: Maybe[list[str]] = None
    ip6: Maybe[Literal["inherit", "disable"]] = None
    ip6_addr: Maybe[list[str]] = None
    vnet: Maybe[Literal["new", "inherit"]] = None
    interface: Maybe[str] = None
    vnet_interfaces: Maybe[list[str]] = None
    sysvmsg: Maybe[SystemVIPC] = None
    sysvsem: Maybe[SystemVIPC] = None
    sysvshm: Maybe[SystemVIPC] = None
    enforce_statfs: Maybe[int] = Field(None, ge=0, le=2)
    allow: Maybe[JailAllow] = None


class FreeBSD(WireModel):
    """FreeBSD-specific configuration (config-freebsd.md)."""

    devices: Maybe[list[FreeBSDDevice]] = None
    jail: Maybe[Jail] = None
