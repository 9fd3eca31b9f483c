"""systemd-nspawn --oci-bundle: it reads the configuration itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_NAME = 63


def words(program: Path, bundle: Path, config: dict[str, Any], identifier: str) -> list[str]:
    """The command line that runs a bundle in the foreground, without asking the host's systemd for anything.

    systemd-nspawn refuses a root file system without `usr`, so it is given an empty one.
    """
    root = config.get("root")
    if isinstance(root, dict) and isinstance(root.get("path"), str) and (rootfs := bundle / root["path"]).is_dir():
        (rootfs / "usr").mkdir(exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9-]", "-", identifier)[-LONGEST_NAME:].strip("-")
    return [
        str(program),
        "--quiet",
        f"--oci-bundle={bundle}",
        f"--machine={name or 'container'}",
        "--register=no",
        "--keep-unit",
        "--console=pipe",
    ]
