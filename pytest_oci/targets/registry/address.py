"""The address of a registry, as it is given on the command line."""

from __future__ import annotations

import ipaddress
import urllib.parse
from dataclasses import dataclass

from pytest_oci.targets.runtime import TargetError

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host and port."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without a path."""
        return f"{self.scheme}://{self.authority}"

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_address(given: str) -> Address:
    """The address in a URL. Raises TargetError in one line that says how to mend it."""
    try:
        parts = urllib.parse.urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"the registry {given} is no URL: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise TargetError(f"the registry {given} has to be http://HOST[:PORT] or https://HOST[:PORT]")
    if parts.username is not None or parts.password is not None:
        raise TargetError(
            "the registry's URL holds credentials: set PYTEST_OCI_USERNAME and PYTEST_OCI_PASSWORD instead"
        )
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        raise TargetError(f"the registry {given} has a path: give host and port, and --oci-namespace for repositories")
    return Address(parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port)


def origin_of(url: str) -> Address | None:
    """Scheme, host and port of a URL that a registry gave; None if it is no URL of HTTP."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return Address(parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port)
