"""Results as TAP version 14, one test point a clause; level, address and evidence in its YAML block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.status import Status
from pytest_oci.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_oci.catalogue import Clause
    from pytest_oci.results import Result

MOST_EVIDENCE = 60
LONGEST = 4000
"""Lines of evidence, and characters of one text, that are written; the ledger has all of them."""
NOT_OK = frozenset({Status.FAIL, Status.ERROR, Status.DEVIATION, Status.NOT_TESTABLE})


def tap(
    statuses: Mapping[str, Status],
    clauses: Mapping[str, Clause],
    results: Iterable[Result],
    *,
    interrupted: bool = False,
) -> str:
    """The whole document. Nothing that is open looks like a pass, and no part of a run like the whole."""
    reasons: dict[str, Result] = {}
    for result in results:
        for clause in result.clauses:
            if result.status is statuses[clause]:
                reasons.setdefault(clause, result)
    lines = ["TAP version 14", f"1..{len(statuses)}"]
    for number, (clause, status) in enumerate(statuses.items(), 1):
        word = "not ok" if status in NOT_OK else "ok"
        directive = {Status.UNSUPPORTED: " # SKIP unsupported", Status.NOT_APPLICABLE: " # SKIP not applicable"}.get(
            status
        )
        lines.append(f"{word} {number} - {clause}{directive or ''}")
        lines += ["  ---", f"  status: {status}", f"  level: {clauses[clause].level}"]
        lines.append(f"  reference: {_scalar(clauses[clause].reference)}")
        if clause in reasons:
            result = reasons[clause]
            lines += [f"  {name}: {_scalar(text)}" for name, text in _details(result) if text]
            if result.evidence:
                lines += ["  evidence:", *(f"    - {_scalar(line)}" for line in result.evidence[:MOST_EVIDENCE])]
        lines.append("  ...")
    if interrupted:
        lines.append("Bail out! the run was interrupted")
    return "\n".join(lines) + "\n"


def _details(result: Result) -> list[tuple[str, str]]:
    return [
        ("expected", result.expected),
        ("actual", result.actual),
        ("reason", result.reason),
        ("reproduce", result.reproduce),
    ]


def _scalar(text: str) -> str:
    """A text as a YAML double-quoted scalar, which JSON's form is; nothing in it steers whoever shows it."""
    import json

    return json.dumps(visible(text, LONGEST), ensure_ascii=False)
