"""Judge clients, as the first process of namespaces made for it (`tools.layouts.isolation.UNSHARE`)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.clients.daemon import DAEMON, DOCKER, DaemonError, daemon
from tools.clients.page import PAGE, Said, compare, not_kept, rows
from tools.full_run import JUDGED, read_junit, read_ledger
from tools.layouts import isolation
from tools.layouts.judging import version

PATIENCE = {DOCKER: 120}
"""Seconds for one operation: docker tries again and again, each time after a longer pause."""
SIDE_BY_SIDE = 2
"""Clients at the same time, beside docker, which waits for most of its time."""


@dataclass(frozen=True)
class Asked:
    """How to judge: `limit` is in seconds, for one client. `own` is a directory that vanishes with the namespaces."""

    own: Path
    python: str
    results: Path
    limit: float


def main(asked: Asked, names: list[str]) -> int:
    """Judge the clients of these names; 0 if the runs are sound and the page is right, else 1."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", str(asked.own)], check=True)
    isolation.hide_state(Path("/"), asked.own / "state")
    isolation.loopback_up()
    page = rows(PAGE.read_text(encoding="utf-8"))
    with ThreadPoolExecutor(SIDE_BY_SIDE + (DOCKER in names)) as pool:
        found = list(pool.map(lambda name: judge(asked, name, page), names))
    problems = [problem for some in found for problem in some]
    for problem in problems:
        print(problem)
    print(f"{len(names)} clients were judged, {len(problems)} problems")
    return 1 if problems else 0


def judge(asked: Asked, name: str, page: dict[tuple[str, str], Said]) -> list[str]:
    """Run the suite on one client; what is wrong with the run or the page, in words."""
    results = asked.results / name
    results.mkdir(parents=True, exist_ok=True)
    junit, ledger = results / "junit.xml", results / "run.jsonl"
    for record in (junit, ledger):
        record.unlink(missing_ok=True)
    command = [asked.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "client", f"--oci-client={name}"]
    command += [f"--oci-ledger={ledger}", f"--junitxml={junit}"]
    command += [f"--oci-timeout={PATIENCE[name]}"] if name in PATIENCE else []
    began = time.monotonic()
    try:
        status = run(asked, command, name)
    except DaemonError as problem:
        return [f"{name}: {problem}"]
    if status is None:
        return [f"{name} was not judged within {asked.limit:g} s"]
    statuses, wrong = read_ledger(ledger)
    wrong = [f"{name}: {text}" for text in (*wrong, *read_junit(junit))]
    if status not in JUDGED:
        return [*wrong, f"{name}: exit status {status}; what the run said is in {results / 'output.txt'}"]
    with ledger.open(encoding="utf-8") as lines:
        seen = version(json.loads(lines.readline())["targets"][0]["version"])
    print(f"{name} {seen}: {time.monotonic() - began:.1f} s; {dict(Counter(statuses.values()))}", flush=True)
    return [*wrong, *compare(name, seen, page.get((name, seen), {}), not_kept(statuses))]


def run(asked: Asked, command: list[str], name: str) -> int | None:
    """The exit status of a run of the suite; None if it did not end in time. Raises DaemonError."""
    place = asked.own / name
    place.mkdir()
    with contextlib.ExitStack() as stack:
        said = stack.enter_context((asked.results / name / "output.txt").open("wb"))
        more = stack.enter_context(daemon(place / DAEMON)) if name == DOCKER else {}
        try:
            done = subprocess.run(
                command,
                cwd=place,
                env={**os.environ, "TMPDIR": str(place), **more},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=asked.limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        return done.returncode


if __name__ == "__main__":
    own, python, results, limit, *chosen = sys.argv[1:]
    sys.exit(main(Asked(Path(own), python, Path(results), float(limit)), chosen))
