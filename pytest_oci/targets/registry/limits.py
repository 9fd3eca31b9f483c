"""What talking with a registry may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True, slots=True)
class RegistryLimits:
    """Most bytes, hops and seconds; `seconds` is for one request with its answer, however slowly it comes."""

    seconds: float = 10.0
    body_bytes: int = 64 * MIB
    """Of one answer, decoded."""
    kept_bytes: int = 256 * 1024
    """Of a body that looks like JSON or markup, in the record."""
    kept_text_bytes: int = 2048
    """Of a body that is other text."""
    kept_binary_bytes: int = 64
    """Of any other body, in the record."""
    redirects: int = 5
    waits: int = 5
    """Answers 429, one after the other, that are waited for."""
    wait_seconds: float = 30.0
    """For all of them together."""
    connections: int = 16
    token_bytes: int = 1 * MIB
    """Of a token service's answer."""
