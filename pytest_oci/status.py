"""The eight statuses of a clause, and which of several counts."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(StrEnum):
    """What a run says of a clause. The order of the members is from worst to best."""

    ERROR = "error"
    FAIL = "fail"
    DEVIATION = "deviation"
    NOT_TESTABLE = "not-testable"
    UNSUPPORTED = "unsupported"
    ADVICE = "advice"
    PASS = "pass"  # noqa: S105 - no password
    NOT_APPLICABLE = "not-applicable"


WORST_FIRST = tuple(Status)

JUDGED = frozenset({Status.FAIL, Status.DEVIATION, Status.UNSUPPORTED, Status.ADVICE, Status.PASS})
"""Statuses that rest on something the product did or said."""


def worst(statuses: Iterable[Status]) -> Status:
    """Of several tests' statuses, the one that the clause takes.

    Raises ValueError when there is none: a clause without a test has no status.
    """
    return min(statuses, key=WORST_FIRST.index)
