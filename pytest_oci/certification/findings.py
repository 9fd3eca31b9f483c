"""What checking a submission found: points, each held or not."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_oci.text import visible

LONGEST = 600
"""Characters of a text that are shown."""


def shown(text: str) -> str:
    """What may come from a folder that anybody made, as one line that steers nothing."""
    return visible(" ".join(text.split()), LONGEST)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at: `held`, broken, or `open` where nobody can say here."""

    name: str
    wrong: tuple[str, ...] = ()
    open: str = ""

    @property
    def decided(self) -> str:
        """In a word: `yes`, `no` or `open`."""
        return "no" if self.wrong else "open" if self.open else "yes"
