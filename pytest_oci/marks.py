"""The decorator that ties a test to the clauses that it judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def clause(*ids: str) -> pytest.MarkDecorator:
    """Mark a test, or one of its parameter sets, as judging these clauses.

    Several ids are for duties that the text states more than once: one judgement decides them all.
    """
    if not ids:
        raise TypeError("clause() needs at least one clause id")
    import pytest  # mutants import this package in every process that they start: keep that cheap

    return pytest.mark.clause(*ids)
