"""What a run costs beside another suite's: `python3 -m benchmarks.registry URL [--beside COMMAND] [-- PYTEST-ARGS]`.

Both are run in turns, in pairs, so that whatever else the machine does meets both; without `--beside` the other one is
this suite on the built-in registry. Of each the median of its seconds by the clock and of processor time is told, of
this one the requests and how long it waited for their answers, and the median of what pairs have as their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

RUN_LIMIT = 300.0
"""Seconds that one run may take."""


class BenchmarkError(Exception):
    """A run that cannot be measured; the text says why."""


@dataclass(frozen=True)
class Run:
    """What one run cost: seconds by the clock, of the processor, waiting for answers; and requests."""

    seconds: float
    processor: float
    waiting: float = 0.0
    requests: int = 0


def timed(command: list[str], where: str, statuses: set[int] | None = None) -> Run:
    """Run a command; what it cost. Raises BenchmarkError where it ends otherwise than it may."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        done = subprocess.run(command, cwd=where, check=False, capture_output=True, timeout=RUN_LIMIT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchmarkError(f"{shlex.join(command)}: {error}") from None
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if statuses is not None and done.returncode not in statuses:
        raise BenchmarkError(f"{shlex.join(command)} ended with {done.returncode}: {done.stdout.decode()[-2000:]}")
    return Run(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def suite(python: str, url: str, extra: list[str]) -> Run:
    """Judge a registry once."""
    with tempfile.TemporaryDirectory(prefix="registry-benchmark-") as temporary:
        ledger = Path(temporary, "run.jsonl")
        pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--oci-registry={url}"]
        run = timed([*pytest, f"--oci-ledger={ledger}", *extra], temporary, {0, 1})
        records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    exchanges = [exchange for record in records for exchange in record.get("exchanges", ())]
    if not exchanges:
        raise BenchmarkError("the ledger has no request")
    waiting = sum(float(exchange["seconds"]) for exchange in exchanges)
    return Run(run.seconds, run.processor, waiting, len(exchanges))


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; what stands behind `--` is `extra`, for pytest. Exits as argparse does."""
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.registry",
        usage="%(prog)s [options] URL [-- PYTEST-ARG ...]",
        description="What a run costs beside another suite's.",
    )
    parser.add_argument("--pairs", type=int, default=3, metavar="N", help="how many (default 3)")
    parser.add_argument("--beside", metavar="COMMAND", help="another suite's command, in one word")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("registry", metavar="URL")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return parser.parse_args(arguments[:end], argparse.Namespace(extra=arguments[end + 1 :]))


def main(arguments: list[str]) -> int:
    """Measure as many pairs as asked; write a table and perhaps a JSON file."""
    options = parse(arguments)
    python = str(Path(options.python).absolute()) if os.sep in options.python else options.python
    pairs: list[tuple[Run, Run]] = []
    try:
        for _ in range(options.pairs):
            ours = suite(python, options.registry, options.extra)
            with tempfile.TemporaryDirectory(prefix="registry-benchmark-") as empty:
                beside = shlex.split(options.beside or "")
                pairs.append((ours, timed(beside, empty) if beside else suite(python, "demo", options.extra)))
    except BenchmarkError as problem:
        print(f"benchmark: {problem}", file=sys.stderr)
        return 1
    for name, runs in (
        (options.registry, [one for one, _ in pairs]),
        (options.beside or "demo", [two for _, two in pairs]),
    ):
        medians = {key: statistics.median(asdict(run)[key] for run in runs) for key in asdict(runs[0])}
        line = f"{name}: {medians['seconds']:.2f} s, {medians['processor']:.2f} s of the processor"
        asked = f", {medians['requests']:.0f} requests, {medians['waiting']:.2f} s for their answers"
        print(line + (asked if medians["requests"] else ""))
    print(f"ratio of pairs: {statistics.median(one.seconds / two.seconds for one, two in pairs):.2f}")
    if options.json:
        figures = [[asdict(one), asdict(two)] for one, two in pairs]
        options.json.write_text(json.dumps({"registry": options.registry, "pairs": figures}) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
