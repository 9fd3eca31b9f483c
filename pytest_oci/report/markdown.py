"""A run in a few lines of Markdown, for the job summary of a CI service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci.report.html import COLUMNS, SYMBOLS, WORDS, claim_of
from pytest_oci.report.view import KEEPING, NOT_RUN
from pytest_oci.status import Status
from pytest_oci.text import visible

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from pytest_oci.report.view import Entry, View

MOST_LISTED = 50
"""Clauses of one status that are listed; a summary may have one megabyte, and nobody reads that."""
LONGEST = 200
_MARKUP = re.compile(r"[\\`*{}\[\]#|~<>&@$]|:(?=//)|(?<=www)\.|^[-+]|(?<!\w)_|_(?!\w)|[.)](?=\s|$)")
"""What Markdown or a CI service could take for more than text."""


def markdown(view: View) -> str:
    """Verdict, product, host and counts; then what keeps the verdict from being conformant, failures first."""
    lines = [f"## {plain(view.subject)}: {view.verdict.word}", "", plain(claim_of(view)), ""]
    lines += [f"- {reason}" for reason in view.verdict.reasons]
    lines += [f"- **{plain(note)}**" for note in view.notes]
    lines += ["", *_counts(view), ""]
    for status in KEEPING:
        concerned = [entry for of_section in view.by_section().values() for entry in of_section]
        concerned = [entry for entry in concerned if entry.keeps and entry.status == status]
        if concerned:
            lines += _listed(status, concerned)
    for ledger in view.ledgers:
        host = ", ".join(f"{plain(name.replace('_', ' '))} {plain(value)}" for name, value in ledger.host)
        lines.append(f"Host: {host}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _counts(view: View) -> list[str]:
    counts = view.counts
    columns = [status for status in (*COLUMNS, NOT_RUN) if status != NOT_RUN or any(c[status] for c in counts.values())]
    head = " | ".join(f"{SYMBOLS[status]} {WORDS[status]}" for status in columns)
    return [
        f"| | {head} |",
        f"|---|{'---:|' * len(columns)}",
        _row("absolute", counts["absolute"], columns),
        _row("recommendations", counts["advice"], columns),
    ]


def _row(name: str, counts: Counter[str], columns: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(str(counts[status]) for status in columns)} |"


def _listed(status: str, entries: Sequence[Entry]) -> list[str]:
    lines = ["<details>" if status != Status.FAIL else "<details open>"]
    lines += [f"<summary>{SYMBOLS[status]} {WORDS[status]}: {len(entries)} absolute clauses</summary>", ""]
    for entry in entries[:MOST_LISTED]:
        name = f"[`{entry.id}`]({entry.clause.reference})" if entry.clause else plain(entry.id)
        lines.append(f"- {name} {_why(entry)}".rstrip())
    if len(entries) > MOST_LISTED:
        lines.append(f"- and {len(entries) - MOST_LISTED} more")
    return [*lines, "", "</details>", ""]


def _why(entry: Entry) -> str:
    result = next((result for _, result in entry.behind), None)
    if result is None:
        return ""
    if result.reason:
        return plain(result.reason)
    return f"expected {plain(result.expected)}, got {plain(result.actual)}" if result.expected else ""


def plain(text: str) -> str:
    """A text of a ledger on one line in which nothing is markup, a mention or an address."""
    line = " ".join(visible(text, LONGEST).split())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)
