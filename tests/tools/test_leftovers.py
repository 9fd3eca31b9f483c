"""What a command leaves is found and named; what it takes down in time is not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tools import leftovers


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for what is never taken down."""
    monkeypatch.setattr(leftovers, "PATIENCE", 0.5)
    monkeypatch.setattr(leftovers, "GRACE", 0.5)


def watch(script: str, limit: float = 10) -> leftovers.Watched:
    """Watch a shell script."""
    return leftovers.watch(["sh", "-c", script], limit)


def test_clean_command_leaves_nothing() -> None:
    watched = watch("exit 3")
    assert (watched.status, watched.left["processes"], watched.left["temporary"]) == (3, frozenset(), frozenset())


def test_left_process_is_named_and_killed() -> None:
    (left,) = watch("sleep 300 &").left["processes"]
    assert left.endswith(" sleep 300")
    deadline = time.monotonic() + 5
    while Path("/proc", left.split()[0], "cmdline").exists() and time.monotonic() < deadline:
        leftovers._processes()
        time.sleep(0.05)
    assert not Path("/proc", left.split()[0], "cmdline").exists()


def test_process_that_ends_in_time_is_not_left() -> None:
    assert watch("sleep 0.2 &").left["processes"] == frozenset()


def test_left_temporary_file_is_named() -> None:
    (left,) = watch('mkdir "$TMPDIR/left"').left["temporary"]
    assert left.endswith("/left")


@pytest.mark.parametrize(("content", "count"), [("directory", 0), ("file", 1)])
def test_what_pytest_keeps_is_not_left_unless_there_are_files_in_it(content: str, count: int) -> None:
    make = {"directory": "mkdir -p", "file": "touch"}[content]
    watched = watch(f'mkdir -p "$TMPDIR/pytest-of-me/pytest-0"; {make} "$TMPDIR/pytest-of-me/pytest-0/x"')
    assert len(watched.left["temporary"]) == count


def test_command_without_end_is_stopped() -> None:
    script = "import time; time.sleep(60)"
    watched = leftovers.watch([sys.executable, "-c", script], 0.5)
    assert watched.status == leftovers.OUT_OF_TIME


def test_left_container_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(leftovers, "STATE_DIRECTORIES", (tmp_path, tmp_path / "absent"))
    assert watch(f"mkdir {tmp_path}/c1").left["containers"] == {f"{tmp_path}/c1"}
