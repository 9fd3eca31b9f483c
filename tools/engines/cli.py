"""Arguments and exit statuses; the namespaces in which everything runs; what is compared afterwards."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tools.engines.running import ENGINES
from tools.field_results import PAGE, compare, rows
from tools.full_run import read_junit, read_ledger
from tools.layouts import isolation

USAGE = 4
CHECKOUT = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^## Engines$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
GRACE = 30.0
LEFT_BY_PODMAN = "libpod_parent"
"""The cgroup that podman puts its containers into, and leaves."""


def main(arguments: list[str]) -> int:
    """Judge the engines; 0 if the runs are sound and the page is right, 1 if not, 4 if it was asked for wrongly."""
    options = parse(arguments)
    python = shutil.which(options.python)
    if os.geteuid() != 0 or python is None:
        why = f"there is no Python {options.python}" if os.geteuid() == 0 else "this needs root: it runs containers"
        print(f"engines: {why}", file=sys.stderr)
        return USAGE
    # What waits for the engines has to end by itself, or else their directory remains.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    results = options.results.absolute()
    results.mkdir(parents=True, exist_ok=True)
    problems = run(options, results, str(Path(python).absolute()))
    section = SECTION.search(PAGE.read_text(encoding="utf-8"))
    failed = []
    for name in options.only or ENGINES:
        statuses, wrong = read_ledger(results / name / "run.jsonl")
        wrong += read_junit(results / name / "junit.xml")
        problems += [f"{name}: {each}" for each in wrong]
        failed.append((name, frozenset(clause for (clause, _), status in statuses.items() if status == "fail")))
        print(f"{name}: {dict(Counter(statuses.values()))}")
    problems += compare(rows(section[1] if section else ""), failed)
    for problem in problems:
        print(problem)
    print(f"{len(failed)} engines were judged, {len(problems)} problems")
    return 1 if problems else 0


def run(options: argparse.Namespace, results: Path, python: str) -> list[str]:
    """Run the suite on each engine in namespaces of their own; what went wrong."""
    for name in options.only or ENGINES:
        shutil.rmtree(results / name, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="engines-") as shared:
        cgroup = Path(shared).name
        words = [str(results), python, shared, f"{options.limit:g}", ",".join(options.only or ENGINES), *options.extra]
        inside = [sys.executable, "-m", "tools.engines.running", *words]
        process = subprocess.Popen([*isolation.UNSHARE, *inside], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
        try:
            status = process.wait(options.limit)
            return [] if status == 0 else [f"exit status {status} of what runs the engines"]
        except subprocess.TimeoutExpired:
            return [f"the engines were not judged within {options.limit:g} s"]
        finally:
            # Ends what it started, too: its children live in a namespace whose first process dies with it.
            process.kill()
            process.wait(GRACE)
            for left in (cgroup, LEFT_BY_PODMAN):
                isolation.remove_cgroups(left)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.engines", description="Real engines, judged.")
    parser.add_argument("--only", nargs="+", default=[], choices=tuple(ENGINES), metavar="NAME", help="these alone")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results/engines"), metavar="DIR", help="for the records")
    parser.add_argument("--limit", type=float, default=300.0, metavar="SECONDS", help="for all (default %(default)g)")
    parser.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest")
    return parser.parse_args(arguments)
