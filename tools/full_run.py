"""Run the whole suite on a runtime and check the run itself: `python3 -m tools.full_run RUNTIME [-- PYTEST-ARGS]`.

Whether the product conforms is not the question here; a run is sound if it ended with exit status 0 or 1, its
ledger has a header and a footer and no clause with status `error`, its JUnit file counts what it holds, and nothing
was left behind. With `--runs N` and several
`--workers` all runs must judge every clause and test alike. An emulated machine that comes to a standstill, which says
nothing of what runs in it, is started once more. The exit status is 0 if every run
was sound, 1 if not, 4 if there is no such runtime.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tools import cgroup_view, leftovers
from tools.machine.cli import EMPTY_IN_GUEST, OUT_OF_LIMITS

JUDGED = (0, 1)
CHECKOUT = Path(__file__).resolve().parent.parent
MACHINES = {"machine-v1": "v1", "machine-v2": "v2"}
"""Views that are virtual machines, with the version of their cgroups."""
SLOW_SECONDS = 60
"""For one operation in a virtual machine, where a program takes many times as long."""
BOOTING = 150.0
"""Seconds that a machine may take in addition to the run."""
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}

Statuses = dict[tuple[str, str], str]
"""The status of every clause and test of a run."""


def read_ledger(ledger: Path) -> tuple[Statuses, list[str]]:
    """Return what a ledger says of each clause and test, and what is wrong with the run that wrote it."""
    if not ledger.exists():
        return {}, ["no ledger was written"]
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    judged = [line for line in lines if {"clause", "test", "status"} <= line.keys()]
    statuses = {(line["clause"], line["test"]): line["status"] for line in judged}
    wrong = [f"error in {clause}, {test}" for (clause, test), status in statuses.items() if status == "error"]
    if not judged:
        wrong.append("the ledger judges no clause")
    elif (lines[0].get("type"), lines[-1].get("type")) != ("header", "footer"):
        wrong.append("the ledger lacks its header or footer")
    if len(statuses) != len(judged):
        wrong.append("the ledger judges a clause and test twice")
    return statuses, wrong


def read_junit(junit: Path) -> list[str]:
    """Return what is wrong with a JUnit file: its header must count what it holds."""
    if not junit.exists():
        return ["no JUnit file was written"]
    wrong = []
    for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
        cases = suite.findall("testcase")
        held = {"tests": len(cases)}
        held |= {name: sum(case.find(tag) is not None for case in cases) for name, tag in COUNTED.items()}
        said = {name: int(suite.get(name, "0")) for name in held}
        if said != held:
            wrong.append(f"the JUnit header says {said}, the file holds {held}")
    return wrong


def view_of(view: str, results: Path, limit: float) -> list[str]:
    """Return what stands before a command, so that it sees the cgroups of a view and may write to `results`."""
    if view == "host":
        return []
    if view not in MACHINES:
        return [sys.executable, cgroup_view.__file__, view]
    machine = [sys.executable, "-m", "tools.machine", MACHINES[view], "--cwd", "/tmp"]  # noqa: S108 - the guest's own
    hidden = any(CHECKOUT.is_relative_to(directory) for directory in EMPTY_IN_GUEST)
    machine += ["--keep", str(CHECKOUT)] if hidden else []
    return [*machine, "--keep", str(results), "--limit", f"{limit:g}", "--"]


def modules_with(python: str, arguments: list[str]) -> list[str]:
    """Return what names the modules of the suite that have the tests of a run, so that no other is collected.

    Collecting the whole suite, which is nothing on a host, takes half a minute where processors are emulated.
    """
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--collect-only", *arguments]
    with tempfile.TemporaryDirectory(prefix="full-run-") as empty:
        said = subprocess.run(command, cwd=empty, check=False, timeout=BOOTING, capture_output=True, text=True)
    found = dict.fromkeys(line.partition("::")[0] for line in said.stdout.splitlines() if "::" in line)
    names = [f"pytest_oci.{name.removesuffix('.py').replace('/', '.')}" for name in found]
    return ["--pyargs", *names] if names else []


def one_run(options: argparse.Namespace, number: int, workers: int) -> tuple[Statuses, list[str], str]:
    """Run the suite once; return its statuses, what is wrong with the run, and a line that sums it up."""
    results = options.results / f"{Path(options.runtime).name}-{options.view}-{number}"
    results.mkdir(parents=True, exist_ok=True)
    junit, ledger = results / "junit.xml", results / "run.jsonl"
    for record in (junit, ledger):
        record.unlink(missing_ok=True)
    pytest = [options.python, "-m", "pytest", "-p", "no:cacheprovider", "-q", f"--oci-runtime={options.runtime}"]
    command = [*pytest, f"--junitxml={junit}", f"--oci-ledger={ledger}", *options.extra]
    command += ["-n", str(workers)] if workers else []
    if options.view in MACHINES:
        command.append(f"--oci-timeout={SLOW_SECONDS}")
        command += modules_with(options.python, [f"--oci-runtime={options.runtime}", *options.extra])
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="full-run-") as empty, (results / "output.txt").open("wb") as output:
        prefix = view_of(options.view, results, options.limit)
        # The guest has an empty directory of its own; the program that starts it is found from the checkout.
        cwd = CHECKOUT if options.view in MACHINES else Path(empty)
        limit = options.limit + (BOOTING if options.view in MACHINES else 0)
        watched = leftovers.watch([*prefix, *command], limit, cwd=cwd, output=output)
        again = options.view in MACHINES and watched.status == OUT_OF_LIMITS
        if again:
            watched = leftovers.watch([*prefix, *command], limit, cwd=cwd, output=output)
    seconds = time.monotonic() - started
    statuses, wrong = read_ledger(ledger)
    wrong += read_junit(junit) + [f"left behind: {name}" for name in watched.names]
    if watched.status not in JUDGED:
        wrong.append(f"exit status {watched.status}; what the run said is in {output.name}")
    counts = ", ".join(f"{count} {status}" for status, count in sorted(Counter(statuses.values()).items()))
    what = f"{Path(options.runtime).name} ({options.view}), run {number}" + (f" with -n {workers}" if workers else "")
    what += " (a machine stood still, another was started)" if again else ""
    return statuses, wrong, f"{what}: exit status {watched.status}, {seconds:.1f} s; {counts or 'nothing judged'}"


def main(arguments: list[str]) -> int:
    """Run the suite as often as asked, print a line for each run and whatever is wrong with it."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.full_run")
    parser.add_argument(
        "--view",
        choices=["auto", "host", "v1", "v2", *MACHINES],
        default="auto",
        help="of the cgroups; machine-* is a virtual machine of tools.machine (default: v1 on a hybrid host)",
    )
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how often (default 1)")
    parser.add_argument(
        "--workers",
        type=lambda text: [int(number) for number in text.split(",")],
        default=[0],
        metavar="N[,N...]",
        help="of pytest-xdist; each of these is run that often, 0 is without (default 0)",
    )
    parser.add_argument("--limit", type=float, default=300.0, metavar="SECONDS", help="for one run (default 300)")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="DIR", help="for the records")
    parser.add_argument("runtime", metavar="RUNTIME")
    parser.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest")
    options = parser.parse_args(arguments)
    options.results = options.results.absolute()
    if options.view == "auto":
        options.view = "v1" if cgroup_view.hybrid_controllers() else "host"
    for name in ("runtime", "python"):
        found = shutil.which(getattr(options, name))
        if not found:
            print(f"there is no {name} {getattr(options, name)}", file=sys.stderr)
            return 4
        setattr(options, name, str(Path(found).absolute()))
    first: Statuses = {}
    sound = True
    for number, workers in enumerate([workers for workers in options.workers for _ in range(options.runs)], 1):
        statuses, wrong, line = one_run(options, number, workers)
        first = first or statuses
        for key in sorted(first.keys() | statuses.keys()):
            if first.get(key) != statuses.get(key):
                wrong.append(f"{' '.join(key)}: {first.get(key)} in run 1, {statuses.get(key)} in run {number}")
        print(line, flush=True)
        for problem in wrong:
            print(f"  NOT SOUND: {problem}", flush=True)
        sound = sound and not wrong
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
