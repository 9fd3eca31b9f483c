"""The reviewer's checklist, with each point decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.report.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.certification.findings import Point
    from pytest_oci.certification.submission import Submission

MARKS = {"yes": "[x]", "no": "[ ]", "open": "[?]"}
FOR_PEOPLE = (
    "the vendor, the product and the contacts are who they say (no record can show it)",
    "a sample of the results came back on the reviewer's own host (pytest-oci verify --rerun)",
)


def checklist(points: Iterable[Point], submission: Submission | None) -> str:
    """The whole list as Markdown: decided points first, then what a machine cannot decide."""
    lines = []
    if submission is not None:
        values, joined = submission.product.values, submission.joined
        named = plain(f"{values['name']} {values['version']}")
        lines += [f"# {named} by {plain(values['vendor'])}", ""]
        lines += [f"**{plain(submission.product.watermark)}**", ""] if submission.product.watermark else []
        lines += [f"{joined.spec}-spec {joined.version}, {len(joined.ledgers)} ledgers: **{joined.verdict.word}**", ""]
    for point in points:
        opened = f": {plain(point.open)}" if point.decided == "open" else ""
        lines.append(f"- {MARKS[point.decided]} {point.name}{opened}")
        lines += [f"  - {plain(text)}" for text in point.wrong]
    lines += [f"- [?] {text}" for text in FOR_PEOPLE]
    return "\n".join(lines) + "\n"
