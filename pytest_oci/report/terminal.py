"""The summary of a run on the terminal: verdict, table, failures with their reproduce lines, what was not testable."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pytest_oci.status import Status
from pytest_oci.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from pytest_oci.catalogue import Clause
    from pytest_oci.results import Result
    from pytest_oci.verdict import Verdict

LONGEST_REASON = 2000
"""Characters of a reason that are shown; the ledger has all of them."""
COLOURS = {
    Status.PASS: "green",
    Status.FAIL: "red",
    Status.ERROR: "red",
    Status.NOT_TESTABLE: "red",
    Status.DEVIATION: "yellow",
    Status.ADVICE: "yellow",
    Status.UNSUPPORTED: "cyan",
    Status.NOT_APPLICABLE: "bright_black",
}
PYTEST_COLOURS = {
    Status.DEVIATION: "yellow",
    Status.NOT_TESTABLE: "red",
    Status.UNSUPPORTED: "cyan",
    Status.ADVICE: "yellow",
    Status.NOT_APPLICABLE: "light",
}
"""Markup words of pytest's terminal writer, for the statuses that pytest does not have."""
LETTERS = {
    Status.PASS: ".",
    Status.FAIL: "F",
    Status.ERROR: "E",
    Status.NOT_TESTABLE: "n",
    Status.DEVIATION: "d",
    Status.ADVICE: "a",
    Status.UNSUPPORTED: "u",
    Status.NOT_APPLICABLE: "-",
}


def section_of(clause: Clause) -> str:
    """The section that a clause is counted under: its document and the first words of its id, never all of them."""
    words = clause.id.split(".")
    depth = 3 if words[:2] == ["config", "linux"] else 2
    return f"{clause.document}  {'.'.join(words[: max(1, min(depth, len(words) - 1))])}"


def count_by_section(
    statuses: Mapping[str, Status], clauses: Mapping[str, Clause]
) -> Mapping[tuple[str, str], Counter[Status]]:
    """Numbers of clauses by section and level (`absolute`, `advice`) and status."""
    counts: dict[tuple[str, str], Counter[Status]] = defaultdict(Counter)
    for clause_id, status in statuses.items():
        clause = clauses[clause_id]
        counts[section_of(clause), "absolute" if clause.absolute else "advice"][status] += 1
    return counts


def summary(
    statuses: Mapping[str, Status],
    clauses: Mapping[str, Clause],
    results: Iterable[Result],
    verdict: Verdict,
    subject: str,
    *,
    stale: Sequence[str] = (),
    apart: Sequence[tuple[str, tuple[str, ...]]] = (),
    width: int,
    colour: bool,
) -> str:
    """The whole summary as text, with terminal colours if asked for; failures of the groups `apart` by themselves."""
    from rich.console import Console
    from rich.text import Text

    output = io.StringIO()
    console = Console(
        file=output,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    _table(console, count_by_section(statuses, clauses))
    by_status: dict[Status, list[Result]] = defaultdict(list)
    for result in results:
        by_status[result.status].append(result)
    groups = tuple(beginning for _, beginnings in apart for beginning in beginnings)
    _failures(console, "failed clauses", by_status[Status.FAIL], but=groups)
    for about, beginnings in apart:
        _failures(console, f"failed clauses about {about}", by_status[Status.FAIL], only=beginnings)
    _reasons(console, "not testable", by_status[Status.NOT_TESTABLE])
    _reasons(console, "suite errors", by_status[Status.ERROR])
    _reasons(console, "deviations", by_status[Status.DEVIATION])
    _reasons(console, "unsupported", by_status[Status.UNSUPPORTED])
    for clause in stale:
        console.print(Text(f"the deviation from {clause} is stale: the clause passes; take it out of the file", "red"))
    style = {"conformant": "bold green", "not conformant": "bold red"}.get(verdict.word, "bold yellow")
    console.print()
    console.print(Text.assemble(f"{subject}: ", (verdict.word, style)))
    for reason in verdict.reasons:
        console.print(Text(f"  {reason}"))
    return output.getvalue()


def _table(console: Console, counts: Mapping[tuple[str, str], Counter[Status]]) -> None:
    from rich import box
    from rich.table import Table

    shown = [status for status in LETTERS if any(count[status] for count in counts.values())]
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("section", no_wrap=True)
    table.add_column("level", no_wrap=True)
    for status in shown:
        table.add_column(str(status).replace("-", " "), justify="right", min_width=3, style=COLOURS[status])
    for (section, level), count in sorted(counts.items()):
        table.add_row(section, level, *(str(count[status] or "") for status in shown))
    console.print(table)


def _failures(
    console: Console,
    title: str,
    results: Sequence[Result],
    *,
    only: tuple[str, ...] = ("",),
    but: tuple[str, ...] = (),
) -> None:
    """The clauses whose ids begin so, and not so."""
    from rich.text import Text

    seen: set[str] = set()
    for result in results:
        for clause in result.clauses:
            if clause not in seen and clause.startswith(only) and not clause.startswith(but):
                if not seen:
                    console.print(Text(title, "bold red"))
                seen.add(clause)
                console.print(Text(f"  {clause}", "red"))
                console.print(Text(f"    expected {result.expected}, got {result.actual}"[: console.width * 2]))
                console.print(Text(f"    {result.reproduce}", "dim"), soft_wrap=True)


def _reasons(console: Console, title: str, results: Sequence[Result]) -> None:
    """Clauses grouped by their reason, so that one missing thing is said once."""
    from rich.text import Text

    if not results:
        return
    groups: dict[str, list[str]] = defaultdict(list)
    for result in results:
        for clause in result.clauses:
            if clause not in groups[result.reason]:
                groups[result.reason].append(clause)
    console.print(Text(title, "bold"))
    for reason, ids in groups.items():
        style = "red" if title in ("not testable", "suite errors") else "cyan"
        console.print(Text(f"  {visible(reason, LONGEST_REASON)}", style))
        console.print(Text(f"    {len(ids)}: {', '.join(ids[:8])}{' …' if len(ids) > 8 else ''}"))
