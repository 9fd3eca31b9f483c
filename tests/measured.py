"""Processes that may not take more than they should, and what they cost."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import resource

MIB = 1024**2
MOST_MEMORY = 300 * MIB
MOST_CPU = 60.0
"""Seconds of processor time; those of a clock depend on what else the machine does. The longest takes about 16."""
MOST_SECONDS = 300.0


@dataclass
class Ended:
    """How a process went: its exit status, what it wrote, and what it cost."""

    status: int
    output: str
    errors: str
    seconds: float
    memory: int


def run(command: list[str], where: Path, *, most_cpu: float = MOST_CPU, most_seconds: float = MOST_SECONDS) -> Ended:
    """Run a process that may not take more than it should, in seconds of processor time and of a clock."""
    environment = {**os.environ, "TMPDIR": str(where), "HOME": str(where), "COLUMNS": "1000"}
    with (where / "output").open("w+b") as output, (where / "errors").open("w+b") as errors:
        child = subprocess.Popen(
            command, cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        try:
            status, usage, memory = _wait(child.pid, most_seconds)
        except TimeoutError:
            child.kill()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)  # it was waited for here, and not by Popen
        output.seek(0)
        errors.seek(0)
        said, complaints = (file.read(MIB).decode(errors="replace") for file in (output, errors))
    ended = Ended(child.returncode, said, complaints, usage.ru_utime + usage.ru_stime, memory)
    assert ended.memory < MOST_MEMORY, f"{ended.memory // MIB} MiB"
    assert ended.seconds < most_cpu, f"{ended.seconds:.1f} s of processor time"
    assert "Traceback" not in ended.output + ended.errors, ended.output + ended.errors
    return ended


def _wait(pid: int, most_seconds: float) -> tuple[int, resource.struct_rusage, int]:
    """Its status, what it used, and the most memory that it had; ru_maxrss would be its parent's if that has more."""
    deadline, memory = time.monotonic() + most_seconds, 0
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return status, usage, memory
        memory = peak_of(pid) or memory
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not end in {most_seconds} s")
        time.sleep(0.02)


def peak_of(pid: int) -> int:
    """The most memory a process has had so far, in bytes; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
