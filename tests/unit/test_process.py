"""A program that is not trusted is limited, told apart by its end, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_oci import process
from pytest_oci.process import Completed, Streams, is_descendant, run


def shell(script: str, scratch: Path, *, timeout: float = 5.0, **more: object) -> Completed:
    return run(["/bin/sh", "-c", script], timeout=timeout, scratch=scratch, **more)  # type: ignore[arg-type]


def gone(pid: int, seconds: float = 2.0) -> bool:
    """Whether a process is dead, or dies soon."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(
    ("script", "how", "code", "words"),
    [
        pytest.param("exit 0", "exited", 0, "exit status 0", id="success"),
        pytest.param("exit 7", "exited", 7, "exit status 7", id="refusal"),
        pytest.param("kill -SEGV $$", "signal", 11, "killed by SIGSEGV", id="crash"),
        pytest.param("kill -40 $$", "signal", 40, "killed by signal 40", id="nameless-signal"),
    ],
)
def test_how_a_program_ended(tmp_path: Path, script: str, how: str, code: int, words: str) -> None:
    """Exit status and signal are never mistaken for each other."""
    done = shell(script, tmp_path)

    assert (done.exit, done.code, done.describe()) == (how, code, words)
    assert done.ok is (how == "exited" and code == 0)
    assert done.refused is (how == "exited" and code != 0)


def test_output_is_kept_apart(tmp_path: Path) -> None:
    """Both streams, whatever bytes they are; there is nothing to read on standard input."""
    done = shell(r"cat; printf 'a\377b'; echo trouble >&2", tmp_path)

    assert (done.stdout, done.stderr) == ("a\\xffb", "trouble\n")


def test_long_output_is_cut_visibly(tmp_path: Path) -> None:
    """The transcript keeps the beginning and says how much is missing."""
    extra = 1000
    done = shell(f"head -c {process.KEPT_OUTPUT + extra} /dev/zero | tr '\\0' x", tmp_path)

    assert done.ok
    assert done.stdout == "x" * process.KEPT_OUTPUT + f"… ({extra} more bytes)"


def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """Not much later than its limit, even if it ignores SIGTERM."""
    done = shell("trap '' TERM INT HUP; while :; do sleep 10; done", tmp_path, timeout=0.2)

    assert done.exit == "timeout"
    assert 0.2 <= done.seconds < 2
    assert done.describe().startswith("did not end within 0.")
    assert not done.ok
    assert not done.refused


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_flood_is_stopped(tmp_path: Path, stream: str) -> None:
    """Long before the disk is full, on either stream."""
    done = shell(f"exec cat /dev/zero >&{stream}", tmp_path)

    assert done.exit == "flood"
    assert done.describe() == f"wrote more than {process.OUTPUT_LIMIT >> 20} MiB and was killed"


def test_a_flood_into_a_file_of_the_caller_is_stopped(tmp_path: Path) -> None:
    """A runtime's `create` writes into the container's own output file."""
    with (tmp_path / "out").open("wb") as out:
        done = shell("exec cat /dev/zero", tmp_path, streams=Streams(None, out.fileno(), None))

    assert done.exit == "flood"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param("#!/no/such/interpreter\n", "No such file", id="bad-interpreter"),
        pytest.param("garbage", "Exec format error", id="no-executable-format"),
        pytest.param(None, "No such file", id="missing"),
    ],
)
def test_a_program_that_cannot_be_started_is_told(tmp_path: Path, content: str | None, fault: str) -> None:
    """It is neither a refusal nor a crash."""
    program = tmp_path / "program"
    if content is not None:
        program.write_text(content)
        program.chmod(0o755)
    done = run([str(program)], timeout=1, scratch=tmp_path)

    assert done.exit == "not-started"
    assert not done.ok
    assert not done.refused
    assert fault in done.describe()


def test_a_killed_program_takes_its_children_along(tmp_path: Path) -> None:
    """Everything in its process group dies with it."""
    done = shell("sleep 60 & echo $!; wait", tmp_path, timeout=0.3)

    assert done.exit == "timeout"
    assert gone(int(done.stdout))


def test_a_grandchild_that_keeps_the_output_open_blocks_nobody(tmp_path: Path) -> None:
    """A container's process holds the runtime's standard error for as long as it lives."""
    began = time.monotonic()
    done = shell("sleep 60 & echo $!", tmp_path)
    os.kill(int(done.stdout), 9)

    assert done.ok
    assert time.monotonic() - began < 2


def test_environment_directory_and_descriptors_are_the_given_ones(tmp_path: Path) -> None:
    """Without an environment the caller's is inherited."""
    with (tmp_path / "file").open("w+") as file:
        script = "pwd; echo $MINE; echo via >&3"
        done = shell(script, tmp_path, env={"MINE": "1"}, cwd=tmp_path, listen_fds=[file.fileno()])
        file.seek(0)

        assert (done.stdout, file.read()) == (f"{tmp_path}\n1\n", "via\n")
    assert shell("echo $HOME", tmp_path).stdout.strip() == os.environ.get("HOME", "")


def test_conditions_are_set_in_the_child(tmp_path: Path) -> None:
    """`before_exec` changes nothing in this process."""
    before = os.umask(0o022)
    os.umask(before)
    done = shell("umask", tmp_path, before_exec=lambda: os.umask(0o077) and None)

    assert done.stdout.strip() == "0077"
    assert os.umask(before) == before


def test_nothing_is_left_in_scratch(tmp_path: Path) -> None:
    """Its files have no names."""
    shell("echo a", tmp_path)

    assert list(tmp_path.iterdir()) == []


ADOPTING = """
import os, subprocess, sys, time
from pathlib import Path
from pytest_oci.process import CHILDREN, become_subreaper, child_pids, run

become_subreaper()
own = subprocess.Popen(["sleep", "0"])
orphan = int(run(["sh", "-c", "(sleep 0.1; exit 3) & echo $!"], timeout=5, scratch=Path(sys.argv[1])).stdout)
daemon = int(run(["sh", "-c", "setsid sleep 60 & echo $!"], timeout=5, scratch=Path(sys.argv[1])).stdout)
print("adopted", {orphan, daemon} <= set(CHILDREN.adopted()))
run(["sleep", "0.3"], timeout=5, scratch=Path(sys.argv[1]), keep=frozenset({orphan}))
print("kept", os.waitstatus_to_exitcode(os.waitpid(orphan, 0)[1]))
CHILDREN.end_adopted(but=[])
print("ended", daemon not in child_pids(), own.poll() == 0)
"""


def test_orphans_are_adopted_kept_and_ended(tmp_path: Path) -> None:
    """A subreaper learns the status of the container's process, and leaves neither a daemon nor a zombie."""
    done = subprocess.run(
        [sys.executable, "-c", ADOPTING, str(tmp_path)], capture_output=True, text=True, timeout=20, check=False
    )

    assert done.stdout.splitlines() == ["adopted True", "kept 3", "ended True True"], done.stderr


def test_children_of_others_keep_their_exit_status() -> None:
    """Whoever else starts processes in a run, a vendor's fixture for one, has to learn how they ended."""
    child = subprocess.Popen(["sh", "-c", "exit 5"])
    assert gone(child.pid)
    process.CHILDREN.reap_adopted()

    assert child.wait() == 5


def test_descendants_are_told_from_others() -> None:
    """Neither this process, its parents, nor pids that make no sense are ever taken for ours."""
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert is_descendant(child.pid)
    finally:
        child.kill()
        child.wait()

    for pid in (os.getpid(), os.getppid(), 1, 0, -1, 2**31, child.pid):
        assert not is_descendant(pid)


def test_descriptors_are_handed_over_from_three_on(tmp_path: Path) -> None:
    """Whatever their numbers are here; the program is told how many, and the transcript shows its own command line."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    files = [(tmp_path / name).open() for name in ("b", "a")]
    try:
        script = "cat <&3; cat <&4; echo $LISTEN_FDS; test $LISTEN_PID = $$; ls /proc/self/fd | wc -l"
        argv = ["sh", "-c", script]
        done = run(argv, timeout=5.0, scratch=tmp_path, listen_fds=[file.fileno() for file in files])
    finally:
        for file in files:
            file.close()

    assert (done.stdout.split(), done.argv) == (["ba2", "6"], tuple(argv))
