"""Deviations are declared completely or not at all."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from pytest_oci.deviations import Deviation, DeviationError, read_deviations

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime.date(2030, 1, 2)
KNOWN = {"a.b", "a.c"}


def entry(clause: str = '"a.b"', reason: str = '"why"', expires: str = "2030-01-02", more: str = "") -> str:
    return f"[[deviation]]\nclause = {clause}\nreason = {reason}\nexpires = {expires}\n{more}\n"


def test_deviations_are_read_by_clause(tmp_path: Path) -> None:
    """One that expires today still holds today."""
    path = tmp_path / "deviations.toml"
    path.write_text(entry() + entry('"a.c"', expires="2031-12-31"))

    assert read_deviations(path, KNOWN, TODAY) == {
        "a.b": Deviation("a.b", "why", TODAY),
        "a.c": Deviation("a.c", "why", datetime.date(2031, 12, 31)),
    }


def test_an_empty_file_declares_nothing(tmp_path: Path) -> None:
    """That is allowed: a file may stay when its last deviation goes."""
    path = tmp_path / "deviations.toml"
    path.touch()

    assert read_deviations(path, KNOWN, TODAY) == {}


WRONG = {
    "no-toml": ("[[deviation", "is no TOML"),
    "another-table": ("[[exception]]\nclause = 'a.b'", "has to consist of"),
    "one-table": ("[deviation]\nclause = 'a.b'", "has to consist of"),
    "not-tables": ("deviation = ['a.b']", "exactly clause, reason and expires"),
    "no-reason": ("[[deviation]]\nclause = 'a.b'\nexpires = 2030-01-02", "exactly clause, reason and expires"),
    "no-expiry": ("[[deviation]]\nclause = 'a.b'\nreason = 'x'", "exactly clause, reason and expires"),
    "something-more": (entry(more="author = 'me'"), "exactly clause, reason and expires"),
    "empty-reason": (entry(reason='" "'), "are texts"),
    "reason-is-number": (entry(reason="1"), "are texts"),
    "clause-is-list": (entry(clause='["a.b"]'), "are texts"),
    "expiry-is-text": (entry(expires='"2030-01-02"'), "is no date"),
    "expiry-is-time": (entry(expires="2030-01-02T00:00:00Z"), "is no date"),
    "unknown-clause": (entry(clause='"a.z"'), "there is no clause a.z"),
    "glob": (entry(clause='"a.*"'), "there is no clause a.*"),
    "twice": (entry() + entry(), "a.b stands twice"),
    "expired": (entry(expires="2030-01-01"), "expired on 2030-01-01"),
}


@pytest.mark.parametrize(("text", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_one_line_with_path_and_fault(tmp_path: Path, text: str, fault: str) -> None:
    """No entry of such a file counts."""
    path = tmp_path / "deviations.toml"
    path.write_text(text)

    with pytest.raises(DeviationError) as caught:
        read_deviations(path, KNOWN, TODAY)
    assert str(path) in str(caught.value)
    assert fault in str(caught.value)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    """A missing file, a directory, bytes that are no text."""
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")

    for place, fault in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory"), (path, "is no TOML")):
        with pytest.raises(DeviationError, match=fault):
            read_deviations(place, KNOWN, TODAY)
