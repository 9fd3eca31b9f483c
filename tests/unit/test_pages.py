"""Pages, Markdown and comparisons of ledgers: complete, the same every time, and safe whatever a product said."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CLAUSES, HEADER, OBSERVATION, SCENARIO, everything, records_of, write_ledger
from support import make_result

from pytest_oci.cli import main
from pytest_oci.report.compare import compare, comparison_json, comparison_text
from pytest_oci.report.markdown import markdown
from pytest_oci.report.view import View, view
from pytest_oci.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.results import Result

pytest.importorskip("jinja2", reason="pages need the extra `report`")
from pytest_oci.report.html import TONES
from pytest_oci.report.matrix import matrix
from pytest_oci.report.page import page_of as page

HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='x' "
    "{{ 7 * 7 }} {% raw %} \x1b[2J\x00\u202e\u2066\u200b\ud800 --><!-- ]]> " + "z" * 20_000
)
VOID = frozenset({"meta", "input", "br", "link", "img"})


class Outline(HTMLParser):
    """Elements, attributes and texts of a page; complains about tags that do not fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self.open[-1:] not in (["script"], ["style"]) else ""

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str | None]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


def viewed(tmp_path: Path, results: list[Result], **changed: Any) -> View:
    return view([records_of(tmp_path / "ledger.jsonl", results, **changed)], CLAUSES)


def test_the_page(tmp_path: Path) -> None:
    """Verdict first; every clause with words, address, evidence and transcript; every link leads somewhere."""
    text = page(viewed(tmp_path, everything()))
    outline = Outline(text)

    assert text.index("not conformant") < text.index("<main>")
    assert text.index('id="keeping"') < text.index('id="about"')
    for clause in CLAUSES.values():
        assert clause.id in outline.text
        assert clause.reference in {link["href"] for link in outline.of("a")}
    for words in ("Something about fail.", "expected", "id: x", "$ crun state x", "nobody sees it", '{"uid": 7}'):
        assert words in outline.text
    inner = {str(link["href"])[1:] for link in outline.of("a") if str(link["href"]).startswith("#")}
    assert inner <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert "t1" in inner


def test_the_page_asks_nothing_of_the_network(tmp_path: Path) -> None:
    """No element loads anything; a policy forbids it besides, by digests of the page's own style and script."""
    outline = Outline(page(viewed(tmp_path, everything())))

    assert not [
        attributes for _, attributes in outline.tags if {"src", "srcset", "style", "background"} & set(attributes)
    ]
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in outline.tags)
    policy = next(meta["content"] for meta in outline.of("meta") if "http-equiv" in meta)
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in str(policy)


def test_the_same_ledger_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whenever it is rendered, and wherever the ledger lies."""
    pages = set()
    for name in ("a", "b"):
        directory = tmp_path / name
        directory.mkdir()
        pages.add(page(viewed(directory, everything())) + matrix([viewed(directory, everything())] * 2))

    assert len(pages) == 1


def test_red_is_what_keeps_a_product_from_being_conformant(tmp_path: Path) -> None:
    """An absolute clause that is not testable is red, a recommendation is not; what was skipped is never green."""
    text = page(viewed(tmp_path, everything()))

    def badge(clause: str) -> str:
        found = re.search(rf'<details id="{clause}".*?<summary><span class="badge (\w+)">', text, re.DOTALL)
        assert found is not None
        return found[1]

    assert badge("runtime.state.not-testable") == badge("runtime.start.not-run") == badge("runtime.state.fail") == "bad"
    assert badge("runtime.start.advised") == "warn"
    assert {status for (_, status), tone in TONES.items() if tone == "good"} == {Status.PASS}


def test_no_output_says_certified_or_gives_a_percentage(tmp_path: Path) -> None:
    """Only the programme awards the mark."""
    found = viewed(tmp_path, everything())

    for text in (Outline(page(found)).text, Outline(matrix([found])).text, markdown(found)):
        assert "%" not in text
        assert "certified" not in text.lower()


def hostile(tmp_path: Path) -> View:
    product = {"kind": "runtime", "path": HOSTILE, "version": HOSTILE, HOSTILE: HOSTILE}
    results = [
        make_result(
            status,
            identifier,
            **dict.fromkeys(("test", "expected", "actual", "reason", "reproduce"), HOSTILE),
            evidence=(HOSTILE,) * 3,
            scenarios=(HOSTILE, SCENARIO),
        )
        for status, identifier in (
            (Status.FAIL, "runtime.state.fail"),
            (Status.NOT_TESTABLE, "runtime.state.pass"),
            (Status.FAIL, f"made.up{HOSTILE}"),
        )
    ]
    call = {**OBSERVATION["calls"][0], "stdout": HOSTILE, "stderr": HOSTILE, "argv": [HOSTILE]}
    observation = {"scenario": HOSTILE, "calls": [call] * 14, "facts": {HOSTILE: [HOSTILE] * 9}, "trouble": None}
    header = {**HEADER, "targets": [product], "host": {HOSTILE: HOSTILE}, "command_line": [HOSTILE], "started": HOSTILE}
    return viewed(tmp_path, results, observations=[observation], header=header)


def test_nothing_that_a_product_says_becomes_markup(tmp_path: Path) -> None:
    """Escaped, made visible, cut; in texts and in attributes alike."""
    found = hostile(tmp_path)

    for text in (page(found, watermark=HOSTILE), matrix([found, found], watermark=HOSTILE)):
        outline = Outline(text)
        assert len(outline.of("script")) == 1
        assert outline.of("img") == []
        assert not [attributes for _, attributes in outline.tags if {"onerror", "onload"} & set(attributes)]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert "\\u202e" in text
        assert "{{ 7 * 7 }}" in outline.text
        assert "more characters)" in text
        assert len(text) < 400_000
        text.encode("utf-8")


def test_a_watermark_stands_above_everything(tmp_path: Path) -> None:
    """For demonstrations that nobody may take for a product's report."""
    text = page(viewed(tmp_path, everything()), watermark="a demonstration")

    assert text.index("a demonstration</p>") < text.index("<h1>")
    assert "watermark" not in Outline(page(viewed(tmp_path, everything()))).text


def test_the_matrix(tmp_path: Path) -> None:
    """A column for each product, a row for each clause; what differs is marked."""
    first = viewed(tmp_path, everything())
    second = viewed(tmp_path, [make_result(Status.PASS, "runtime.state.fail"), *everything()[2:]])
    outline = Outline(matrix([first, second]))
    rows = [attributes for tag, attributes in outline.tags if tag == "tr" and "data-row" in attributes]

    assert len(rows) == len(first.entries)
    assert sum("data-differs" in row for row in rows) == 2
    assert "crun version 1.8.1 (2)" in outline.text


def test_markdown(tmp_path: Path) -> None:
    """Verdict, reasons, counts, then what keeps the product from being conformant, failures first and unfolded."""
    text = markdown(viewed(tmp_path, everything()))

    assert text.startswith("## crun version 1.8.1: not conformant\n")
    assert "| absolute | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 |" in text
    assert "<details open>\n<summary>✗ fail: 1 absolute clauses</summary>".replace("✗", "\u2715") in text
    assert f"[`runtime.state.fail`]({CLAUSES['runtime.state.fail'].reference}) expected id: x, got id: y" in text
    assert text.index("not-testable: 1") > text.index("fail: 1 absolute")


def test_nothing_that_a_product_says_becomes_markdown(tmp_path: Path) -> None:
    """No HTML, mention, link, heading or line of its own."""
    header = {
        **HEADER,
        "targets": [{"kind": "runtime", "version": "@all <b> [x](https://evil) www.evil `a` | *b*\n# c"}],
    }
    line = markdown(viewed(tmp_path, everything(), header=header)).splitlines()[0]

    assert line.startswith("## &#64;all &#60;b&#62; &#91;x&#93;(https&#58;//evil&#41; www&#46;evil &#96;a&#96; &#124;")
    assert "# c" not in line[2:]
    assert "<script" not in markdown(hostile(tmp_path))


def test_a_comparison(tmp_path: Path) -> None:
    """Every clause that differs, as a table and as JSON; one that only one run has is absent in the other."""
    first = viewed(tmp_path, everything())
    second = viewed(tmp_path, [make_result(Status.PASS, "made.up"), *everything()[2:]])
    comparison = compare(first, second)

    assert not comparison.same
    assert comparison_json(comparison)["differences"] == [
        {"clause": "made.up", "level": "unknown", "a": "absent", "b": "pass"},
        {"clause": "runtime.state.error", "level": "MUST", "a": "error", "b": "not-run"},
        {"clause": "runtime.state.fail", "level": "MUST", "a": "fail", "b": "not-run"},
    ]
    text = comparison_text(comparison, width=80, colour=False)
    assert re.search(r"runtime\.state\.error +MUST +error +not-run", text)
    assert "3 of 11 clauses differ" in text
    assert compare(first, first).same
    assert "no clause differs" in comparison_text(compare(first, first), width=80, colour=False)


def test_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages are written where they are wanted; `diff` says by its exit status whether two runs are the same."""
    folder = tmp_path / "folder"
    folder.mkdir()
    ledger = str(write_ledger(folder / "a.jsonl", [make_result(Status.PASS, "runtime.state.id")]))
    other = str(write_ledger(tmp_path / "b.jsonl", [make_result(Status.FAIL, "runtime.state.id")]))
    made = tmp_path / "made.html"

    assert main(["report", ledger, "-o", str(made)]) == 0
    assert made.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["matrix", ledger, other, "-o", str(made)]) == 0
    assert main(["summary", str(folder)]) == 0
    assert "## crun version 1.8.1: " in capsys.readouterr().out
    assert main(["diff", str(folder), ledger]) == 0
    capsys.readouterr()
    assert main(["diff", "--json", ledger, other]) == 1
    assert json.loads(capsys.readouterr().out)["differences"][0]["b"] == "fail"


@pytest.mark.parametrize("command", ["report", "matrix", "summary", "diff"])
def test_what_is_unusable_is_said_in_one_line(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 4: no ledger, no folder with any, no place to write to."""
    monkeypatch.chdir(tmp_path)
    ledger = write_ledger(tmp_path / "ledger", [])
    wrong = [tmp_path / "none.jsonl", tmp_path] + ([ledger] if command in ("report", "matrix") else [])
    for path in wrong:
        arguments = ["-o", "no/such/place"] if path == ledger else []
        assert main([command, *([str(path)] * (2 if command == "diff" else 1)), *arguments]) == 4
        assert len(capsys.readouterr().err.splitlines()) == 1
