"""Judging a ledger's observations again, and holding what it says against what comes of that."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_oci.certification.hermetic import run_suite
from pytest_oci.certification.ledgers import Ledger, open_ledger
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

Said: TypeAlias = "dict[tuple[str, str | None], Status]"
"""What a ledger says: the status of each clause in each test; without a test, of one that binds nothing."""


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
    """The results of a ledger."""
    return {(result["clause"], result["test"]): Status(result["status"]) for result in ledger.results}


def unsupported_by(ledger: Ledger, again: Said) -> list[str]:
    """Where the results of a ledger are not those that its observations give, in words."""
    said, told = said_by(ledger), []
    deviations: Mapping[str, Any] = ledger.header["deviations"]
    for key in sorted({*said, *again}, key=str):
        clause, test = key
        where = f"{clause} in {test}" if test else clause
        before, now = said.get(key), again.get(key)
        if before is None:
            told.append(f"{where} is missing: judged again it is {now}")
        elif now is None:
            told.append(f"{where} is {before}, and the suite does not judge that")
        elif not agree(before, now, declared=clause in deviations):
            told.append(f"{where} is {before}, and its observation says {now}")
    return told


def agree(before: Status, now: Status, *, declared: bool) -> bool:
    """Whether a recorded status is what judging again gives.

    A declared deviation is a failure there. Trouble in the suite may be mended by now, and was never a pass.
    """
    if before is Status.DEVIATION:
        return declared and now is Status.FAIL
    return before is now or before is Status.ERROR
