"""Submissions for tests, and ways to tamper with their ledgers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.ledgers import Ledger, join, open_ledger
from pytest_oci.certification.submission import Submission, read_submission, write_submission
from pytest_oci.verdict import reach_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_oci.certification.replaying import Said

PRODUCT: dict[str, Any] = {
    "vendor": "Example GmbH",
    "name": "Layout",
    "version": "1.10",
    "website_url": "https://example.org",
    "documentation_url": "https://example.org/docs",
    "type": "distribution",
    "description": "It is an example.",
    "application": {
        "contacts": [{"name": "A. Person", "email": "person@example.org"}],
        "intended_date": "2027-06-30",
    },
}
"""A PRODUCT.yaml in which nothing is wrong."""

CLAUSE = "runtime.state.id"
HEADER: dict[str, Any] = {
    "suite": {"name": "pytest-oci", "version": "0.1.0", "sha256": "0" * 64},
    "claimed": {"runtime": "1.3.0"},
    "targets": [{"kind": "runtime", "path": "/a", "sha256": "1" * 64}],
    "host": {"system": "Linux"},
    "deviations": {},
    "command_line": [],
}
"""Of a ledger in which nothing is about anything but its results."""


@dataclass(frozen=True)
class Honest:
    """An honest submission: the product, the folder, what it is made of, what its observations say."""

    layout: Path
    folder: Path
    submission: Submission
    said: Said


Records = list[dict[str, Any]]


def records_of(ledger: Path) -> Records:
    return [json.loads(line) for line in ledger.read_text(encoding="ascii").splitlines()]


def ledger_in(folder: Path) -> Path:
    (path,) = (folder / "ledgers").iterdir()
    return path


def written(records: Records, *, chained: bool, sealed: bool) -> bytes:
    """The lines; with `before` made right again if chained, and the footer's digest if sealed."""
    digest, lines = hashlib.sha256(), []
    *body, footer = records
    for record in body:
        if chained:
            record = {**record, "before": digest.hexdigest()[:16]}
        line = (json.dumps(record, separators=(",", ":")) + "\n").encode()
        digest.update(line)
        lines.append(line)
    if sealed:
        footer = {**footer, "lines": len(body), "sha256": digest.hexdigest()}
    return b"".join([*lines, (json.dumps(footer, separators=(",", ":")) + "\n").encode()])


def tamper(folder: Path, change: Callable[[Records], Any], effort: str) -> None:
    """Change the records of the only ledger, with more or less effort not to be found.

    `bytes`: nothing else is done; `footer`: its digest is made right; `chain`: every line's as well; `all`: counts and
    verdict too, and everything in the folder is rendered from the changed ledger.
    """
    path = ledger_in(folder)
    records = records_of(path)
    changed = change(records)
    records = records if changed is None else changed
    if effort != "all":
        path.write_bytes(written(records, chained=effort == "chain", sealed=effort != "bytes"))
        return
    path.write_bytes(written(records, chained=True, sealed=True))
    ledger = open_ledger(path)
    verdict = reach_verdict(ledger.applicable(), ledger.statuses)
    found = list(ledger.statuses.values())
    counts = {status: found.count(status) for status in type(found[0])}
    records[-1] |= {"counts": counts, "verdict": verdict.word, "reasons": list(verdict.reasons)}
    path.write_bytes(written(records, chained=True, sealed=True))
    submission = read_submission(folder)
    write_submission(submission, folder.parents[2])


def result(status: str, test: str = "t", clause: str = CLAUSE) -> dict[str, Any]:
    """A result, for `made`."""
    return {"type": "result", "clause": clause, "test": test, "status": status}


def made(path: Path, header: Mapping[str, Any], results: list[dict[str, Any]]) -> Ledger:
    """A ledger with these results, for what looks at nothing else."""
    records = [{"type": "header", "ledger": 1, **header}, *results, {"type": "footer"}]
    path.write_bytes(written(records, chained=True, sealed=True))
    return open_ledger(path)


__all__ = [
    "CLAUSE",
    "HEADER",
    "PRODUCT",
    "Honest",
    "Records",
    "join",
    "ledger_in",
    "made",
    "records_of",
    "result",
    "tamper",
    "written",
]
