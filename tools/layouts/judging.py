"""Run the suite on layouts that were made, and hold what fails against docs/field-results.md.

The page has a section for each producer in one version, `### NAME VERSION`, with rows that begin with a clause and the
shapes that break it. What fails has to have a row, and what a row says has to fail.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tools import suite
from tools.layouts.making import RECORD, Made

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "field-results.md"
SECTION = re.compile(r"^### (?P<producer>\S+) (?P<version>[0-9]\S*)$")
ROW = re.compile(r"^\| `(?P<clause>[^`]+)` \| (?P<shapes>[^|]+) \|")
VERSION = re.compile(r"[0-9]+(\.[0-9]+)+")
DEPENDS = "depends-on"
SIDE_BY_SIDE = 2
"""Runs of the suite at the same time."""
ALL = "all"
"""In a row: every shape of the producer that was judged."""

Rows: TypeAlias = "dict[tuple[str, str], dict[str, frozenset[str]]]"
"""The shapes that break a clause, by clause, by producer and version."""


@dataclass(frozen=True)
class Asked:
    """How to judge."""

    directory: Path
    results: Path
    python: str
    limit: float
    names: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What the suite said of a layout. `wrong` is what is wrong with the run, not with the layout."""

    made: Made
    failed: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()

    @property
    def producer(self) -> tuple[str, str]:
        """Who made it, with the version as a section's heading has it."""
        return self.made.producer, version(self.made.version)

    @property
    def shape(self) -> str:
        """Its name without the producer's."""
        return self.made.name.removeprefix(f"{self.made.producer}-")


def judge(asked: Asked) -> int:
    """Judge every layout of a directory; 0 if the runs are sound and the page is right, else 1."""
    record = json.loads((asked.directory / RECORD).read_text(encoding="utf-8"))
    layouts = [Made(**one) for one in record["layouts"]]
    chosen = [one for one in layouts if one.there and (not asked.names or one.name in asked.names)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        judged = list(pool.map(lambda made: run(asked, made), chosen))
    problems = [f"{one.made.name}: {wrong}" for one in judged for wrong in one.wrong]
    problems += compare(rows(PAGE.read_text(encoding="utf-8")), judged)
    for problem in problems:
        print(problem)
    print(f"{len(judged)} layouts were judged, {len(problems)} problems")
    return 1 if problems or not judged else 0


def run(asked: Asked, made: Made) -> Judged:
    """Run the suite on one layout."""
    results = asked.results / made.name
    words = ["-m", "image", f"--oci-layout={asked.directory / made.path}", *asked.extra]
    ended = suite.run(asked.python, results, words, asked.limit)
    print(f"{made.name}: {ended}", flush=True)
    unjudged = not_judged(results / suite.LEDGER) if ended.statuses else []
    return Judged(made, ended.failed, (*ended.wrong, *unjudged))


def not_judged(ledger: Path) -> list[str]:
    """What was not judged though the layout is an honest one: for want of a module, or because a limit was reached."""
    lines = (json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines())
    causes = {(line["clause"], line["reason"]) for line in lines if line.get("status") == "not-testable"}
    return [f"{clause} is not testable: {cause}" for clause, cause in sorted(causes) if not cause.startswith(DEPENDS)]


def rows(page: str) -> Rows:
    """What the page says, by producer and version."""
    found: Rows = {}
    section: dict[str, frozenset[str]] = {}
    for line in page.splitlines():
        if line.startswith("#"):
            heading = SECTION.match(line)
            section = found.setdefault((heading["producer"], heading["version"]), {}) if heading else {}
        elif row := ROW.match(line):
            shapes = frozenset(shape.strip() for shape in row["shapes"].split(","))
            section[row["clause"]] = section.get(row["clause"], frozenset()) | shapes
    return found


def compare(page: Rows, judged: Iterable[Judged]) -> list[str]:
    """What the page does not explain, and what it explains and is not so, in words."""
    problems = []
    for one in judged:
        listed = page.get(one.producer, {})
        explained = {clause for clause, shapes in listed.items() if one.shape in shapes or ALL in shapes}
        named = " ".join(one.producer)
        problems += [f"{one.made.name} fails {clause}: no row of {named} says why" for clause in one.failed - explained]
        problems += [
            f"{one.made.name} keeps {clause}: its row of {named} is stale" for clause in explained - one.failed
        ]
    return sorted(problems)


def version(said: str) -> str:
    """The number in what a program says of its version."""
    found = VERSION.search(said)
    return found[0] if found else ""
