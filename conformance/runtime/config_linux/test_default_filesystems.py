"""config-linux.md, "Default Filesystems": advice, since the text leaves open who has to supply them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.bundle import MINIMAL

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

MAGIC = {"/proc": 0x9FA0, "/sys": 0x62656572, "/dev/pts": 0x1CD1, "/dev/shm": 0x01021994}  # noqa: S108 - inside
"""What statfs says of the file systems proc, sysfs, devpts and tmpfs."""
UNMOUNTED = MINIMAL.with_verb("sequence", *(word for path in MAGIC for word in ("statfs", path, "--")), "cwd")
WITHOUT_PROC = UNMOUNTED.lacking("/mounts/0")


@clause("config.linux.default-filesystems")
@pytest.mark.parametrize("path", MAGIC)
def test_file_system_is_there_without_being_asked_for(observe: Observe, path: str) -> None:
    """It is there although `mounts` does not have it. For /proc that takes a bundle which many runtimes refuse."""
    seen = observe(WITHOUT_PROC if path == "/proc" else UNMOUNTED)
    expect(seen["lines"][list(MAGIC).index(path)].get("type"), f"file system type at {path}").equals(MAGIC[path])
