"""Runs that died are recognised and reclaimed; living ones and strangers are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.run_directory import (
    MAKING_SECONDS,
    base_directory,
    dead_runs,
    end_processes,
    make_run_directory,
    mount_points_below,
    open_run_directory,
    reclaim,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def forge(name: str, *, owned: bool, age: float = 0.0) -> Path:
    """A run's directory, with or without its owner's file."""
    path = base_directory() / f"r{name}"
    path.mkdir()
    if owned:
        (path / "owner.lock").touch()
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_run_of_this_process_lives(tmp_path: Path) -> None:
    """Its directory is searchable by all, listable by its owner only, and has a place for observations."""
    run = make_run_directory()

    assert dead_runs() == []
    assert run.path.parent == tmp_path / f"pytest-oci-{os.getuid()}"
    assert (run.path.stat().st_mode & 0o777, run.path.parent.stat().st_mode & 0o777) == (0o711, 0o711)
    assert run.observations.is_dir()
    assert run.worker("gw0").is_dir()
    assert open_run_directory(run.name) == run
    assert reclaim(run) == []
    assert not run.path.exists()


LOCK_AND_WAIT = """
import fcntl, sys, time
file = open(sys.argv[1], "wb")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(60)
"""


def test_a_run_lives_as_long_as_its_owner_holds_the_lock() -> None:
    """However the owner ends, the kernel lets go of the lock."""
    path = forge("00000001", owned=True)
    command = [sys.executable, "-c", LOCK_AND_WAIT, str(path / "owner.lock")]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert owner.stdout is not None
        owner.stdout.readline()
        assert dead_runs() == []
    finally:
        owner.kill()
        owner.communicate()

    assert [run.name for run in dead_runs()] == ["00000001"]


def test_a_run_without_an_owner_is_dead_when_it_is_old() -> None:
    """A young one may be in the making by another process at this very moment."""
    forge("00000001", owned=False)
    assert dead_runs() == []

    forge("00000002", owned=False, age=MAKING_SECONDS + 60)
    assert [run.name for run in dead_runs()] == ["00000002"]


@pytest.mark.parametrize("name", ["", "0", "e", "00000", "000000001", "0000000g", "user"])
def test_what_is_not_called_like_a_run_is_left_alone(name: str) -> None:
    """Cgroups and processes are ended by the name: it must be nothing that others carry too."""
    forge(name, owned=False, age=10 * MAKING_SECONDS)

    assert dead_runs() == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever put it there wants something removed that is not ours."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (base_directory() / "r00000001").symlink_to(precious)

    assert dead_runs() == []


def test_reclaiming_ends_processes_and_removes_files() -> None:
    """Processes are known by their command line or their environment."""
    run = make_run_directory()
    inside = run.path / "w" / "s1"
    inside.mkdir(parents=True)
    named = subprocess.Popen(["sh", "-c", "sleep 60; :", "sh", f"{inside}/x"])
    marked = subprocess.Popen(["sleep", "60"], env={"PYTEST_OCI_STAGE": f"{inside}/"})
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        assert reclaim(run) == []
        assert [named.wait(2), marked.wait(2)] == [-signal.SIGKILL, -signal.SIGKILL]
        assert stranger.poll() is None
        assert not run.path.exists()
    finally:
        for process in (named, marked, stranger):
            process.kill()
            process.wait()


def test_processes_of_a_sibling_are_left_alone() -> None:
    """A directory is not taken for another whose name begins alike."""
    run = make_run_directory()
    sibling = subprocess.Popen(["sleep", "60"], env={"PYTEST_OCI_STAGE": f"{run.path / 's10'}/"})
    try:
        end_processes(run.path / "s1")
        assert sibling.poll() is None
    finally:
        sibling.kill()
        sibling.wait()


def test_reclaiming_twice_does_no_harm() -> None:
    """Two runs may reclaim the same dead one at the same time."""
    run = make_run_directory()

    assert reclaim(run) == []
    assert reclaim(run) == []


def test_a_foreign_base_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, a link, or a directory of another user in its place: the error says how to mend it."""
    base = tmp_path / f"pytest-oci-{os.getuid()}"
    base.write_text("")
    with pytest.raises(OSError, match="is not a directory of this user: remove it or set TMPDIR"):
        base_directory()
    base.unlink()
    base.symlink_to(tmp_path)
    with pytest.raises(OSError, match="is not a directory of this user"):
        base_directory()
    base.unlink()
    base.mkdir()
    another = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: another)
    base.rename(tmp_path / f"pytest-oci-{os.getuid()}")
    with pytest.raises(OSError, match="is not a directory of this user"):
        base_directory()


def test_no_mounts_below_an_ordinary_directory(tmp_path: Path) -> None:
    """The root has itself as mount point."""
    from pathlib import Path

    assert mount_points_below(tmp_path) == []
    assert Path("/proc").as_posix() in mount_points_below(Path("/proc"))


MOUNTING = """
import ctypes, os, sys
from pathlib import Path
from pytest_oci.fixtures.runtime.run_directory import make_run_directory, mount_points_below, reclaim
from pytest_oci.fixtures.runtime.workshop import enter_private_mount_namespace

enter_private_mount_namespace()
run = make_run_directory()
precious = Path(sys.argv[1])
(precious / "file").touch()
for name in ("plain", "with space", "with-\\u00fc"):
    place = run.path / name
    place.mkdir()
    assert ctypes.CDLL(None).mount(os.fsencode(precious), os.fsencode(place), None, 4096, None) == 0
print(len(mount_points_below(run.path)), reclaim(run), run.path.exists(), (precious / "file").exists())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount")
def test_reclaiming_unmounts_and_never_removes_through_a_mount(tmp_path: Path) -> None:
    """Whatever characters the mount point's name has."""
    precious = tmp_path / "precious"
    precious.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", MOUNTING, str(precious)],
        env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert done.stdout == "3 [] False True\n", done.stderr
