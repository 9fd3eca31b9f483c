"""Run a command and say what it left behind: `python3 -m tools.leftovers [--limit SECONDS] COMMAND...`.

Counted before and after: containers that crun, runc and runsc know, cgroups, mounts of this namespace,
processes that lost their parent, and temporary files. The command gets a temporary directory of its own
(TMPDIR), so that those of other programs are not counted.

What is still there after a moment is listed, and left processes are killed. The exit status is the command's,
or 124 if it did not end in time, or 99 if it left something.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import glob
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LEFT_SOMETHING, OUT_OF_TIME = 99, 124
PATIENCE = 5.0
"""Seconds in which the kernel may finish what the command began to take down."""
GRACE = 30.0
"""Seconds that the command has to clean up when its time is over."""
PR_SET_CHILD_SUBREAPER = 36
STATE_DIRECTORIES = tuple(Path("/run", runtime) for runtime in ("crun", "runc", "runsc"))
CGROUP_KINDS = ("cgroup", "cgroup2")


@dataclass(frozen=True)
class Snapshot:
    """What there is of each kind at one moment, by name."""

    containers: frozenset[str]
    cgroups: frozenset[str]
    mounts: frozenset[str]
    processes: frozenset[str]
    temporary: frozenset[str]


KINDS = ("containers", "cgroups", "mounts", "processes", "temporary")


def take(temporary: Path) -> Snapshot:
    """Look at this host now, and at the command's temporary directory."""
    return Snapshot(_containers(), _cgroups(), _mounts(), _processes(), _temporary(temporary))


def _containers() -> frozenset[str]:
    return frozenset(str(entry) for place in STATE_DIRECTORIES if place.is_dir() for entry in place.iterdir())


def _mount_lines() -> list[tuple[str, str]]:
    """Return mount point and file system type of every mount of this namespace."""
    lines = os.fsdecode(Path("/proc/self/mountinfo").read_bytes()).splitlines()
    return [(line.split(" ")[4], line.partition(" - ")[2].split(" ")[0]) for line in lines]


def _mounts() -> frozenset[str]:
    return frozenset(f"{point} ({kind})" for point, kind in _mount_lines())


def _cgroups() -> frozenset[str]:
    """Return the cgroups but for those of other runs of the suite, which have their directories elsewhere."""
    roots = [point for point, kind in _mount_lines() if kind in CGROUP_KINDS]
    # pathlib's own glob ends by an exception where a directory goes while it looks.
    runs = glob.glob("pytest-oci-*/r*", root_dir=tempfile.gettempdir())  # noqa: PTH207
    others = {f"pytest-oci-{Path(run).name[1:]}" for run in runs}
    found = (directory for root in roots for directory, _, _ in os.walk(root))
    return frozenset(directory for directory in found if others.isdisjoint(Path(directory).parts))


def _processes() -> frozenset[str]:
    """Return this process's children: with none of its own running, those are what the command left."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass  # one that has ended by now
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return frozenset(f"{pid} {_command_line(pid)}" for pid in children)


def _command_line(pid: str) -> str:
    with contextlib.suppress(OSError):
        return Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return "(gone)"


def _temporary(place: Path) -> frozenset[str]:
    """Return the files in the command's temporary directory, but for what pytest keeps by design.

    pytest keeps the directories of its last three runs; a directory in them is no leftover, a file is.
    """
    found: set[str] = set()
    for directory, subdirectories, files in os.walk(place):
        kept = Path(directory).relative_to(place).parts[:1]
        by_pytest = bool(kept) and kept[0].startswith("pytest-of-")
        names = files if by_pytest else [*files, *subdirectories]
        found.update(str(Path(directory, name)) for name in names if not (by_pytest and name == ".lock"))
    return frozenset(name for name in found if not Path(name).name.startswith("pytest-of-"))


def run(
    command: list[str], limit: float, temporary: Path, *, cwd: Path | None = None, output: IO[bytes] | None = None
) -> int:
    """Run the command for at most `limit` seconds with TMPDIR set; return its exit status or OUT_OF_TIME."""
    env = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=output, stderr=output)
    deadline = time.monotonic() + limit
    try:
        status = process.wait(limit)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.send_signal(signal.SIGINT)
        try:
            status = process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    if time.monotonic() >= deadline:
        return OUT_OF_TIME
    return status if status >= 0 else 128 - status


def left_between(before: Snapshot, temporary: Path) -> dict[str, frozenset[str]]:
    """Return what is new since `before` and does not go away within PATIENCE seconds, by kind."""
    deadline = time.monotonic() + PATIENCE
    while True:
        after = take(temporary)
        left = {kind: getattr(after, kind) - getattr(before, kind) for kind in KINDS}
        if not any(left.values()) or time.monotonic() >= deadline:
            return left
        time.sleep(0.2)


@dataclass(frozen=True)
class Watched:
    """How a command ended, how much of each kind there was before it, and what it left, by kind and name."""

    status: int
    before: Snapshot
    left: dict[str, frozenset[str]]

    @property
    def names(self) -> list[str]:
        """Everything that was left."""
        return sorted(name for names in self.left.values() for name in names)


def watch(command: list[str], limit: float, *, cwd: Path | None = None, output: IO[bytes] | None = None) -> Watched:
    """Run a command between two looks at the host, and kill the processes that it leaves."""
    # Processes whose parent dies become children of this one, which therefore sees every one that was left.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="leftovers-") as directory:
        Path(directory).chmod(0o711)  # the users of a user namespace have to get through
        temporary = Path(directory)
        temporary.chmod(0o711)  # the users that a container's ids are mapped to have to get through
        before = take(temporary)
        status = run(command, limit, temporary, cwd=cwd, output=output)
        left = left_between(before, temporary)
        for process in left["processes"]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.split()[0]), signal.SIGKILL)
    return Watched(status, before, left)


def main(arguments: list[str]) -> int:
    """Watch the command, write a table of what it left; return the exit status of the module's docstring."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.leftovers")
    parser.add_argument("--limit", type=float, default=900.0, metavar="SECONDS", help="for the command (default 900)")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND...")
    options = parser.parse_args(arguments)
    if not options.command:
        parser.error("a command is needed")
    watched = watch(options.command, options.limit)
    print(f"{'left behind':12} {'before':>7} {'new':>4}", file=sys.stderr)
    for kind, names in watched.left.items():
        print(f"{kind:12} {len(getattr(watched.before, kind)):7} {len(names):4}", file=sys.stderr)
        for name in sorted(names):
            print(f"  {name}", file=sys.stderr)
    return LEFT_SOMETHING if watched.names and watched.status != OUT_OF_TIME else watched.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
