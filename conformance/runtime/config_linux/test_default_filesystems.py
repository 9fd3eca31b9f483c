"""config-linux.md, "Default Filesystems": advice, since the text leaves open who has to supply them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.probe.report import error_name
from pytest_oci.fixtures.runtime.bundle import MINIMAL

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

FILESYSTEMS = {"/proc": "proc", "/sys": "sysfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs"}  # noqa: S108 - inside
MAGIC = {0x9FA0: "proc", 0x62656572: "sysfs", 0x1CD1: "devpts", 0x01021994: "tmpfs"}
"""Types of file systems as statfs(2) has them."""
UNMOUNTED = MINIMAL.with_verb("sequence", *(word for path in FILESYSTEMS for word in ("statfs", path, "--")), "cwd")
WITHOUT_PROC = UNMOUNTED.lacking("/mounts/0")


@clause("config.linux.default-filesystems")
@pytest.mark.parametrize("path", FILESYSTEMS)
def test_file_system_is_there_without_being_asked_for(observe: Observe, path: str) -> None:
    """It is there although `mounts` does not have it. For /proc that takes a bundle which many runtimes refuse."""
    seen = observe(WITHOUT_PROC if path == "/proc" else UNMOUNTED)
    answer = seen["lines"][list(FILESYSTEMS).index(path)]
    found = MAGIC.get(int(answer["type"], 16), answer["type"]) if answer["rc"] == 0 else error_name(answer["rc"])
    expect(found, f"file system at {path}").equals(FILESYSTEMS[path])
