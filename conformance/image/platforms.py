"""Values for operating systems, architectures and CPU variants that the specification points to.

The first two are those of the Go project's page on installing from source, the last the table of image-index.md with
the series that it leaves open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOS = frozenset(
    {
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "illumos",
        "ios",
        "js",
        "linux",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
    }
)
GOARCH = frozenset(
    {
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mipsle",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
        "wasm",
    }
)
WINDOWS_FEATURES = frozenset({"win32k"})
"""Values of `os.features` for Windows."""

VARIANTS: Mapping[str, str] = {
    "arm": "v6, v7, v8 (and v5, which Go has)",
    "arm64": "v8, v8.1 and so on",
    "ppc64le": "power8, power9 and so on",
    "riscv64": "rva20u64 and so on",
    "amd64": "v1, v2, v3 and so on",
}
"""Variants by architecture, in words. What other architectures call theirs is left to implementations."""

_VARIANT_FORMS = {
    "arm": re.compile(r"v[5-8]"),
    "arm64": re.compile(r"v(?:[89]|[1-9][0-9])(?:\.[0-9]{1,2})?"),
    "ppc64le": re.compile(r"power(?:[89]|[1-9][0-9])"),
    "riscv64": re.compile(r"rva[2-9][0-9]u64"),
    "amd64": re.compile(r"v[1-9]"),
}


def is_listed_variant(architecture: str, variant: str) -> bool:
    """Whether a variant is in the table, or continues a series of it; true of architectures that are not there."""
    form = _VARIANT_FORMS.get(architecture)
    return form is None or form.fullmatch(variant) is not None
