"""The report of one product as a page: verdict, what keeps it from being conformant, every clause, transcripts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci import catalogue
from pytest_oci.report.html import claim_of, levels_of, render, section_keys, total
from pytest_oci.report.view import KEEPING, NOT_RUN
from pytest_oci.report.view import view as seen
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.report.transcript import Transcript
    from pytest_oci.report.view import Entry, Records, View
    from pytest_oci.results import Result

MOST_PROBLEMS = 200
"""So many failures, or clauses with one reason, are listed at the top; all of them stand among the clauses."""
MOST_RESULTS = 12
"""Of one clause, those that gave it its status first."""
MOST_SCENARIOS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A clause as the page shows it."""

    entry: Entry
    anchor: str
    group: str
    shown: tuple[tuple[int, Result], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a specification; `red` are the statuses that keep the verdict from being conformant."""

    key: str
    name: str
    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    red: frozenset[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """A failed clause, or those that share a `reason`."""

    reason: str | None
    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Problems:
    """What has one status, and how much of it is not listed."""

    status: str
    count: int
    problems: tuple[Problem, ...]
    left_out: int


def page(ledgers: Sequence[Records], *, watermark: str = "") -> str:
    """The page of one product as HTML, from the records of its ledgers; see page_of. Raises LedgerError."""
    return page_of(seen(ledgers, catalogue.load()), watermark=watermark)


def page_of(view: View, *, watermark: str = "") -> str:
    """The page as HTML; the same view gives the same text. `watermark` is a banner above everything.

    Raises ModuleNotFoundError where jinja2 is not installed.
    """
    sections = _sections(view)
    transcripts = [(place, *item) for place, item in enumerate(_ordered(view), 1)]
    return render(
        "page.html",
        views=[view],
        view=view,
        watermark=watermark,
        claim=claim_of(view),
        sections=sections,
        keeping=_keeping([row for section in sections for row in section.rows]),
        levels=levels_of([view]),
        totals=total(view),
        transcripts=transcripts,
        places=defaultdict(int, {(number, item.scenario): place for place, number, item in transcripts}),
        most_scenarios=MOST_SCENARIOS,
    )


def _ordered(view: View) -> list[tuple[int, Transcript]]:
    return [(number, transcript) for (number, _), transcript in view.transcripts.items()]


def _sections(view: View) -> list[Section]:
    by_section = view.by_section()
    found = []
    unknown = 0
    for name, key in section_keys(by_section).items():
        rows = []
        for entry in by_section[name]:
            unknown += entry.clause is None
            anchor = entry.id if entry.clause else f"unknown-{unknown}"
            rows.append(_row(entry, anchor, key))
        counts = Counter(entry.status for entry in by_section[name])
        red = frozenset(row.entry.status for row in rows if row.entry.keeps)
        found.append(Section(key, name, tuple(rows), counts, red))
    return found


def _row(entry: Entry, anchor: str, group: str) -> Row:
    behind = entry.behind
    others = tuple(item for item in entry.judged if item not in behind)
    results = behind + others
    return Row(entry, anchor, group, results[:MOST_RESULTS], max(0, len(results) - MOST_RESULTS))


def _keeping(rows: Sequence[Row]) -> list[Problems]:
    found = []
    for status in KEEPING:
        concerned = [row for row in rows if row.entry.keeps and row.entry.status == status]
        if concerned:
            single = status in (Status.FAIL, Status.DEVIATION)
            problems = _singly(concerned) if single else _by_reason(concerned)
            listed = problems[:MOST_PROBLEMS]
            found.append(Problems(status, len(concerned), tuple(listed), len(problems) - len(listed)))
    return found


def _singly(rows: Sequence[Row]) -> list[Problem]:
    return [Problem(None, (row,), 1) for row in rows]


def _by_reason(rows: Sequence[Row]) -> list[Problem]:
    """The reasons of the most clauses first, so that one missing thing is said once."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_reason(row)].append(row)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [Problem(reason, tuple(of_reason[:MOST_PROBLEMS]), len(of_reason)) for reason, of_reason in ordered]


def _reason(row: Row) -> str:
    if row.entry.status == NOT_RUN:
        return "no test yet" if row.entry.clause and row.entry.clause.fate == "planned" else "not run"
    return next((result.reason for _, result in row.entry.behind if result.reason), "no reason given")
