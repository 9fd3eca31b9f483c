"""Ledgers of runs that never were, for tests of what reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support import make_clause, make_result

from pytest_oci.ledger import LedgerWriter, read_ledger
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_oci.catalogue import Clause
    from pytest_oci.results import Result

HEADER: dict[str, Any] = {
    "suite": {"name": "pytest-oci", "version": "0.1.0"},
    "claimed": {"runtime": "1.3.0", "image": "1.1.1", "distribution": "1.1.1"},
    "targets": [{"kind": "runtime", "path": "/usr/bin/crun", "version": "crun version 1.8.1", "sha256": "ab" * 32}],
    "host": {"kernel": "6.1", "architecture": "x86_64", "cgroups": "v2", "lsms": ["apparmor"], "uid": 0},
    "deviations": {},
    "command_line": ["--oci-runtime=crun"],
    "started": "2026-11-22T10:00:00+00:00",
}
FOOTER: dict[str, Any] = {
    "counts": {},
    "verdict": "not conformant",
    "reasons": [],
    "exit_status": 1,
    "interrupted": False,
    "ended": "2026-11-22T10:01:00+00:00",
}
SCENARIO = "state.basic[[], {}]"
CALL = {
    "operation": "state",
    "argv": ["crun", "state", "x"],
    "exit": "exited",
    "code": 0,
    "stdout": '{"id": "x"}',
    "stderr": "",
    "seconds": 0.01,
}
OBSERVATION: dict[str, Any] = {"scenario": SCENARIO, "calls": [CALL], "facts": {"uid": 7}, "trouble": None}

CLAUSES: Mapping[str, Clause] = {
    clause.id: clause
    for clause in (
        *(make_clause(f"runtime.state.{status}", summary=f"Something about {status}.") for status in Status),
        make_clause("runtime.start.advised", level="SHOULD"),
        make_clause("runtime.start.not-run"),
        make_clause("config.process.excluded", fate="excluded", reason="nobody sees it", document="config.md"),
    )
}
"""One absolute clause for each status, and one that is not run."""


def everything() -> list[Result]:
    """A result of each status, of the clause that is named for it; and a recommendation that is not testable."""
    reasons = {Status.NOT_TESTABLE: "host: no cgroup v2", Status.UNSUPPORTED: "the product says so"}
    return [
        *(
            make_result(
                status,
                f"runtime.state.{status}",
                reason=reasons.get(status, ""),
                expected="id: x" if status is Status.FAIL else "",
                actual="id: y" if status is Status.FAIL else "",
                evidence=("$ crun state x", "  exit status 0, 10 ms"),
                reproduce=f"pytest --oci-clause=runtime.state.{status}",
                scenarios=(SCENARIO,),
            )
            for status in Status
        ),
        make_result(Status.NOT_TESTABLE, "runtime.start.advised", reason="host: no cgroup v2"),
    ]


def write_ledger(
    path: Path,
    results: Sequence[Result],
    *,
    observations: Sequence[Mapping[str, Any]] = (OBSERVATION,),
    header: Mapping[str, Any] = HEADER,
    footer: Mapping[str, Any] = FOOTER,
) -> Path:
    """A whole ledger with these results."""
    writer = LedgerWriter(path, header)
    for observation in observations:
        writer.write({"type": "observation", **observation})
    for result in results:
        data = result.to_json()
        for clause in data.pop("clauses"):
            writer.write({"type": "result", "clause": clause, **data})
    writer.close(footer)
    return path


def records_of(path: Path, results: Sequence[Result], **changed: Any) -> list[dict[str, Any]]:
    """The records of such a ledger, written and read."""
    return read_ledger(write_ledger(path, results, **changed))
