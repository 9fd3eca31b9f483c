"""An image out of a running engine, as a layout archive that can be judged.

The engine's client is found and spoken to by python-on-whales, in a process of its own (`engine_client`), since the
library waits for as long as an engine takes: time, bytes and everything that the client starts are limited from here.
"""

from __future__ import annotations

import re
import resource
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_oci.process import run
from pytest_oci.targets.layout.target import LayoutTargetError
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_oci.process import Completed

ENGINES = ("docker", "podman")
LIBRARY = "python_on_whales"
CLIENT = "pytest_oci.targets.engine_client"
SAVE_SECONDS = 600.0
"""That an engine may take to write an image, unless more is given."""
MOST_BYTES = 64 << 30
"""Of a file that a client writes."""
LONGEST_MESSAGE = 300
BLOCK = 512
NAME, SIZE = slice(0, 100), slice(124, 136)
"""Where a tar header says what an entry is called, and how long it is, in octal digits."""
MOST_ENTRIES = 1_000_000
LAYOUT_NAMES = (b"oci-layout", b"./oci-layout")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,1023}", re.ASCII)


class EngineImageError(LayoutTargetError):
    """The engine gave no layout; the text is one line that says why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Engine:
    """An engine's client; `scratch` is for what it says, and its temporary files."""

    name: str
    scratch: Path
    most_bytes: int

    def ask(self, question: Sequence[str], limit: float) -> str:
        """What the client answers within `limit` seconds. Raises EngineImageError."""
        command = [sys.executable, "-P", "-m", CLIENT, self.name, *question]
        completed = run(command, timeout=limit, scratch=self.scratch, cwd=self.scratch, before_exec=self._limit_files)
        if completed.ok:
            return completed.stdout.strip()
        raise EngineImageError(self._why(completed, limit))

    def _limit_files(self) -> None:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        most = self.most_bytes if hard == resource.RLIM_INFINITY else min(self.most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))

    def _why(self, completed: Completed, limit: float) -> str:
        if completed.exit == "timeout":
            return f"{self.name} did not answer within {limit:g} s; --oci-timeout=SECONDS gives it more"
        if "file too large" in completed.stderr.lower():
            return f"{self.name} writes more than {self.most_bytes} bytes"
        lines = completed.stderr.strip().splitlines() or [completed.describe()]
        return printable(lines[-1])[:LONGEST_MESSAGE]


def fetch_image(reference: str, engine: str, directory: Path, timeout: float, *, most_bytes: int = MOST_BYTES) -> Path:
    """Have an engine save an image below `directory`, a private and empty one, and return the archive.

    An answer of the engine may take `timeout` seconds, saving the image SAVE_SECONDS if that is more, and no file
    may have more than `most_bytes`. What decides where the client finds its engine (DOCKER_HOST, CONTAINER_HOST,
    contexts, storage settings) is passed on. Raises EngineImageError; what was written remains in `directory`.
    """
    if engine not in ENGINES:
        raise EngineImageError(f"--oci-engine={engine}: has to be {' or '.join(ENGINES)}")
    if not REFERENCE.fullmatch(reference):
        raise EngineImageError(f"--oci-image={printable(reference)[:LONGEST_MESSAGE]!r}: is no name of an image")
    if find_spec(LIBRARY) is None:
        raise EngineImageError("--oci-image needs python-on-whales: pip install 'pytest-oci[engines]'")
    if shutil.which(engine) is None:
        raise EngineImageError(f"--oci-engine={engine}: there is no {engine} on PATH")
    asked = _Engine(engine, directory, most_bytes)
    size = asked.ask(["size", reference], timeout)
    _check_room(int(size) if size.isascii() and size.isdigit() else 0, directory, most_bytes)
    archive = directory / "image.tar"
    asked.ask(["save", reference, str(archive)], max(timeout, SAVE_SECONDS))
    if not archive.is_file():
        raise EngineImageError(f"{engine} said that it saved {reference}, and wrote nothing")
    if not holds_layout(archive):
        raise EngineImageError(
            f"{engine} saves {reference} in Docker's own format (before Docker 25), which is no OCI layout; "
            f"'skopeo copy docker-daemon:{_with_tag(reference)} oci-archive:image.tar' makes one for --oci-layout"
        )
    return archive


def holds_layout(archive: Path) -> bool:
    """Whether a tar archive has an `oci-layout` at its top. Only headers are read, and MOST_ENTRIES at most."""
    length, place = archive.stat().st_size, 0
    with archive.open("rb") as file:
        for _ in range(MOST_ENTRIES):
            file.seek(place)
            header = file.read(BLOCK)
            if len(header) < BLOCK or not any(header):
                return False
            if header[NAME].rstrip(b"\0") in LAYOUT_NAMES:
                return True
            place += BLOCK + -(-_number(header[SIZE]) // BLOCK) * BLOCK
            if place >= length:
                return False
    return False


def _number(data: bytes) -> int:
    """The number in a header: octal digits, or in base 256 where the first bit is set."""
    if data[0] & 0x80:
        return int.from_bytes(data[1:], "big")
    digits = data.strip(b" \0")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else 0


def _check_room(size: int, directory: Path, most_bytes: int) -> None:
    """Raise EngineImageError if an image of this size is too large, or does not fit below the directory."""
    free = shutil.disk_usage(directory).free
    if size > most_bytes:
        raise EngineImageError(f"the image has {size} bytes, more than the {most_bytes} that are allowed")
    if size > free:
        raise EngineImageError(f"the image has {size} bytes, and {directory.parent} has room for {free}; set TMPDIR")


def _with_tag(reference: str) -> str:
    """The reference as skopeo wants it: with a tag or a digest."""
    return reference if ":" in reference.rpartition("/")[2] or "@" in reference else f"{reference}:latest"
