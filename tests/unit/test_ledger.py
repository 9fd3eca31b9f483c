"""A ledger is read whole or not at all."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci.ledger import LedgerError, LedgerWriter, read_ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECORDS: list[dict[str, Any]] = [
    {"type": "observation", "scenario": "s", "facts": {"text": "ü\ud800\n\r\x00"}},
    {"type": "result", "clause": "a.b", "test": "t", "status": "pass"},
]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    writer = LedgerWriter(path, {"suite": "x"})
    for record in RECORDS:
        writer.write(record)
    writer.close({"counts": {}})
    return path


def test_what_was_written_is_read(ledger: Path) -> None:
    """Header first, footer last, and every text as it was, lone surrogates included."""
    header, *records, footer = read_ledger(ledger)

    assert header == {"type": "header", "ledger": 1, "suite": "x"}
    assert records == RECORDS
    assert footer["counts"] == {}


def test_the_footer_seals_the_lines_before_it(ledger: Path) -> None:
    """It counts them, and has their digest."""
    *before, last = ledger.read_bytes().splitlines(keepends=True)
    footer = json.loads(last)

    assert footer["lines"] == len(before) == 3
    assert footer["sha256"] == hashlib.sha256(b"".join(before)).hexdigest()


def test_every_line_is_one_json_object(ledger: Path) -> None:
    """As JSON Lines demands, readable in ASCII."""
    for line in ledger.read_bytes().decode("ascii").splitlines():
        assert isinstance(json.loads(line), dict)


def test_a_run_in_progress_is_readable_but_not_whole(tmp_path: Path) -> None:
    """Lines are on disk at once; without the footer nobody takes them for a ledger."""
    path = tmp_path / "ledger"
    writer = LedgerWriter(path, {})
    writer.write({"type": "result"})

    assert len(path.read_text().splitlines()) == 2
    with pytest.raises(LedgerError, match="has no footer: the run did not end, or the file was cut"):
        read_ledger(path)


def lines_changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "does not begin with a ledger's header"),
    "cut-in-a-line": (lambda data: data[: len(data) // 2], "no JSON; the ledger is damaged or cut"),
    "cut-in-the-footer": (lambda data: data[:-10], "line 4: no JSON"),
    "cut-after-a-line": (lines_changed(lambda lines: lines[:-1]), "has no footer"),
    "only-header": (lines_changed(lambda lines: lines[:1]), "has no footer"),
    "line-removed": (lines_changed(lambda lines: [lines[0], *lines[2:]]), "the ledger was changed"),
    "line-doubled": (lines_changed(lambda lines: [*lines[:2], *lines[1:]]), "the ledger was changed"),
    "lines-swapped": (lines_changed(lambda lines: [lines[0], lines[2], lines[1], lines[3]]), "the ledger was changed"),
    "status-changed": (lambda data: data.replace(b'"pass"', b'"fail"'), "the ledger was changed"),
    "space-added": (lambda data: data.replace(b"{", b"{ ", 1), "the ledger was changed"),
    "header-removed": (lines_changed(lambda lines: lines[1:]), "the ledger was changed"),
    "something-behind-the-footer": (lambda data: data + b'{"type":"result"}\n', "behind the footer"),
    "blank-line-behind-the-footer": (lambda data: data + b"\n", "behind the footer"),
    "footer-twice": (lines_changed(lambda lines: [*lines, lines[-1]]), "behind the footer"),
    "no-json": (lambda _: b"\x89PNG\r\n", "line 1: no JSON"),
    "no-utf8": (lambda _: b'{"type":"\xff"}\n', "line 1: no JSON"),
    "no-object": (lambda _: b"[]\n", "line 1: no record of a ledger"),
    "no-type": (lambda _: b"{}\n", "line 1: no record of a ledger"),
    "nested-beyond-reason": (lambda _: b'{"type":' + b"[" * 200_000, "line 1: no JSON"),
}


@pytest.mark.parametrize(("damage", "text"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_ledger_is_refused(ledger: Path, damage: Callable[[bytes], bytes], text: str) -> None:
    """The error names the file and what is wrong with it."""
    ledger.write_bytes(damage(ledger.read_bytes()))

    with pytest.raises(LedgerError) as caught:
        read_ledger(ledger)
    assert str(ledger) in str(caught.value)
    assert text in str(caught.value)


def test_a_ledger_of_another_version_is_refused(tmp_path: Path) -> None:
    """Even a whole and unchanged one."""
    path = tmp_path / "ledger"
    LedgerWriter(path, {"ledger": 2}).close({})

    with pytest.raises(LedgerError, match="is a ledger of another version: 2"):
        read_ledger(path)


def test_an_unreadable_ledger_is_refused(tmp_path: Path) -> None:
    """One line says why."""
    with pytest.raises(LedgerError, match="cannot be read: No such file"):
        read_ledger(tmp_path / "none")
    with pytest.raises(LedgerError, match="cannot be read: Is a directory"):
        read_ledger(tmp_path)
