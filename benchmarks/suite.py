"""Where the time of a run goes: `python3 -m benchmarks.suite RUNTIME [-- PYTEST-ARGS]`.

Runs the suite, adds up what the calls of the runtime took by the transcripts in the ledger, and relates that to
the whole: the runtime's own share, and the cost of a clause and of a scenario. Figures are medians over the runs.
As root; `--view v1` for a runtime that refuses a hybrid host.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

CGROUP_VIEW = Path(__file__).resolve().parent.parent / "tools" / "cgroup_view.py"
RUN_LIMIT = 900.0
"""Seconds that one run of the suite may take."""


class BenchmarkError(Exception):
    """A run that cannot be measured; the text says why."""


@dataclass(frozen=True)
class Run:
    """The figures of one run: seconds and counts."""

    seconds: float
    runtime_seconds: float
    calls: int
    scenarios: int
    clauses: int

    @property
    def share(self) -> float:
        """The runtime's own part of the time, from 0 to 1 (more, if workers ran at the same time)."""
        return self.runtime_seconds / self.seconds

    @property
    def per_clause(self) -> float:
        """Milliseconds for each clause that was judged."""
        return self.seconds / self.clauses * 1000

    @property
    def per_scenario(self) -> float:
        """Milliseconds for each scenario that was played."""
        return self.seconds / self.scenarios * 1000


def measure(options: argparse.Namespace) -> Run:
    """Run the suite once and read its ledger. Raises BenchmarkError if nothing was judged."""
    with tempfile.TemporaryDirectory(prefix="suite-benchmark-") as temporary:
        ledger = Path(temporary, "run.jsonl")
        view = [] if options.view == "host" else [sys.executable, str(CGROUP_VIEW), options.view]
        pytest = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--oci-runtime={options.runtime}"]
        argv = [*view, *pytest, f"--oci-ledger={ledger}", *options.extra]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
        started = time.perf_counter()
        done = subprocess.run(argv, cwd=temporary, env=env, check=False, capture_output=True, timeout=RUN_LIMIT)
        seconds = time.perf_counter() - started
        if done.returncode not in {0, 1} or not ledger.exists():
            raise BenchmarkError(f"the suite ended with {done.returncode}: {done.stdout.decode()[-2000:]}")
        records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    return figures(seconds, records)


def figures(seconds: float, records: list[dict[str, object]]) -> Run:
    """Return the figures of a run from its duration and the records of its ledger."""
    observations = [record for record in records if isinstance(record.get("calls"), list)]
    calls = [call for record in observations for call in record["calls"]]  # type: ignore[attr-defined]
    judged = [record for record in records if record.get("status", "not-applicable") != "not-applicable"]
    clauses = {record["clause"] for record in judged if "clause" in record}
    if not clauses or not observations:
        raise BenchmarkError("the ledger has no judged clause, or no observation")
    own = sum(call["seconds"] for call in calls)
    return Run(seconds, own, len(calls), len(observations), len(clauses))


def main(arguments: list[str]) -> int:
    """Measure as often as asked; write a table and perhaps a JSON file."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.suite")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how many (default 3)")
    parser.add_argument("--view", choices=["host", "v1", "v2"], default="host", help="of the cgroups (default host)")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("runtime", metavar="RUNTIME")
    parser.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest")
    options = parser.parse_args(arguments)
    for name in ("runtime", "python"):
        found = shutil.which(getattr(options, name))
        if not found:
            print(f"there is no {name} {getattr(options, name)}", file=sys.stderr)
            return 4
        setattr(options, name, str(Path(found).absolute()))
    try:
        runs = [measure(options) for _ in range(options.runs)]
    except BenchmarkError as problem:
        print(f"benchmark: {problem}", file=sys.stderr)
        return 1
    ratios = ("share", "per_clause", "per_scenario")
    names = [*(field.name for field in fields(Run)), *ratios]
    medians = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    print(f"{options.runtime}, median of {len(runs)} runs")
    print(f"  {'whole run':24} {medians['seconds']:9.2f} s")
    print(f"  {'in calls of the runtime':24} {medians['runtime_seconds']:9.2f} s in {medians['calls']:.0f} calls")
    print(f"  {'share of the runtime':24} {medians['share']:9.2f}")
    print(f"  {'per clause':24} {medians['per_clause']:9.1f} ms for {medians['clauses']:.0f} clauses")
    print(f"  {'per scenario':24} {medians['per_scenario']:9.1f} ms for {medians['scenarios']:.0f} scenarios")
    if options.json:
        result = {"runtime": options.runtime, "medians": medians, "runs": [asdict(run) for run in runs]}
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
