"""Rules about `personality` (config-linux.md, Personality)."""

from __future__ import annotations

from pytest_oci.conformance.runtime.config.required import Required
from pytest_oci.conformance.runtime.config.tree import is_one_of

DOMAINS = ("LINUX", "LINUX32")

REQUIRED = (
    Required(
        "config.linux.personality.domain.required",
        (("linux", "personality"),),
        ("domain",),
        (is_one_of(DOMAINS), f"one of {', '.join(DOMAINS)}"),
    ),
)
