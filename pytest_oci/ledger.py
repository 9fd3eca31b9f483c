"""The record of a run: JSON Lines with a header, observations, results and a footer that seals the lines before it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSION = 1
BEFORE = "before"
BEFORE_DIGITS = 16


class LedgerError(ValueError):
    """A ledger that cannot be read: what is wrong, and in which line."""


class LedgerWriter:
    """Writes a ledger line by line; without `close` it has no footer and nobody will take it for a whole one.

    Lines are ASCII: a product may put lone surrogates into its JSON, which UTF-8 has no bytes for. Each line but the
    footer names what stands before it (`before`: the first digits of the sha256 of all earlier lines), so that lines
    cannot be moved, taken out or put in by changing the footer alone.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._digest = hashlib.sha256()
        self._lines = 0
        self.write({"type": "header", "ledger": VERSION, **header})

    def write(self, record: Mapping[str, Any]) -> None:
        """Add one record, which has a `type`."""
        chained = {**record, BEFORE: self._digest.hexdigest()[:BEFORE_DIGITS]}
        line = json.dumps(chained, separators=(",", ":")) + "\n"
        self._digest.update(line.encode())
        self._lines += 1
        self._file.write(line)
        self._file.flush()

    def close(self, footer: Mapping[str, Any]) -> None:
        """Seal the ledger: counts, and the digest over all lines before this one."""
        record = {"type": "footer", **footer, "lines": self._lines, "sha256": self._digest.hexdigest()}
        self._file.write(json.dumps(record, separators=(",", ":")) + "\n")
        self._file.close()


LONGEST_HEADER = 1024 * 1024


def kinds_in(path: str) -> frozenset[str]:
    """The kinds of targets that the header of a ledger names; none if there is no such header."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - only its first line is wanted
            header = json.loads(file.readline(LONGEST_HEADER))
        return frozenset(str(target["kind"]) for target in header["targets"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return frozenset()


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """All records of a whole ledger, header first and footer last. Raises LedgerError for anything less.

    What only ties a line to those before it is checked and left out, except from the footer.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}") from None
    digest = hashlib.sha256()
    records: list[dict[str, Any]] = []
    chained = False
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise LedgerError(f"{path}, line {number}: no JSON; the ledger is damaged or cut") from None
        if not isinstance(record, dict) or "type" not in record:
            raise LedgerError(f"{path}, line {number}: no record of a ledger")
        if record["type"] == "footer":
            _check_footer(path, record, number, lines, digest.hexdigest())
        else:
            before = record.pop(BEFORE, None)
            chained = before is not None if number == 1 else chained
            if before != (digest.hexdigest()[:BEFORE_DIGITS] if chained else None):
                raise LedgerError(f"{path}, line {number} does not follow the lines before it; the ledger was changed")
            digest.update(line)
        records.append(record)
    if not records or records[0]["type"] != "header":
        raise LedgerError(f"{path} does not begin with a ledger's header")
    if records[0].get("ledger") != VERSION:
        raise LedgerError(f"{path} is a ledger of another version: {records[0].get('ledger')}")
    if records[-1]["type"] != "footer":
        raise LedgerError(f"{path} has no footer: the run did not end, or the file was cut")
    return records


def is_chained(path: Path) -> bool:
    """Whether the lines of a ledger name what stands before them."""
    with path.open("rb") as file:
        return BEFORE in json.loads(file.readline(LONGEST_HEADER))


def _check_footer(path: Path, record: Mapping[str, Any], number: int, lines: list[bytes], digest: str) -> None:
    if number != len(lines):
        raise LedgerError(f"{path}, line {number}: there is something behind the footer")
    if record.get("lines") != number - 1 or record.get("sha256") != digest:
        raise LedgerError(f"{path}: the footer does not fit the lines before it; the ledger was changed")
