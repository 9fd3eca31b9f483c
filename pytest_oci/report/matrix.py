"""Products side by side, clause by clause, as a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.report.html import claim_of, levels_of, render, section_keys
from pytest_oci.report.view import UNKNOWN_LEVEL
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.catalogue import Clause
    from pytest_oci.report.view import Entry, View

EXPLAINED = frozenset({Status.FAIL, Status.ERROR, Status.DEVIATION, Status.NOT_TESTABLE, Status.UNSUPPORTED})


@dataclass(frozen=True, slots=True)
class Cell:
    """What one product makes of a clause."""

    status: str
    absolute: bool
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """A clause and, for each product, its cell; None where the clause is none of such a product."""

    id: str
    clause: Clause | None
    cells: tuple[Cell | None, ...]

    @property
    def level(self) -> str:
        """The clause's level."""
        return self.clause.level if self.clause else UNKNOWN_LEVEL

    @property
    def absolute(self) -> bool:
        """Whether the clause binds absolutely; one that nobody knows is taken to."""
        return self.clause is None or self.clause.absolute

    @property
    def statuses(self) -> str:
        """The statuses that occur in the row."""
        return " ".join(sorted({cell.status for cell in self.cells if cell}))

    @property
    def differs(self) -> bool:
        """Whether the products that are asked differ."""
        return len({cell.status for cell in self.cells if cell}) > 1


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a specification."""

    key: str
    name: str
    rows: tuple[Row, ...]


def matrix(views: Sequence[View], *, watermark: str = "") -> str:
    """The page as HTML; the same views give the same text.

    Raises ModuleNotFoundError where jinja2 is not installed.
    """
    sections = _sections(views)
    rows = [row for section in sections for row in section.rows]
    counts = Counter(status for row in rows for status in row.statuses.split())
    return render(
        "matrix.html",
        views=views,
        watermark=watermark,
        names=_names(views),
        claims=[claim_of(view) for view in views],
        sections=sections,
        levels=levels_of(views),
        totals=counts,
        total=len(rows),
        differences=sum(row.differs for row in rows),
    )


def _names(views: Sequence[View]) -> list[str]:
    """What the columns are called: numbers tell products of the same name apart."""
    subjects = [view.subject for view in views]
    return [
        f"{subject} ({subjects[: place + 1].count(subject)})" if subjects.count(subject) > 1 else subject
        for place, subject in enumerate(subjects)
    ]


def _sections(views: Sequence[View]) -> list[Section]:
    entries = [{entry.id: entry for entry in view.entries} for view in views]
    rows: dict[str, list[Row]] = defaultdict(list)
    for name in sorted(set().union(*entries)):
        cells = tuple(_cell(by_id.get(name)) for by_id in entries)
        known: Mapping[str, Entry] = next(by_id for by_id in entries if name in by_id)
        rows[known[name].section].append(Row(name, known[name].clause, cells))
    return [Section(key, name, tuple(rows[name])) for name, key in section_keys(rows).items()]


def _cell(entry: Entry | None) -> Cell | None:
    if entry is None:
        return None
    why = ""
    if entry.status in EXPLAINED:
        texts = (result.reason or f"got {result.actual}" for _, result in entry.behind)
        why = next((text for text in texts if text != "got "), "")
    return Cell(entry.status, entry.absolute, why)
