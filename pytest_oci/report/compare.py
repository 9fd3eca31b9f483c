"""Two runs, clause by clause: what differs, for people at a terminal and for programs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci.report.terminal import COLOURS
from pytest_oci.report.view import NOT_RUN
from pytest_oci.status import Status
from pytest_oci.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.report.view import Entry, View

ABSENT = "absent"
"""In the place of a status, of a clause that a run was not asked for."""
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A clause that two runs say different things of."""

    id: str
    level: str
    statuses: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two runs: the clauses that differ, in the order of their ids, and how many there are in all."""

    subjects: tuple[str, str]
    verdicts: tuple[str, str]
    differences: tuple[Difference, ...]
    clauses: int

    @property
    def same(self) -> bool:
        """Whether verdict and every clause agree."""
        return not self.differences and self.verdicts[0] == self.verdicts[1]


def compare(first: View, second: View) -> Comparison:
    """Compare two runs clause by clause."""
    entries = tuple({entry.id: entry for entry in view.entries} for view in (first, second))
    everything = sorted(entries[0].keys() | entries[1].keys())
    differences = []
    for name in everything:
        statuses = (_status(entries[0], name), _status(entries[1], name))
        if statuses[0] != statuses[1]:
            known = entries[0].get(name) or entries[1][name]
            differences.append(Difference(visible(name, LONGEST_SUBJECT), known.level, statuses))
    return Comparison(
        subjects=(visible(first.subject, LONGEST_SUBJECT), visible(second.subject, LONGEST_SUBJECT)),
        verdicts=(first.verdict.word, second.verdict.word),
        differences=tuple(differences),
        clauses=len(everything),
    )


def _status(entries: Mapping[str, Entry], name: str) -> str:
    return str(entries[name].status) if name in entries else ABSENT


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data."""
    first, second = (
        {"subject": subject, "verdict": verdict}
        for subject, verdict in zip(comparison.subjects, comparison.verdicts, strict=True)
    )
    return {
        "same": comparison.same,
        "a": first,
        "b": second,
        "clauses": comparison.clauses,
        "differences": [
            {"clause": item.id, "level": item.level, "a": item.statuses[0], "b": item.statuses[1]}
            for item in comparison.differences
        ],
    }


def comparison_text(comparison: Comparison, *, width: int, colour: bool) -> str:
    """The comparison as a table, with terminal colours if asked for."""
    from rich.console import Console
    from rich.text import Text

    output = io.StringIO()
    console = Console(
        file=output,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    for name, subject, verdict in zip("AB", comparison.subjects, comparison.verdicts, strict=True):
        console.print(Text(f"{name}  {subject}: {verdict}"))
    if comparison.differences:
        _table(console, comparison.differences)
    number = len(comparison.differences)
    console.print(Text(f"{number} of {comparison.clauses} clauses differ" if number else "no clause differs"))
    return output.getvalue()


def _table(console: Any, differences: Sequence[Difference]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("clause", overflow="fold")
    for name in ("level", "A", "B"):
        table.add_column(name, no_wrap=True)
    for item in differences:
        cells = (Text(status, _colour(status)) for status in item.statuses)
        table.add_row(Text(item.id), item.level, *cells)
    console.print(table)


def _colour(status: str) -> str:
    return "red" if status == NOT_RUN else "" if status == ABSENT else COLOURS[Status(status)]
