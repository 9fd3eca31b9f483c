"""Rules about `memoryPolicy` (config-linux.md, Memory policy)."""

from __future__ import annotations

from pytest_oci.conformance.runtime.config.required import Required
from pytest_oci.conformance.runtime.config.tree import is_one_of

MODES = tuple(
    f"MPOL_{name}"
    for name in ("DEFAULT", "BIND", "INTERLEAVE", "WEIGHTED_INTERLEAVE", "PREFERRED", "PREFERRED_MANY", "LOCAL")
)

REQUIRED = (
    Required(
        "config.linux.memory-policy.mode.required",
        (("linux", "memoryPolicy"),),
        ("mode",),
        (is_one_of(MODES), f"one of {', '.join(MODES)}"),
        since=(1, 3),
    ),
)
