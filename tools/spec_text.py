"""Sentences, RFC 2119 keywords and sections of a specification's Markdown text.

Paragraphs, list items, headings, footnotes and table rows are blocks of their own; a block is cut where a
sentence ends. A table row (the header too) is one block, its cells joined, so that a keyword in one cell
belongs to what the other cells name; further sentences in its last cell stand for themselves. Code blocks,
comments and link targets are left out, and keywords inside code spans do not count. MAY and OPTIONAL oblige
nobody and are no keywords here.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ABSOLUTE = frozenset({"MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT"})
ADVICE = frozenset({"SHOULD", "SHOULD NOT", "RECOMMENDED", "NOT RECOMMENDED"})
FINGERPRINT_DIGITS = 16

_KEYWORD = re.compile(r"\b(MUST NOT|MUST|REQUIRED|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED)\b")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(r"^\s*(?:[*+-]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
_QUOTE_MARKER = re.compile(r"^\s*(?:>\s?)+")
_LIST_MARKER = re.compile(r"^\s*(?:[*+-]|\d+[.)])\s+")
_BLOCK_START = re.compile(r"^\s*(?:[*+-]\s+|\d+[.)]\s+|\[\^[^\]]+\]:)")
_HEADING = re.compile(r"^\s*(#{1,6})\s+(.*?)\s*#*$")
_LINK_DEFINITION = re.compile(r"^\s{0,3}\[(?!\^)[^\]]+\]:\s*\S+")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+\|?\s*$")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
_SENTENCE_END = re.compile(r"[.!?][\"')\]*_|]*\s+(?=[^\sa-z])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx)|\s\.\.)\.$")
_EMPHASIS = re.compile(r"(?<!\w)_+(\S.*?)_+(?!\w)")
_ANCHOR = re.compile(r"<a\s+(?:name|id)=\"([^\"]+)\"")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A sentence's place and fingerprint, which identify it in a version."""

    file: str
    line: int
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a specification's text, with single spaces."""

    file: str
    line: int
    text: str

    @property
    def keywords(self) -> tuple[str, ...]:
        """Its absolute and advising RFC 2119 keywords in order of appearance, each once."""
        return tuple(dict.fromkeys(_KEYWORD.findall(prose(self.text))))

    @property
    def key(self) -> Key:
        """Where it stands, and a prefix of the SHA-256 of its text."""
        return Key(self.file, self.line, hashlib.sha256(self.text.encode()).hexdigest()[:FINGERPRINT_DIGITS])


def prose(text: str) -> str:
    """A text without its code spans and link targets."""
    return _LINK_TARGET.sub("]", _CODE_SPAN.sub("`", text))


def blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines of each block of a Markdown text, without list and quotation markers."""
    lines = _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text).split("\n")
    rows = _table_rows(lines)
    block: list[tuple[int, str]] = []
    fence = ""
    for number, quoted in enumerate(lines, 1):
        line = _QUOTE_MARKER.sub("", quoted)
        opening = _FENCE.match(line)
        if fence:
            if opening and opening.group(1).startswith(fence):
                fence = ""
            continue
        alone = number in rows or bool(_HEADING.match(line))
        if block and (opening or alone or not line.strip() or _BLOCK_START.match(line)):
            yield block
            block = []
        if opening:
            fence = opening.group(1)
        elif line.strip() and not _LINK_DEFINITION.match(line) and not _TABLE_RULE.match(line):
            block.append((number, _LIST_MARKER.sub("", line).strip()))
        if alone and block:
            yield block
            block = []
    if block:
        yield block


def _table_rows(lines: Sequence[str]) -> frozenset[int]:
    """Numbers of the lines around a table's rule that have a cell border."""
    rows: set[int] = set()
    for index, line in enumerate(lines):
        if not _TABLE_RULE.match(line):
            continue
        rows.add(index)
        for following in range(index + 1, len(lines)):
            if "|" not in lines[following]:
                break
            rows.add(following + 1)
    return frozenset(rows)


def sentences(text: str, file: str) -> Iterator[Sentence]:
    """Every sentence of one Markdown document, with the line on which it begins."""
    for block in blocks(text):
        joined = ""
        starts: list[tuple[int, int]] = []
        for number, line in block:
            starts.append((len(joined), number))
            joined += line + " "
        begin = 0
        for end in (*_sentence_ends(joined), len(joined)):
            words = " ".join(joined[begin:end].split())
            if words:
                yield Sentence(file, max(number for offset, number in starts if offset <= begin), words)
            begin = end


def _sentence_ends(text: str) -> Iterator[int]:
    code = [match.span() for match in _CODE_SPAN.finditer(text)]
    for match in _SENTENCE_END.finditer(text):
        stop = match.start()
        if not _ABBREVIATION.search(text[: stop + 1]) and not any(a <= stop < b for a, b in code):
            yield match.end()


def read_text(directory: Path) -> tuple[Sentence, ...]:
    """Every sentence of one version: all Markdown files of its directory, by name."""
    return tuple(
        sentence
        for path in sorted(directory.glob("*.md"))
        for sentence in sentences(path.read_text("utf-8"), path.name)
    )


def _slug(title: str) -> str:
    """The fragment that a heading gets: rendered, in lower case, spaces as hyphens, no punctuation."""
    rendered = _EMPHASIS.sub(r"\1", re.sub(r"<[^>]+>|\]\([^)]*\)", "", title))
    return re.sub(r"[^\w\- ]", "", rendered.strip().lower()).replace(" ", "-")


def sections(text: str) -> dict[str, range]:
    """Lines of the section behind each fragment that a Markdown document answers to.

    Fragments are named anchors and heading slugs; one that occurs twice leads to the first. A section ends
    where a heading of its own or a higher rank begins.
    """
    end = text.count("\n") + 2
    headings = [
        (number, len(match.group(1)), match.group(2))
        for block in blocks(text)
        for number, line in block[:1]
        if (match := _HEADING.match(line))
    ]
    found: dict[str, range] = {}
    slugs: Counter[str] = Counter()
    for index, (start, rank, title) in enumerate(headings):
        stop = next((number for number, other, _ in headings[index + 1 :] if other <= rank), end)
        slug = _slug(title)
        for name in (*_ANCHOR.findall(title), slug if not slugs[slug] else f"{slug}-{slugs[slug]}"):
            found.setdefault(name, range(start, stop))
        slugs[slug] += 1
    for number, line in enumerate(text.split("\n"), 1):
        stop = next((start for start, _, _ in headings if start > number), end)
        for name in _ANCHOR.findall(line):
            found.setdefault(name, range(number, stop))
    return found
