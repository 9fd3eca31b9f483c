"""The recorder: a script that an engine takes for its runtime. It keeps how it was called, then is the real runtime.

Each call is a directory `calls/TIME-PID` with `argv` (words that end with NUL), `cwd`, `pid` and, for operations that
take a bundle, the beginning of its `config.json` and the bundle's `path`. While a process of the suite holds calls
(`hold.PID`), an operation that makes a container waits until the suite has looked at its root file system, and puts a
file `go` there.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

NAME = "recorder"
CALLS = "calls"
LARGEST_CONFIG = 4 << 20
MOST_CALLS = 10_000
"""Beyond these nothing is kept, so that an engine that calls without end fills no disk."""
HELD_TICKS = 1000
"""Hundredths of a second that a call waits for the suite at most."""
MAKING = ("create", "run")
"""Operations that make a container of a bundle."""
OPERATIONS = (
    *MAKING,
    "start",
    "state",
    "kill",
    "delete",
    "exec",
    "pause",
    "resume",
    "update",
    "events",
    "restore",
    "ps",
)

SCRIPT = r"""#!/bin/sh
# Made by pytest-oci: keeps how it is called in {home}/calls, then is {real}.
calls={home}/calls
operation= bundle=. previous=
for word in "$@"; do
    case $previous in --bundle | -b) bundle=$word ;; esac
    case $word in
        --bundle=*) bundle=${{word#--bundle=}} ;;
        {operations}) operation=${{operation:-$word}} ;;
    esac
    previous=$word
done
call=$calls/$(date +%s%N)-$$
if [ "$(ls "$calls" | wc -l)" -lt {most} ] && mkdir "$call.new"; then
    printf '%s\0' "$@" >"$call.new/argv"
    pwd >"$call.new/cwd"
    echo $$ >"$call.new/pid"
    case $operation in
        {making})
            (cd "$bundle" && pwd) >"$call.new/path"
            head -c {largest} "$bundle/config.json" >"$call.new/config.json"
            ;;
    esac
    mv "$call.new" "$call"
    case $operation in
        {making})
            ticks=0
            for holder in {home}/hold.*; do
                while [ -e "$holder" ] && [ -e "/proc/${{holder##*.}}" ] && [ ! -e "$call/go" ]; do
                    [ $ticks -lt {ticks} ] || break
                    sleep 0.01
                    ticks=$((ticks + 1))
                done
            done
            ;;
    esac
fi 2>/dev/null
exec {real} "$@"
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call: its words, the process that made it, and for those that make containers the bundle."""

    directory: Path
    argv: tuple[str, ...]
    pid: int
    config: bytes | None
    bundle: str

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return self.directory.name

    @property
    def operation(self) -> str:
        """The operation that was asked for; empty if it is none that runtimes have."""
        return next((word for word in self.argv if word in OPERATIONS), "")

    @property
    def makes(self) -> bool:
        """Whether it is to make a container."""
        return self.operation in MAKING

    def concerns(self, container: str) -> bool:
        """Whether it is about this container."""
        return container in self.argv

    def release(self) -> None:
        """Let a call go on that is held."""
        with contextlib.suppress(OSError):
            (self.directory / "go").touch()

    def forget(self) -> None:
        """Remove the record."""
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Recorder:
    """A recorder that was written into the directory `home`."""

    home: Path

    @property
    def program(self) -> Path:
        """What an engine is given as its runtime."""
        return self.home / NAME

    def calls(self, but: Container[str] = ()) -> list[Recorded]:
        """What was recorded so far, in order, but for the calls of these names."""
        try:
            names = sorted(os.listdir(self.home / CALLS))  # noqa: PTH208 - polled, so it should be cheap
        except OSError:
            return []
        wanted = (name for name in names if name not in but and not name.endswith(".new"))
        return [call for name in wanted if (call := _read(self.home / CALLS / name)) is not None]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile operations that make containers wait until they are released; a killed suite holds nothing."""
        hold = self.home / f"hold.{os.getpid()}"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink(missing_ok=True)


def write_recorder(home: Path, real: Path) -> Recorder:
    """Write a recorder for a real runtime into a directory. Raises OSError."""
    (home / CALLS).mkdir(parents=True, exist_ok=True)
    recorder = Recorder(home)
    script = SCRIPT.format(
        home=shlex.quote(str(home)),
        real=shlex.quote(str(real)),
        operations=" | ".join(OPERATIONS),
        making=" | ".join(MAKING),
        most=MOST_CALLS,
        largest=LARGEST_CONFIG,
        ticks=HELD_TICKS,
    )
    recorder.program.write_text(script, encoding="utf-8")
    recorder.program.chmod(0o755)
    return recorder


def _read(directory: Path) -> Recorded | None:
    """A record; None if it was removed meanwhile."""
    try:
        words = (directory / "argv").read_bytes().decode("utf-8", "backslashreplace").split("\0")[:-1]
        pid = int((directory / "pid").read_text(encoding="ascii") or 0)
        config, bundle = directory / "config.json", directory / "path"
        return Recorded(
            directory,
            tuple(words),
            pid,
            config.read_bytes() if config.exists() else None,
            bundle.read_text(encoding="utf-8", errors="backslashreplace").rstrip("\n") if bundle.exists() else "",
        )
    except (OSError, ValueError):
        return None
