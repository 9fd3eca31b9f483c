"""Where a tool is run: a directory of its own, limits, and a record of the command lines."""

from __future__ import annotations

import contextlib
import os
import resource
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LIMIT = 60.0
"""Seconds for one command."""
READY_LIMIT = 30.0
"""Seconds until a daemon answers."""
STOP_LIMIT = 15.0
"""Seconds that a daemon has to end by itself."""
SETTINGS = """\
[containers]
default_ulimits = [{limits}]
[engine]
events_logger = "none"
"""
SHOWN_OUTPUT = 600
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the tools are looked for: those of the distribution's packages, not what else may be on the machine."""


class ToolError(Exception):
    """A tool did not do what it was asked; the text says which command, and what it said."""


class NotHereError(Exception):
    """The tools that are here cannot write such a layout at all; the text says why."""


@dataclass(frozen=True)
class Place:
    """What all shapes of a run share.

    `root` is the directory tree that the tools are taken from, `/` or another system's. `shared` is for what several
    shapes use (storage of images, daemons); it has the same path in `root`.
    """

    root: Path
    shared: Path
    cgroup: str
    """The name of the cgroup for containers."""
    daemons: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    made: dict[str, object] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def argv(self, command: tuple[str, ...], cwd: Path | None) -> list[str]:
        """The command as it has to be started to see the tools' directory tree."""
        inside = ["chroot", str(self.root)] if str(self.root) != "/" else []
        return [*inside, "env", f"--chdir={cwd or self.shared}", *command]


@dataclass(frozen=True)
class Bench:
    """For one shape: `scratch` is its own empty directory, `commands` what was run."""

    place: Place
    scratch: Path
    commands: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What every tool gets: nothing of the caller's, but where to keep files."""
        home = self.place.shared / "home"
        home.mkdir(exist_ok=True)
        settings = self.once("containers.conf", write_settings)
        places = {"HOME": str(home), "TMPDIR": str(self.place.shared), "CONTAINERS_CONF": str(settings)}
        return {"PATH": PATH, "LANG": "C.UTF-8", **places}

    def run(
        self, *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, limit: float = LIMIT
    ) -> str:
        """Run a command to its end and return what it wrote to standard output. Raises ToolError."""
        words = tuple(str(word) for word in command)
        self.commands.append(self.shown(words))
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(
                self.place.argv(words, cwd),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**self.environment, **(env or {})},
                start_new_session=True,
            )
            try:
                status = child.wait(limit)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                raise ToolError(f"{self.shown(words)}: did not end within {limit:g} s") from None
            out.seek(0)
            err.seek(0)
            said, complained = out.read().decode(errors="replace"), err.read().decode(errors="replace")
        if status != 0:
            text = (complained or said).strip()[-SHOWN_OUTPUT:]
            raise ToolError(f"{self.shown(words)}: exit status {status}: {text}")
        return said.strip()

    def shown(self, words: tuple[str, ...]) -> str:
        """A command line for people: without the directories of this run."""
        line = shlex.join(words)
        return line.replace(str(self.scratch), "scratch").replace(str(self.place.shared), "shared")

    def once(self, name: str, make: Callable[[Bench, Path], None]) -> Path:
        """What several shapes use: a path that is made by the first of them that asks for it."""
        with self.place.lock:
            path = self.place.shared / name
            if name not in self.place.made:
                make(self, path)
                self.place.made[name] = path
            return path

    def daemon(self, name: str, command: tuple[str, ...], ready: Callable[[], object], cwd: Path) -> None:
        """Start a daemon unless it runs already, and wait until `ready` raises nothing; it ends with the run."""
        with self.place.lock:
            if name in self.place.made:
                return
            self.place.made[name] = name
            self.place.daemons.enter_context(running(self.place, command, cwd, self.environment))
            deadline = time.monotonic() + READY_LIMIT
            while True:
                try:
                    ready()
                    return
                except (ToolError, OSError) as error:
                    if time.monotonic() > deadline:
                        raise ToolError(f"{name} is not ready: {error}; {end_of(cwd / 'daemon.log')}") from error
                    time.sleep(0.2)


def write_settings(_: Bench, path: Path) -> None:
    """The settings of buildah and podman as a file."""
    path.write_text(settings())


def settings() -> str:
    """What buildah and podman are told, which else ask for more than a process without CAP_SYS_RESOURCE may have."""
    limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    most = ", ".join(
        f'"{name}={hard}:{hard}"' for name, kind in limits.items() for hard in resource.getrlimit(kind)[1:]
    )
    return SETTINGS.format(limits=most)


@contextlib.contextmanager
def running(place: Place, command: tuple[str, ...], cwd: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A daemon while the block lasts, its output in `daemon.log`."""
    cwd.mkdir(parents=True, exist_ok=True)
    with (cwd / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            place.argv(command, cwd),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def end_of(log: Path) -> str:
    """The last words of a log."""
    return log.read_text(errors="replace").strip()[-SHOWN_OUTPUT:] if log.exists() else ""
