"""Run a program that is not trusted: limited in time and output, never leaving a process of its own behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

OUTPUT_LIMIT = 8 << 20
"""Bytes of standard output or standard error after which a program is stopped for flooding."""
KEPT_OUTPUT = 64 << 10
"""Bytes of each stream that a transcript keeps."""
TICK_MILLISECONDS = 10
TICKS_BETWEEN_LOOKS = 10
"""How often files that a program writes are looked at."""
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended: `exit` is `exited`, `signal`, `timeout`, `flood`, `disk` or `not-started`.

    `code` is the exit status or the signal.
    """

    argv: tuple[str, ...]
    exit: str
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the program exited with status 0."""
        return self.exit == "exited" and self.code == 0

    @property
    def refused(self) -> bool:
        """Whether the program ended by itself with a non-zero exit status: not a crash, a time-out or a flood."""
        return self.exit == "exited" and self.code != 0

    def describe(self) -> str:
        """How it ended, in words."""
        match self.exit:
            case "exited":
                return f"exit status {self.code}"
            case "signal":
                return f"killed by {signal_name(self.code)}"
            case "timeout":
                return f"did not end within {self.seconds:.1f} s and was killed"
            case "flood":
                return f"wrote more than {OUTPUT_LIMIT >> 20} MiB and was killed"
            case "disk":
                return "wrote more files than it may and was killed"
            case _:
                return f"could not be started: {self.stderr}"


def signal_name(number: int) -> str:
    """SIGKILL for 9; `signal 40` where there is no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Children:
    """The processes that are ours, so that adopted ones can be told apart and reaped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: set[int] = set()

    @contextlib.contextmanager
    def spawning(self) -> Iterator[Callable[[int], None]]:
        """Hold off reaping while a child is started; call the yielded function with its pid."""
        with self._lock:
            yield self._own.add

    def begin_anew(self) -> None:
        """In a forked child: nothing is ours yet."""
        self._lock = threading.Lock()
        self._own = set()

    def forget(self, pid: int) -> None:
        """A child that was waited for is no longer ours."""
        with self._lock:
            self._own.discard(pid)

    def adopted(self) -> list[int]:
        """Pids of living or dead processes that came to us as child subreaper."""
        with self._lock:
            return self._adopted()

    def _adopted(self) -> list[int]:
        """What we start has a session of its own; whoever shares ours was started by somebody else in this process."""
        here = os.getsid(0)
        found = []
        for pid in child_pids():
            with contextlib.suppress(ProcessLookupError):
                if pid not in self._own and os.getsid(pid) != here:
                    found.append(pid)
        return found

    def end_adopted(self, but: Container[int], seconds: float = 2.0) -> None:
        """Kill and reap what came to us since `but` was looked at, and what comes when its parents die."""
        deadline = time.monotonic() + seconds
        while found := [pid for pid in self.adopted() if pid not in but]:
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self.reap_adopted()
            if time.monotonic() > deadline:
                return
            time.sleep(0.002)

    def reap_adopted(self, keep: frozenset[int] = frozenset()) -> None:
        """Reap dead processes that came to us as child subreaper, but those in `keep`, whose status is still wanted."""
        with self._lock:
            for pid in self._adopted():
                if pid not in keep:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)


CHILDREN = Children()


def child_pids() -> list[int]:
    """Pids of all children of this process, zombies included."""
    pids: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            pids.extend(int(pid) for pid in (task / "children").read_text().split())
    return pids


def is_descendant(pid: int) -> bool:
    """Whether a living process descends from this one."""
    for _ in range(64):
        if pid <= 1 or pid == os.getpid():
            return False
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            pid = int(stat.rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return False
        if pid == os.getpid():
            return True
    return False


def become_subreaper() -> None:
    """Adopt orphaned descendants, so that the exit status of a container's process can be learned."""
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Streams:
    """What a program gets as standard streams: a file descriptor each. None: nothing to read, output captured."""

    stdin: int | None = None
    stdout: int | None = None
    stderr: int | None = None


CAPTURED = Streams()
"""Nothing to read, both outputs captured."""


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    scratch: Path,
    streams: Streams = CAPTURED,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    listen_fds: Sequence[int] = (),
    before_exec: Callable[[], None] | None = None,
    keep: frozenset[int] = frozenset(),
    too_large: Callable[[], bool] | None = None,
) -> Completed:
    """Run a program to its end, or to its limit of `timeout` seconds or OUTPUT_LIMIT bytes.

    `too_large` is asked ten times a second whether it has written more files than it may.

    Output goes to files in `scratch`, not to pipes: a runtime hands its streams on to the container, and a pipe held
    by the container would never end. `before_exec` runs in the child. `listen_fds` are handed over as descriptors 3,
    4, … with LISTEN_FDS saying how many. Adopted processes not in `keep` are reaped meanwhile. Raises nothing for what
    the program does; OSError for trouble with `scratch`.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        devnull = stack.enter_context(open(os.devnull, "r+b"))  # noqa: PTH123 - no path of ours
        out, err = (stack.enter_context(tempfile.TemporaryFile(dir=scratch)) for _ in range(2))
        try:
            with CHILDREN.spawning() as register:
                child = subprocess.Popen(
                    [*_listening(listen_fds), *argv],
                    stdin=devnull if streams.stdin is None else streams.stdin,
                    stdout=out if streams.stdout is None else streams.stdout,
                    stderr=err if streams.stderr is None else streams.stderr,
                    env=None if env is None else dict(env),
                    cwd=cwd,
                    pass_fds=tuple(listen_fds),
                    preexec_fn=before_exec,
                    start_new_session=True,
                )
                register(child.pid)
        except (OSError, subprocess.SubprocessError) as error:
            return Completed(tuple(argv), "not-started", 0, "", str(error), time.monotonic() - began)
        try:
            written = [
                out.fileno() if streams.stdout is None else streams.stdout,
                err.fileno() if streams.stderr is None else streams.stderr,
            ]
            stopped = _wait(child, began + timeout, written, keep, too_large)
        finally:
            if child.returncode is None:
                _kill(child)
            CHILDREN.forget(child.pid)
        stdout, stderr = beginning(out), beginning(err)
    code = child.returncode
    how = stopped or ("signal" if code < 0 else "exited")
    return Completed(tuple(argv), how, abs(code), stdout, stderr, time.monotonic() - began)


def _listening(descriptors: Sequence[int]) -> list[str]:
    """What goes before a command line so that it gets these descriptors; nothing for none."""
    if not descriptors:
        return []
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("listen.py")), ",".join(map(str, descriptors))]


def _wait(
    child: subprocess.Popen[bytes],
    deadline: float,
    written: Sequence[int],
    keep: frozenset[int],
    too_large: Callable[[], bool] | None,
) -> str | None:
    """Wait for the child; None if it ended by itself, else the limit that it hit."""
    descriptor = os.pidfd_open(child.pid)
    ticks = 0
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not poll.poll(TICK_MILLISECONDS):
            CHILDREN.reap_adopted(keep)
            if any(os.fstat(number).st_size > OUTPUT_LIMIT for number in written):
                return "flood"
            ticks += 1
            if too_large is not None and ticks % TICKS_BETWEEN_LOOKS == 0 and too_large():
                return "disk"
            if time.monotonic() > deadline:
                return "timeout"
    finally:
        os.close(descriptor)
    child.wait()
    return None


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and everything in its session's process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def beginning(file: IO[bytes]) -> str:
    """What a transcript keeps of a stream; a cut is visible."""
    file.seek(0)
    kept = file.read(KEPT_OUTPUT).decode(errors="backslashreplace")
    rest = os.fstat(file.fileno()).st_size - KEPT_OUTPUT
    return kept if rest <= 0 else f"{kept}… ({rest} more bytes)"
