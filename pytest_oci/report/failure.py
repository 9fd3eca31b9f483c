"""The text of one failure: what is demanded, what came, the calls behind it, how to see it again; one screen."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_oci.catalogue import Clause
    from pytest_oci.results import Result
    from pytest_oci.targets.runtime import Call

SHOWN_CALLS = 6
SHOWN_OUTPUT = 400


def failure_text(result: Result, clauses: Sequence[Clause]) -> str:
    """The whole text, for pytest's failures section and JUnit."""
    lines = []
    for clause in clauses:
        lines += [f"{clause.id}  {clause.level}, {clause.spec}-spec, {clause.document}", f"  {clause.summary}", ""]
    if result.expected:
        lines += [f"  expected   {result.expected}", f"  actual     {result.actual}"]
    if result.reason:
        lines.append(f"  reason     {result.reason}")
    for number, line in enumerate(result.evidence):
        lines.append(f"  {'evidence' if number == 0 else '':10} {line}")
    lines.append(f"  text       {clauses[0].reference}")
    if any(clause.contention for clause in clauses):
        lines.append(f"  note       {next(clause.contention for clause in clauses if clause.contention)}")
    if result.reproduce:
        lines.append(f"  reproduce  {result.reproduce}")
    return "\n".join(lines)


def call_lines(calls: Iterable[Call], most: int = SHOWN_CALLS) -> list[str]:
    """The last calls as lines of evidence: command, how it ended, what it printed (cut visibly)."""
    everything = list(calls)
    lines = [f"({len(everything) - most} earlier calls are in the ledger)"] if len(everything) > most else []
    for call in everything[-most:]:
        lines.append(f"$ {shlex.join(call.argv)}")
        lines.append(f"  {call.result.describe()}, {call.seconds * 1000:.0f} ms")
        for name, text in (("stdout", call.stdout), ("stderr", call.stderr)):
            lines += _stream(name, text)
    return lines


def _stream(name: str, text: str) -> list[str]:
    shown = printable(_compact(text.strip()))
    if not shown:
        return []
    if len(shown) > SHOWN_OUTPUT:
        shown = f"{shown[:SHOWN_OUTPUT]}… ({len(shown) - SHOWN_OUTPUT} more characters)"
    return [f"  {name}: {line}" for line in shown.splitlines()]


def _compact(text: str) -> str:
    """A JSON document on one line; any other text as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def reproduce_line(options: Sequence[str], clause: str) -> str:
    """The command that judges this clause again."""
    return shlex.join(["pytest", *options, f"--oci-clause={clause}"])
