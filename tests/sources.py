"""The sources of the suite in the checkout, for tests of what is installed of them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("conformance", "fixtures", "pytest_oci")
SOURCES = frozenset({".py", ".toml", ".json", ".ini", ".c", ".h"})


def digest_by_hand() -> str:
    """The digest of the suite, from the files of the checkout: of a line for each with its sha256 and its name."""
    lines = []
    for package in PACKAGES:
        for path in (CHECKOUT / package).rglob("*"):
            if path.suffix in SOURCES and path.is_file():
                name = path.relative_to(CHECKOUT).as_posix().removeprefix("pytest_oci/")
                lines.append(f"{sha256(path.read_bytes()).hexdigest()}  {name}\n")
    return sha256("".join(sorted(lines)).encode()).hexdigest()
