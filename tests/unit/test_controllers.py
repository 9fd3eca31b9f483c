"""Controllers of cgroups are enabled once for a run, and given back by whoever reclaims it; on plain files."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime import controllers
from pytest_oci.fixtures.runtime.controllers import enable_for_run, enabled, give_back

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cgroup whose children have one controller; the kernel refuses a controller called busy."""
    directory = tmp_path / "cgroup"
    directory.mkdir()
    (directory / "cgroup.subtree_control").write_text("hugetlb\n", encoding="ascii")

    def write(directory: Path, text: str) -> None:
        if text == "+busy":
            raise OSError(errno.EBUSY, "busy")
        names = [name for name in enabled(directory) if name != text[1:]] + [text[1:]] * (text[0] == "+")
        (directory / "cgroup.subtree_control").write_text(" ".join(names), encoding="ascii")

    monkeypatch.setattr(controllers, "_write", write)
    return directory


def run(tmp_path: Path, name: str) -> Path:
    directory = tmp_path / "runs" / f"r{name}"
    directory.mkdir(parents=True)
    return directory


def test_what_a_run_enabled_is_given_back(tmp_path: Path, top: Path) -> None:
    """What was there before and what the kernel refused is left alone."""
    mine = run(tmp_path, "1")
    enable_for_run(mine, top, ["hugetlb", "busy", "cpu"])
    assert enabled(top) == ["hugetlb", "cpu"]

    assert give_back(mine, [top]) == []
    assert enabled(top) == ["hugetlb"]
    assert list(mine.iterdir()) == []
    assert give_back(mine, [top]) == []


def test_a_run_enables_once(tmp_path: Path, top: Path) -> None:
    mine = run(tmp_path, "1")
    enable_for_run(mine, top, ["cpu"])
    enable_for_run(mine, top, ["cpu", "io"])
    assert enabled(top) == ["hugetlb", "cpu"]


@pytest.mark.parametrize("first", ["1", "2"])
def test_the_last_of_two_runs_gives_back(tmp_path: Path, top: Path, first: str) -> None:
    runs = {name: run(tmp_path, name) for name in ("1", "2")}
    for directory in runs.values():
        enable_for_run(directory, top, ["cpu"])

    give_back(runs.pop(first), [top])
    assert enabled(top) == ["hugetlb", "cpu"]

    give_back(runs.popitem()[1], [top])
    assert enabled(top) == ["hugetlb"]


def test_what_cannot_be_reached_stays_recorded(tmp_path: Path, top: Path) -> None:
    """A later run, that sees the hierarchy, gives it back."""
    mine = run(tmp_path, "1")
    enable_for_run(mine, top, ["cpu"])

    assert give_back(mine, [tmp_path]) == ["cgroup controllers cpu, enabled in a hierarchy not mounted"]
    assert enabled(top) == ["hugetlb", "cpu"]
    assert give_back(mine, [top]) == []
    assert enabled(top) == ["hugetlb"]


def test_a_hierarchy_that_is_read_only_is_told(tmp_path: Path, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker is told, and nothing is recorded."""

    def write(*_: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(controllers, "_write", write)
    mine = run(tmp_path, "1")
    for _ in range(2):
        with pytest.raises(OSError, match="read-only"):
            enable_for_run(mine, top, ["cpu"])
    assert give_back(mine, [tmp_path]) == []
