"""One run of the suite on a product: what it records, how it ended, and what it said of each clause."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.full_run import JUDGED, Statuses, read_junit, read_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LEDGER, JUNIT, OUTPUT = "run.jsonl", "junit.xml", "output.txt"
"""The records of a run, in a directory of its own."""


@dataclass(frozen=True)
class Ended:
    """How a run went; `wrong` is what is wrong with the run, not with the product."""

    statuses: Statuses
    wrong: tuple[str, ...]
    seconds: float

    @property
    def failed(self) -> frozenset[str]:
        """The clauses that the product breaks."""
        return frozenset(clause for (clause, _), status in self.statuses.items() if status == "fail")

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s; {len(self.failed)} clauses failed; {dict(Counter(self.statuses.values()))}"


def run(
    python: str,
    records: Path,
    words: Sequence[str],
    limit: float,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Ended:
    """Run the suite with these arguments for at most `limit` seconds; in an empty directory, if not in `cwd`."""
    records.mkdir(parents=True, exist_ok=True)
    ledger, junit = records / LEDGER, records / JUNIT
    for record in (ledger, junit):
        record.unlink(missing_ok=True)
    began = time.monotonic()
    recording = [f"--oci-ledger={ledger}", f"--junitxml={junit}"]
    status = run_pytest(python, [*words, *recording], records / OUTPUT, limit, cwd=cwd, env=env)
    if status is None:
        return Ended({}, (f"was not judged within {limit:g} s",), time.monotonic() - began)
    statuses, wrong = read_ledger(ledger)
    wrong += read_junit(junit)
    if status not in JUDGED:
        wrong.append(f"exit status {status}; what the run said is in {records / OUTPUT}")
    return Ended(statuses, tuple(wrong), time.monotonic() - began)


def run_pytest(
    python: str,
    words: Sequence[str],
    output: Path,
    limit: float,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> int | None:
    """The exit status of pytest with these arguments; None if it did not end in time. What it says goes to a file."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    with tempfile.TemporaryDirectory(prefix="judge-") as empty, output.open("wb") as said:
        try:
            return subprocess.run(
                command,
                cwd=cwd or empty,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=limit,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return None
