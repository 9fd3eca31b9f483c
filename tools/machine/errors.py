"""What may go wrong before the command has ended."""

from __future__ import annotations


class MachineError(Exception):
    """The machine cannot be had; the text says why, in one line, and what mends it. More lines are evidence."""


class LimitReachedError(MachineError):
    """A limit in time or size was reached."""


class StoppedError(Exception):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
