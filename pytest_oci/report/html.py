"""What all pages share: templates, style and script of the package; every text of a ledger made harmless.

A page is one file that asks nothing of any network: a Content-Security-Policy of its own allows this style and this
script and nothing else. jinja2 comes with the extra `report`.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pytest_oci.report.view import NOT_RUN, UNKNOWN_SECTION, View
from pytest_oci.status import Status
from pytest_oci.text import visible
from pytest_oci.verdict import CONFORMANT, NOT_CONFORMANT, UNDECIDED

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from jinja2 import Environment

LONGEST = 10_000
"""No text of a ledger is shown longer than that; most places cut much sooner."""

COLUMNS = (
    *(Status.FAIL, Status.ERROR, Status.DEVIATION, Status.NOT_TESTABLE),
    *(Status.ADVICE, Status.UNSUPPORTED, Status.PASS, Status.NOT_APPLICABLE),
)
SYMBOLS = {
    Status.FAIL: "\N{MULTIPLICATION X}",
    Status.ERROR: "!",
    Status.DEVIATION: "\N{NOT EQUAL TO}",
    Status.NOT_TESTABLE: "?",
    NOT_RUN: "\N{EMPTY SET}",
    Status.ADVICE: "\N{WHITE UP-POINTING TRIANGLE}",
    Status.UNSUPPORTED: "\N{WHITE CIRCLE}",
    Status.PASS: "\N{CHECK MARK}",
    Status.NOT_APPLICABLE: "\N{EN DASH}",
}
WORDS = {status: str(status) for status in Status} | {NOT_RUN: "not run"}
_TONES = {
    Status.FAIL: "bad",
    Status.ERROR: "bad",
    Status.DEVIATION: "bad",
    Status.NOT_TESTABLE: "bad",
    NOT_RUN: "bad",
    Status.ADVICE: "warn",
    Status.UNSUPPORTED: "info",
    Status.PASS: "good",
    Status.NOT_APPLICABLE: "calm",
}
TONES = {
    (absolute, status): "warn" if tone == "bad" and not absolute else tone
    for absolute in (True, False)
    for status, tone in _TONES.items()
}
"""The colour of a status, by whether the clause is absolute: what keeps a verdict from being conformant is red."""
VERDICT_TONES = {CONFORMANT: "good", NOT_CONFORMANT: "bad", UNDECIDED: "warn"}


def render(template: str, *, views: Iterable[View], **values: Any) -> str:
    """A page of this template. Raises ModuleNotFoundError where jinja2 is not installed."""
    views = list(views)
    style, script = _packaged("style.css"), _packaged("script.js")
    page = environment().get_template(template)
    not_run = any(entry.status == NOT_RUN for view in views for entry in view.entries)
    return page.render(
        views=views,
        **values,
        style=_trusted(style),
        style_digest=_trusted(_source(style)),
        script=_trusted(script),
        script_digest=_trusted(_source(script)),
        digests=[ledger.digest for view in views for ledger in view.ledgers],
        columns=(*COLUMNS[:4], NOT_RUN, *COLUMNS[4:]) if not_run else COLUMNS,
    )


@cache
def environment() -> Environment:
    """Templates in which every text is escaped and made visible, wherever it comes from."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("pytest_oci.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value, LONGEST) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["cut"] = visible
    made.globals.update(symbols=SYMBOLS, words=WORDS, tones=TONES, verdict_tones=VERDICT_TONES)
    return made


def claim_of(view: View) -> str:
    """The specifications that a product is judged by, with versions, and the suite."""
    specs = {entry.clause.spec for entry in view.entries if entry.clause}
    claimed = view.ledgers[0].claimed
    names = [f"{spec}-spec {claimed[spec]}" for spec in sorted(specs & claimed.keys())]
    return ", ".join([*names, *dict.fromkeys(ledger.suite for ledger in view.ledgers)])


def section_keys(names: Iterable[str]) -> dict[str, str]:
    """An id for each section, in the order of their names; what nobody knows comes last."""
    ordered = sorted(set(names), key=lambda name: (name == UNKNOWN_SECTION, name))
    return {name: f"s{number}" for number, name in enumerate(ordered, 1)}


def levels_of(view: Iterable[View]) -> list[str]:
    """The levels that occur, in the order of their names."""
    return sorted({entry.level for each in view for entry in each.entries})


def total(view: View) -> Counter[str]:
    """Numbers of clauses by status, whatever their level."""
    counts = view.counts
    return counts["absolute"] + counts["advice"]


def _packaged(name: str) -> str:
    return (files("pytest_oci.report") / "templates" / name).read_text(encoding="utf-8")


def _trusted(text: str) -> str:
    """A text of the package itself, which is not escaped."""
    from markupsafe import Markup

    return Markup(text)


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
