"""Programs that listen on loopback: started in a directory, waited for, ended."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BEGIN_SECONDS, END_SECONDS = 20.0, 5.0
LAST_WORDS = 600


class NotStartedError(Exception):
    """A program does not listen; the text is one line."""


def free_port() -> int:
    """A port of loopback on which nothing listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def listening(command: Sequence[str], port: int, directory: Path) -> Iterator[None]:
    """Run a program in a directory while it listens on a port. Raises NotStartedError if it does not."""
    log = directory / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8"},
        )
    try:
        await_port(process, port, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_SECONDS)


def await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return once something listens on a port. Raises NotStartedError."""
    deadline = time.monotonic() + BEGIN_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                said = " ".join(log.read_text(encoding="utf-8", errors="replace").split())[-LAST_WORDS:]
                how = f"ended with {process.returncode}" if ended else f"did not listen within {BEGIN_SECONDS:g} s"
                raise NotStartedError(f"{process.args!r} {how}: {said}") from None
            time.sleep(0.05)
        else:
            return
