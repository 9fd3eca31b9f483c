"""Carry out all proofs on real runtimes: `python3 -m tools.prove RUNTIME...`.

A proof that is skipped on one runtime (because that one breaks the clause itself, or cannot be asked) is tried on the
next, so every clause has to be proven on one of them. `crun@machine-v2` is crun under another view of the cgroups; in
a virtual machine, where all is slow, only what is not proven yet is tried. The exit status is 0 if no proof fails and
every tested clause of the runtime suite is proven by at least one mutant. Clauses that are proven on recordings only
are listed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tools import cgroup_view
from tools.full_run import BOOTING, CHECKOUT, MACHINES, SLOW_SECONDS, modules_with, view_of
from tools.machine.cli import OUT_OF_LIMITS

ARGUMENTS = {"runsc": ["--oci-runtime-arg=--network=none", "--oci-runtime-arg=--platform=ptrace"]}

MACHINE_LIMIT = 400.0
"""Seconds for what is proven in a virtual machine. An emulated one stands still at times: it is started once more."""

ENDED = (0, 1, 5)
"""Exit statuses of a proving run: all was well, a proof failed, there was nothing to prove."""


def outcomes(junit: Path) -> dict[str, str]:
    """`passed`, `recorded` (passed on a recording), `failed` or `skipped` of each mutant in a run's JUnit file."""
    found = {}
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        properties = {item.get("name"): item.get("value", "") for item in case.iter("property")}
        kinds = {child.tag for child in case}
        passed = "recorded" if "oci.recorded" in properties else "passed"
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else passed
        if name := properties.get("oci.mutant"):
            found[name.removeprefix("prove::")] = outcome
    return found


def command_for(runtime: str, view: str, clauses: list[str], junit: Path, options: argparse.Namespace) -> list[str]:
    """The proving run of a runtime under a view of the cgroups, as `tools.full_run` has them."""
    chosen = [f"--oci-runtime={runtime}", *ARGUMENTS.get(runtime, ())]
    chosen += [f"--oci-clause={clause}" for clause in clauses]
    chosen += [f"--oci-spec-version={options.version}"] if options.version else []
    pytest = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    pytest += ["--oci-prove", f"--junitxml={junit}"]
    if view in MACHINES:  # More processes there only take longer to start.
        pytest += [f"--oci-timeout={SLOW_SECONDS}", *modules_with(options.python, chosen)]
    elif options.workers:
        pytest += ["-n", str(options.workers)]
    limit = min(options.limit, MACHINE_LIMIT) if view in MACHINES else options.limit
    return [*view_of(view, junit.parent, limit), *pytest]


def prove(product: str, clauses: list[str], options: argparse.Namespace) -> dict[str, str]:
    """One proving run of RUNTIME or RUNTIME@VIEW; the outcomes by mutant. What pytest says is shown."""
    runtime, _, view = product.partition("@")
    view = view or ("v1" if runtime == "crun" and cgroup_view.hybrid_controllers() else "host")
    with tempfile.TemporaryDirectory(prefix="prove-") as empty:
        junit = Path(empty) / "junit.xml"
        command = command_for(runtime, view, clauses, junit, options)
        limit = options.limit + (BOOTING if view in MACHINES else 0)
        cwd = CHECKOUT if view in MACHINES else Path(empty)
        try:
            status = subprocess.run(command, cwd=cwd, check=False, timeout=limit).returncode
            if view in MACHINES and status == OUT_OF_LIMITS:
                status = subprocess.run(command, cwd=cwd, check=False, timeout=limit).returncode
            how = "" if status in ENDED else f"the run, which ended with {status}"
        except subprocess.TimeoutExpired:
            how = f"the run, which did not end in {limit:g} s"
        found = outcomes(junit) if junit.exists() else {}
        return {**found, how: "failed"} if how else found


def at_once(products: list[str], clauses: list[str], options: argparse.Namespace) -> list[dict[str, str]]:
    """The outcomes on products that do not get in each other's way: each but the only one is a virtual machine."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda product: prove(product, clauses, options), products))


def read_catalogue(python: str) -> list[dict[str, Any]]:
    """The tested clauses of the runtime suite, as the package itself lists them."""
    command = [python, "-m", "pytest_oci", "clauses", "--json", "--spec", "runtime", "--fate", "tested"]
    with tempfile.TemporaryDirectory(prefix="prove-") as empty:
        listed = subprocess.run(command, cwd=empty, check=True, capture_output=True, timeout=60)
    records: list[dict[str, Any]] = json.loads(listed.stdout)
    return [record for record in records if record["subject"] == "runtime"]


def is_asked(record: dict[str, Any], version: str) -> bool:
    """Whether a clause is to be proven: it is in force now, or was in an older version and was dropped since."""
    return not record["until"] if not version else bool(record["until"]) and record["since"].startswith(version)


def main(arguments: list[str]) -> int:
    """Prove on one runtime after the other; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.prove")
    parser.add_argument("runtimes", nargs="+", metavar="RUNTIME[@VIEW]", help="views are those of tools.full_run")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="of pytest-xdist")
    parser.add_argument("--limit", type=float, default=900.0, metavar="SECONDS", help="for each runtime")
    parser.add_argument("--version", default="", metavar="X.Y", help="prove what was dropped since")
    options = parser.parse_args(arguments)
    options.python = str(Path(shutil.which(options.python) or options.python).absolute())
    records = [record for record in read_catalogue(options.python) if is_asked(record, options.version)]
    asked = {record["id"]: set(record["mutants"]) for record in records}
    recorded = {record["id"] for record in records if record["unproven-live"]}
    failed: list[str] = []
    proven: set[str] = set()
    live: set[str] = set()
    seen: set[str] = set()
    wanted = sorted(asked) if options.version else []
    machines = [runtime for runtime in options.runtimes if runtime.partition("@")[2] in MACHINES]
    for runtimes in (*([runtime] for runtime in options.runtimes if runtime not in machines), machines):
        if runtimes is machines:
            wanted = sorted(clause for clause in asked.keys() - recorded if not asked[clause] & live)
        if not wanted and (seen or runtimes is machines):
            continue
        for runtime, found in zip(runtimes, at_once(runtimes, wanted, options), strict=True):
            seen |= found.keys()
            failed += [f"{name} on {runtime}" for name, outcome in found.items() if outcome == "failed"]
            live |= {name for name, outcome in found.items() if outcome == "passed"}
            proven |= live | {name for name, outcome in found.items() if outcome == "recorded"}
        wanted = sorted(clause for clause, proving in asked.items() if proving & seen - proven)
    clauses = {clause for clause, proving in asked.items() if proving & (proven if clause in recorded else live)}
    bare = sorted(asked.keys() - clauses)
    only = sorted(clauses & recorded)
    for line in (
        *(f"proven on recordings only: {clause}" for clause in only),
        *(f"NOT PROVEN: {clause}" for clause in bare),
        *(f"FAILED: {name}" for name in failed),
    ):
        print(line)
    print(
        f"{len(proven)} of {len(seen)} mutants proven, {len(clauses)} of {len(asked)} clauses, "
        f"{len(only)} of them on recordings only"
    )
    return 1 if bare or failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
