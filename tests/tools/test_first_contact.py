"""First contact says what it does and what is missing, and its exit status cannot be mistaken."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from tools import cgroup_view, first_contact

HYBRID_REFUSAL = "cgroups in hybrid mode not supported"


def program(place: Path, text: str) -> Path:
    """Write an executable shell script."""
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """A runtime that refuses the host's cgroups unless the file `taken` lies beside it."""
    body = f'case "$*" in *create*) test -e {tmp_path}/taken || {{ echo "{HYBRID_REFUSAL}" >&2; exit 1; }};; esac'
    return program(tmp_path / "refuser", body)


def is_running(pid: str) -> bool:
    """Whether a process exists and is not merely waiting to be reaped."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def python_that_ends(place: Path, status: int, *, with_ledger: bool) -> Path:
    """A Python whose pytest ends with `status`, and perhaps writes the ledger that it was told to write."""
    write = 'for word; do case $word in --oci-ledger=*) echo "{}" > "${word#*=}";; esac; done' if with_ledger else ""
    return program(place / "python", f"{write}\nexit {status}")


@pytest.mark.parametrize(
    ("status", "with_ledger", "expected"),
    [
        (0, True, 0),
        (1, True, 1),
        (5, True, 5),
        (3, True, 3),
        (2, False, 2),
        (4, False, 4),
        (1, False, 3),
        (99, True, 3),
    ],
)
def test_status_is_that_of_the_suite(
    status: int, with_ledger: bool, expected: int, tmp_path: Path, runtime: Path
) -> None:
    (tmp_path / "taken").touch()
    python = python_that_ends(tmp_path, status, with_ledger=with_ledger)
    assert first_contact.run_suite(python, runtime, tmp_path / "results", []) == expected


def test_records_of_an_earlier_run_are_not_taken_for_this_one(tmp_path: Path, runtime: Path) -> None:
    (tmp_path / "taken").touch()
    results = tmp_path / "results"
    results.mkdir()
    (results / "run.jsonl").write_text("{}\n")
    python = python_that_ends(tmp_path, 0, with_ledger=False)
    assert first_contact.run_suite(python, runtime, results, []) == 3


def test_refusal_of_cgroups_is_quoted(runtime: Path) -> None:
    assert first_contact.cgroup_refusal(runtime, []) == HYBRID_REFUSAL


def test_refusal_of_something_else_is_not_about_cgroups(tmp_path: Path) -> None:
    refuser = program(tmp_path / "refuser", "echo no such program >&2; exit 1")
    assert first_contact.cgroup_refusal(refuser, []) == ""


def test_hybrid_host_is_answered_by_a_view(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runtime: Path
) -> None:
    monkeypatch.setattr(cgroup_view, "hybrid_controllers", lambda: ["hugetlb"])
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(first_contact, "cgroup_refusal", lambda _, prefix: "" if prefix else HYBRID_REFUSAL)
    assert first_contact.command_prefix(runtime)[2:] == ["v1"]
    assert capsys.readouterr().out.splitlines() == [
        f"refuser refuses this host's cgroups: {HYBRID_REFUSAL}",
        "Going on in a private mount namespace without the cgroup2 mount; the host stays as it is",
    ]


def test_ordinary_user_is_told_what_root_could_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runtime: Path
) -> None:
    monkeypatch.setattr(cgroup_view, "hybrid_controllers", lambda: ["hugetlb"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert first_contact.command_prefix(runtime) == []
    assert "only root" in capsys.readouterr().out


def test_ordinary_user_without_a_runtime_learns_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(
        "shutil.which", lambda name, path=None: "/usr/bin/apt-get" if name == "apt-get" else path and None
    )
    with pytest.raises(first_contact.ContactError, match="as root: apt-get install crun"):
        first_contact.find_runtime(None)


def test_misspelt_runtime_is_a_usage_error() -> None:
    with pytest.raises(first_contact.ContactError, match="there is no runtime crum") as caught:
        first_contact.find_runtime("crum")
    assert caught.value.status == 4


def test_downloads_are_read_from_apt() -> None:
    uris = "Reading lists...\n'http://debian.example/pool/crun_1.8.1_amd64.deb' crun_1.8.1_amd64.deb 295000 SHA256:00\n"
    assert first_contact.downloads(uris) == [("crun_1.8.1_amd64.deb", 295000)]


def test_program_that_does_not_end_is_stopped_with_its_children(tmp_path: Path) -> None:
    child = tmp_path / "pid"
    with pytest.raises(first_contact.ContactError, match="stopped after 1 s") as caught:
        first_contact.run(["sh", "-c", f"sleep 60 & echo $! > {child}; wait"], limit=1)
    assert caught.value.status == 3
    deadline = time.monotonic() + 5
    while (running := is_running(child.read_text().strip())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running


def test_interrupt_reaches_the_program(tmp_path: Path) -> None:
    cleaned = tmp_path / "cleaned"
    waiter = f"import time\ntry:\n time.sleep(60)\nexcept KeyboardInterrupt:\n open({str(cleaned)!r}, 'w').close()"
    (tmp_path / "waiter.py").write_text(waiter)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(1, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        first_contact.run([sys.executable, tmp_path / "waiter.py"], limit=30)
    assert cleaned.exists()


def test_trial_bundle_is_a_bundle(tmp_path: Path) -> None:
    recorder = program(
        tmp_path / "recorder", f'while test "$1" != --bundle; do shift; done; cp "$2/config.json" {tmp_path}'
    )
    first_contact.cgroup_refusal(recorder, [])
    config = json.loads((tmp_path / "config.json").read_text())
    assert {"ociVersion", "root", "process", "linux"} <= config.keys()
