"""What the guest is told, as data: no shell reads it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MODES = ("v1", "v2")
PORTS = ("output", "error", "report")
"""Names of the serial ports that lead to the host: the command's standard output and standard error, and reports."""


@dataclass(frozen=True)
class Task:
    """A command for the guest, and what the guest has to be like."""

    mode: str
    """Of the cgroups, one of MODES."""
    argv: list[str]
    cwd: str
    environment: dict[str, str]
    keep: list[str]
    """Directories whose content goes straight to the host."""
    hostname: str

    def dump(self) -> bytes:
        """Return the task as JSON. Names that are not UTF-8 survive."""
        return json.dumps(asdict(self)).encode("ascii")

    @classmethod
    def load(cls, text: bytes) -> Task:
        """Read what `dump` has written."""
        return cls(**json.loads(text))
