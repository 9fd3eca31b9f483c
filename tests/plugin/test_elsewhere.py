"""Layouts, bundles and documents are judged on systems that are not Linux; here that is only pretended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin_runs import Plugin

ELSEWHERE = """
import os
import platform
import sys

GONE = "getuid geteuid getgid getegid fork getsid killpg pread mkfifo unshare statvfs".split()
GONE += "O_NONBLOCK O_NOCTTY O_CLOEXEC O_NOFOLLOW O_DIRECTORY".split()
for name in ("fcntl", "pwd", "grp", "resource", "termios"):
    sys.modules[name] = None
for name in GONE:
    if hasattr(os, name):
        delattr(os, name)
os.supports_dir_fd.clear()
sys.platform = "elsewhere"
platform.system = lambda: "Elsewhere"
"""
"""A plugin that takes away what other systems lack, before the plugin under test is loaded."""


@pytest.mark.parametrize(
    "words",
    [("--oci-layout=demo",), ("--oci-document=state:state.json",), ("--oci-layout=demo", "-n2")],
    ids=["layout", "document", "workers"],
)
def test_static_targets_elsewhere(plugin: Plugin, words: tuple[str, ...]) -> None:
    """Nothing of Linux is asked for."""
    plugin.write("elsewhere.py", ELSEWHERE)
    plugin.write("state.json", '{"ociVersion": "1.2.0", "id": "x", "status": "stopped", "bundle": "/x"}')
    foreign = ("-p", "no:hypothesispytest", "-p", "no:platformdirs")
    result = plugin.apart("-p", "elsewhere", *foreign, "--oci-ledger=ledger", *words)

    assert result.ret == 0
    assert "oci host: Elsewhere" in result.stdout.str()
    assert set(plugin.statuses(plugin.path / "ledger").values()) <= {"pass", "advice", "not-applicable"}
