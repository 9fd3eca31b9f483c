"""What an adapter remembers of a container: a directory with a few files below its state root."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

VALID_ID = re.compile(r"[A-Za-z0-9_+.-]{1,1024}\Z")
GATE = "gate"
PRODUCT = "product"
EXIT = "exit"
SAID = "said"


class AdapterError(Exception):
    """The operation cannot be done; the text is one line."""


@dataclass(frozen=True, slots=True)
class Record:
    """One container, with the pid of its supervisor and when that was started."""

    id: str
    bundle: str
    oci_version: str
    pid: int
    born: str
    annotations: dict[str, str]


def place(root: Path, identifier: str) -> Path:
    """The directory of a container; AdapterError for an id that names none."""
    if not VALID_ID.match(identifier) or identifier in (".", ".."):
        raise AdapterError(f"{identifier!r} is no container id")
    return root / identifier


def load(root: Path, identifier: str) -> Record:
    """What is remembered of a container. Raises AdapterError if nothing is."""
    try:
        text = (place(root, identifier) / "record.json").read_text(encoding="utf-8")
    except OSError:
        raise AdapterError(f"there is no container {identifier}") from None
    return Record(**json.loads(text))


def save(root: Path, record: Record) -> None:
    """Remember a container."""
    (place(root, record.id) / "record.json").write_text(json.dumps(asdict(record)), encoding="utf-8")


def born(pid: int) -> str:
    """When a process was started (clock ticks since boot), so that no reused pid is taken for it; empty if gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def alive(record: Record) -> bool:
    """Whether the supervisor still runs."""
    return record.born != "" and born(record.pid) == record.born


def status(root: Path, record: Record) -> str:
    """The container's status in the words of the specification."""
    directory = place(root, record.id)
    if not alive(record) or (directory / EXIT).exists():
        return "stopped"
    return "running" if (directory / PRODUCT).exists() else "created"


def read_number(path: Path) -> int | None:
    """A number that the supervisor wrote; None if it has not yet."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def children(pid: int) -> list[int]:
    """The processes that a process has for children now."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def program_of(directory: Path) -> int | None:
    """The pid of the container's program: the first process below the product that runs another executable."""
    product = read_number(directory / PRODUCT)
    waiting = children(product) if product else []
    with contextlib.suppress(OSError):
        own = Path(f"/proc/{product}/exe").readlink()
        while waiting:
            child = waiting.pop(0)
            if Path(f"/proc/{child}/exe").readlink() != own:
                return child
            waiting += children(child)
    return None
