"""Running a product again, and saying of each clause whether the submission's result came back."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.certification.hermetic import run_suite
from pytest_oci.certification.ledgers import Joined, join, open_ledger, product_keys
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.joining import SAYS_NOTHING
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.certification.ledgers import Ledger

REPRODUCED, DIFFERS, NOT_HERE = "reproduced", "differs", "not reproducible here"

HOST = "host: "
"""How reasons begin that are about the host."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A clause in the submission and in the run just made. `lacked`: it was not testable for want of a host there."""

    clause: str
    submitted: Status | None
    here: Status | None
    lacked: bool = False

    @property
    def word(self) -> str:
        """One of the three words."""
        if self.lacked and self.submitted is Status.NOT_TESTABLE and self.here is not Status.NOT_TESTABLE:
            return NOT_HERE
        if self.here is None or (self.here in SAYS_NOTHING and self.submitted not in SAYS_NOTHING):
            return NOT_HERE
        deviated = self.submitted is Status.DEVIATION and self.here is Status.FAIL
        return REPRODUCED if self.submitted is self.here or deviated else DIFFERS


def compare(submitted: Joined, here: Joined) -> list[Comparison]:
    """Clause by clause, of all that were judged in either run."""
    before, now = submitted.statuses, here.statuses
    judged = [clause.id for clause in submitted.clauses if clause.id in before or clause.id in now]
    lacked = {
        result["clause"]
        for ledger in submitted.ledgers
        for result in ledger.results
        if result["status"] == Status.NOT_TESTABLE and str(result.get("reason", "")).startswith(HOST)
    }
    return [Comparison(clause, before.get(clause), now.get(clause), clause in lacked) for clause in judged]


def counts(comparisons: Sequence[Comparison]) -> Mapping[str, int]:
    """How many clauses have each word."""
    return Counter(one.word for one in comparisons)


def run_product(arguments: Sequence[str], workers: str = "", demonstration: str = "") -> Ledger:
    """Run the suite on a product, or as a demonstration of something, which its ledger says for good.

    Raises CertificationError if that gave no whole ledger.
    """
    with tempfile.TemporaryDirectory(prefix="pytest-oci-certify-") as name:
        path = Path(name) / "run.jsonl"
        status = run_suite([*arguments, f"--oci-ledger={path}"], workers=workers, demonstration=demonstration)
        if not path.exists() or status not in (0, 1, 3):
            raise CertificationError(f"the run gave no result: pytest ended with {status}")
        return open_ledger(path)


def run_again(submitted: Joined, arguments: Sequence[str], workers: str = "") -> list[Comparison]:
    """Run the product at hand as the submitted one was run. Raises CertificationError if it is another product."""
    versions = [f"--oci-spec-version={spec}:{'.'.join(full.split('.')[:2])}" for spec, full in _claimed(submitted)]
    given = {word.partition("=")[2] for word in arguments if word.startswith("--oci-spec-version")}
    ledger = run_product([*arguments, *([] if given else versions)], workers)
    if product_keys(ledger.header) != product_keys(submitted.header):
        raise CertificationError("this is another product than the one that was submitted: its identity differs")
    return compare(submitted, join([ledger]))


def _claimed(joined: Joined) -> list[tuple[str, str]]:
    """The versions claimed of the specifications that the product is judged by."""
    specs = {clause.spec for clause in joined.clauses}
    return [(spec, str(full)) for spec, full in joined.header["claimed"].items() if spec in specs]
