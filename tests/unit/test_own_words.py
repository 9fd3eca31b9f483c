"""The catalogue says what a clause asks for in own words, not in those of the specifications."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "conformance"
SPECS = Path(os.environ.get("OCI_SPECS") or ROOT.parent / "shared" / "specs")
NAMES = ("runtime", "image", "distribution")
RUN = 12
"""So many words in a row are a copy."""

PROSE = ("summary", "how", "fault", "contention", "reason", "no_duty", "because")

_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")

Run = tuple[str, ...]


def runs(text: str) -> Iterator[Run]:
    """Every run of words of a text, read both with and without what stands in its code spans."""
    for reading in (text, _CODE_SPAN.sub(" ", text)):
        words = _WORD.findall(_LINK_TARGET.sub("] ", reading.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).lower())
        yield from (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def texts() -> Iterator[Path]:
    for name in NAMES:
        yield from (SPECS / name).glob("*/*.md")


def own_prose(path: Path) -> Iterator[tuple[str, str]]:
    """What a clause file or a record says in prose, with what it says it of."""
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    for row in (row for rows in data.values() if isinstance(rows, list) for row in rows):
        where = row.get("id") or row.get("clause") or f"{path.name} {row.get('file')}:{row.get('line')}"
        for member in PROSE:
            if member in row:
                yield f"{where}: {member}", row[member]


def copies(prose: str, copied_from: frozenset[Run]) -> list[str]:
    return [" ".join(run) for run in runs(prose) if run in copied_from]


@pytest.fixture(scope="module")
def specification() -> frozenset[Run]:
    """Every run of words in the texts."""
    found = frozenset(run for path in texts() for run in runs(path.read_text("utf-8")))
    if not found:
        pytest.skip(f"no specification texts in {SPECS}: name their directory in OCI_SPECS")
    return found


def test_clauses_and_records_are_in_own_words(specification: frozenset[Run]) -> None:
    paths = sorted(path for name in NAMES for path in (CONFORMANCE / name).rglob("*.toml"))
    assert paths
    said = {place: copies(prose, specification) for path in paths for place, prose in own_prose(path)}
    assert {place: found for place, found in said.items() if found} == {}


def test_a_copy_is_recognised_whatever_its_markup() -> None:
    text = "one two [three](four.md) `five` six seven eight nine ten eleven twelve thirteen fourteen"
    source = frozenset(runs(text))
    assert copies("ONE two, three six seven -- eight nine ten eleven twelve thirteen fourteen.", source)
    assert copies("one two three `five` six `seven` eight nine ten eleven twelve thirteen", source)
    assert not copies("one two three six seven; eight nine ten eleven twelve thirteen", source)
