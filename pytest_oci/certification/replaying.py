"""Judging a ledger's observations again, and holding what it says against what comes of that."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.hermetic import run_suite
from pytest_oci.certification.ledgers import Ledger, open_ledger
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.observation import REPLAYED
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXTS = ("reason", "expected", "actual", "evidence", "scenarios")
"""What a result says besides its status, and says again when its observation is judged again."""


@dataclass(frozen=True)
class Said:
    """What a ledger says of each clause in each test (without a test, of one that binds nothing), and from what."""

    results: Mapping[tuple[str, str | None], Mapping[str, Any]]
    scenarios: frozenset[str]


def replay(ledger: Ledger) -> Said:
    """Judge the observations again, with the installed suite. Raises CertificationError if the suite cannot."""
    with tempfile.TemporaryDirectory(prefix="pytest-oci-verify-") as name:
        old, new = Path(name) / "old.jsonl", Path(name) / "new.jsonl"
        old.write_bytes(ledger.data)
        status = run_suite([f"--oci-replay={old}", f"--oci-ledger={new}"], silent=True)
        if not new.exists():
            raise CertificationError(f"{ledger.name} could not be judged again: pytest ended with {status}")
        return said_by(open_ledger(new))


def said_by(ledger: Ledger) -> Said:
    """The results of a ledger, and the scenarios that it observed."""
    return Said(
        {(result["clause"], result["test"]): result for result in ledger.results},
        frozenset(record["scenario"] for record in ledger.records if record["type"] == "observation"),
    )


def unsupported_by(ledger: Ledger, again: Said) -> list[str]:
    """Where the results of a ledger are not those that its observations give, in words."""
    said, told = said_by(ledger), []
    deviations: Mapping[str, Any] = ledger.header["deviations"]
    for key in sorted({*said.results, *again.results}, key=str):
        clause, test = key
        where = f"{clause} in {test}" if test else clause
        before, now = said.results.get(key), again.results.get(key)
        if before is None:
            told.append(f"{where} is missing: judged again it is {_status(now)}")
        elif now is None:
            told.append(f"{where} is {_status(before)}, and the suite does not judge that")
        elif not agree(_status(before), _status(now), declared=clause in deviations):
            told.append(f"{where} is {_status(before)}, and its observation says {_status(now)}")
        elif _status(before) is Status.NOT_TESTABLE and REPLAYED in (before.get("reason"), now.get("reason")):
            told.append(f"{where} is not testable, and what it rests on is not there")
    unasked = sorted(said.scenarios - again.scenarios)
    return [*told, *(f"the observation {name} is none that the suite asks for" for name in unasked)]


def retold(ledger: Ledger, again: Said) -> list[str]:
    """Where what a result says besides its status is not what judging again says, in words."""
    return [
        f"{result['clause']} in {result['test']} says something else than its observation: {', '.join(other)}"
        for result in ledger.results
        if (other := _others(result, again.results.get((result["clause"], result["test"]))))
    ]


def _others(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterable[str]:
    """Names of texts that differ, where the status does not; the reason of a deviation is in the vendor's file."""
    if now is None or _status(before) is Status.ERROR:
        return []
    names = [name for name in TEXTS if before.get(name) != now.get(name)]
    return [name for name in names if name != "reason"] if _status(before) is Status.DEVIATION else names


def _status(result: Mapping[str, Any] | None) -> Status | None:
    return Status(result["status"]) if result is not None else None


def agree(before: Status | None, now: Status | None, *, declared: bool) -> bool:
    """Whether a recorded status is what judging again gives.

    A declared deviation is a failure there. Trouble in the suite may be mended by now, and was never a pass; but nobody
    has it in the place of a failure.
    """
    if before is Status.DEVIATION:
        return declared and now is Status.FAIL
    return before is now or (before is Status.ERROR and now is not Status.FAIL)
