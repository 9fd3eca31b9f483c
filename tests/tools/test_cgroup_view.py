"""A view changes what the command sees and nothing of the host."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import cgroup_view

PROGRAM = cgroup_view.__file__
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a mount namespace")
HAS_V1 = pytest.mark.skipif(not cgroup_view.below_cgroup_root("cgroup"), reason="this host has no cgroup v1")


def in_view(view: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a view and return how it ended."""
    argv = [sys.executable, PROGRAM, view, *command]
    return subprocess.run(argv, capture_output=True, text=True, timeout=20)


def kinds(mountinfo: str) -> list[str]:
    """Return the types of the mounts at and below /sys/fs/cgroup, without the tmpfs that holds v1's."""
    lines = [line for line in mountinfo.splitlines() if line.split(" ")[4].startswith("/sys/fs/cgroup")]
    return [kind for line in lines if (kind := line.partition(" - ")[2].split(" ")[0]) != "tmpfs"]


@ROOT
@HAS_V1
def test_v1_view_has_no_cgroup2() -> None:
    seen = kinds(in_view("v1", "cat", "/proc/self/mountinfo").stdout)
    assert set(seen) == {"cgroup"}


@ROOT
def test_v2_view_has_only_cgroup2() -> None:
    assert kinds(in_view("v2", "cat", "/proc/self/mountinfo").stdout) == ["cgroup2"]


@ROOT
@pytest.mark.parametrize("view", ["v1", "v2"])
def test_host_is_left_as_it_is(view: str) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    in_view(view, "true")
    assert Path("/proc/self/mountinfo").read_text() == before


@ROOT
def test_status_is_the_commands() -> None:
    assert in_view("v2", "sh", "-c", "exit 5").returncode == 5


@ROOT
def test_absent_command_has_its_own_status() -> None:
    ended = in_view("v2", "no-such-program")
    assert (ended.returncode, ended.stderr) == (
        127,
        "cgroup_view: cannot start no-such-program: No such file or directory\n",
    )


@pytest.mark.parametrize("arguments", [[], ["v1"], ["v3", "true"]])
def test_wrong_usage_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cgroup_view.main(arguments) == 125
    assert capsys.readouterr().err.startswith("usage:")
