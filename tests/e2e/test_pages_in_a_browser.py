"""The pages in a real browser: filters, links, keyboard, contrast, ten thousand rows, no request and no error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CLAUSES, HEADER, everything, records_of
from support import make_clause, make_result

from pytest_oci.report.view import view
from pytest_oci.status import Status
from tools.chromium import Chromium, find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("jinja2", reason="pages need the extra `report`")
from pytest_oci.report.matrix import matrix
from pytest_oci.report.page import page_of as page

MANY = 10_000
WIDTHS = (320, 390, 768, 1280)

VISIBLE = "Array.from(document.querySelectorAll('[data-row]')).filter((row) => !row.hidden)"
IDS = f"{VISIBLE}.map((row) => row.querySelector('.id').textContent)"
SETTLED = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 0)), 200))"

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
"""Functions `faults` and `contrasts`, which give what is wrong with a page."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium on PATH: Debian's package chromium is one")
    with Chromium(program) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report and a matrix in which everything occurs that can."""
    directory = tmp_path_factory.mktemp("pages")
    first = view([records_of(directory / "a.jsonl", everything())], CLAUSES)
    other = {**HEADER, "targets": [{**HEADER["targets"][0], "version": "runc version 1.1.5"}]}
    results = [make_result(Status.PASS, "runtime.state.fail", "runtime.state.error"), *everything()[2:]]
    second = view([records_of(directory / "b.jsonl", results, header=other)], CLAUSES)
    (directory / "report.html").write_text(page(first, watermark="a demonstration"), encoding="utf-8")
    (directory / "matrix.html").write_text(matrix([first, second]), encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand clauses in a hundred sections."""
    directory = tmp_path_factory.mktemp("long")
    statuses = tuple(Status)
    clauses = {
        clause.id: clause
        for clause in (make_clause(f"runtime.part{number % 100}.clause-{number}") for number in range(MANY))
    }
    results = [make_result(statuses[number % 8], name) for number, name in enumerate(clauses)]
    found = view([records_of(directory / "ledger.jsonl", results)], clauses)
    path = directory / "long.html"
    path.write_text(page(found), encoding="utf-8")
    return path


def fill(browser: Chromium, **fields: Any) -> list[str]:
    """Set fields of the form as a user does; the ids of the clauses that are shown then."""
    for name, value in fields.items():
        browser.run(
            f"(() => {{ const field = document.querySelector('#filters [name={name}]');"
            f"field.value = {json.dumps(value)};"
            "field.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
    browser.run(SETTLED)
    found: list[str] = browser.run(IDS)
    return found


def toggle(browser: Chromium, selector: str) -> list[str]:
    browser.run(f"document.querySelector({json.dumps(selector)}).click()")
    browser.run(SETTLED)
    found: list[str] = browser.run(IDS)
    return found


def test_filters_and_search_of_a_report(browser: Chromium, pages: Path) -> None:
    """Alone and together; the number found is told, empty sections go, and all comes back."""
    browser.open(pages / "report.html")
    everything_shown = browser.run(IDS)

    assert len(everything_shown) == 10
    assert fill(browser, query="ABOUT fail") == ["runtime.state.fail"]
    assert browser.run("document.querySelector('output').textContent") == "1 of 10 clauses"
    assert browser.run("document.querySelectorAll('.group:not([hidden])').length") == 1
    assert fill(browser, query="nothing like it") == []
    assert not browser.run("document.getElementById('nothing').hidden")
    assert fill(browser, query="", level="advice") == ["runtime.start.advised"]
    assert fill(browser, level="=MUST", section="s1") == ["runtime.start.not-run"]
    assert toggle(browser, "button[type=reset]") == everything_shown
    assert toggle(browser, "[name=status][value=fail]") == ["runtime.state.fail"]
    assert toggle(browser, "[name=status][value=not-run]") == ["runtime.start.not-run", "runtime.state.fail"]
    assert browser.problems == []
    assert browser.requests == [(pages / "report.html").as_uri()]


def test_differences_in_a_matrix(browser: Chromium, pages: Path) -> None:
    """One box shows what the products differ in."""
    browser.open(pages / "matrix.html")

    assert toggle(browser, "[name=differs]") == ["runtime.state.error", "runtime.state.fail"]
    assert fill(browser, query="error") == ["runtime.state.error"]
    assert browser.problems == []
    assert browser.requests == [(pages / "matrix.html").as_uri()]


def test_links_open_what_they_lead_to(browser: Chromium, pages: Path) -> None:
    """Whatever was filtered out or folded; then the keyboard is there."""
    browser.open(pages / "report.html")
    fill(browser, query="unsupported")
    browser.run("document.querySelector('#keeping ~ ul a').click()")
    browser.run(SETTLED)
    browser.run(SETTLED)

    clause = "document.getElementById('runtime.state.fail')"
    assert browser.run(f"{clause}.open && !{clause}.closest('[hidden]')")
    assert browser.run(f"document.activeElement === {clause}.firstElementChild")
    browser.press("Enter", 13, "\r")
    assert not browser.run(f"{clause}.open")


def test_the_keyboard_reaches_everything(browser: Chromium, pages: Path) -> None:
    """The first stop leads to the clauses; the next ones are seen."""
    browser.open(pages / "report.html")
    browser.press("Tab", 9)

    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left >= 0")
    browser.press("Enter", 13, "\r")
    assert browser.run("document.activeElement.id") == "clauses"
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.name") == "query"
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("name", ["report", "matrix"])
def test_a_page_is_accessible(browser: Chromium, pages: Path, name: str) -> None:
    """Headings, labels, tables, contrast in both colour schemes, no width at which it overflows."""
    for dark in (False, True):
        browser.open(pages / f"{name}.html", dark=dark)
        browser.run("for (const element of document.querySelectorAll('details')) element.open = true")
        browser.run(LOOKS)
        assert browser.run("faults()") == []
        assert browser.run("contrasts()") == []
    for width in WIDTHS:
        browser.resize(width, 800)
        assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.problems == []


def test_ten_thousand_rows(browser: Chromium, long_page: Path) -> None:
    """Filtering takes a moment; the limit is that of a busy machine."""
    browser.open(long_page)
    assert browser.run(f"{VISIBLE}.length") == MANY

    assert fill(browser, query="part7.clause-907") == ["runtime.part7.clause-907"]
    blocked = browser.run(
        "(() => { const field = document.querySelector('[name=query]'); const began = performance.now();"
        "field.value = ''; field.form.dispatchEvent(new Event('reset'));"
        "return new Promise((done) => setTimeout(() => {"
        "document.body.getBoundingClientRect(); done(performance.now() - began); }, 0)); })()"
    )
    assert browser.run(f"{VISIBLE}.length") == MANY
    assert blocked < 3000
    assert browser.problems == []


def test_the_page_without_a_script(browser: Chromium, pages: Path) -> None:
    """Everything is there and unfolds; there is no filter that does nothing."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(pages / "report.html")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)

    assert len(browser.run(IDS)) == 10
    assert browser.run("document.getElementById('filters').hidden")
