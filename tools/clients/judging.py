"""Judge clients, as the first process of namespaces made for it (`tools.layouts.isolation.UNSHARE`)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools import suite
from tools.clients.daemon import DAEMON, DOCKER, DaemonError, daemon
from tools.clients.page import PAGE, Said, compare, not_kept, rows
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
    words = ["-m", "client", f"--oci-client={name}"]
    words += [f"--oci-timeout={PATIENCE[name]}"] if name in PATIENCE else []
    try:
        ended = run(asked, words, name)
    except DaemonError as problem:
        return [f"{name}: {problem}"]
    wrong = [f"{name}: {text}" for text in ended.wrong]
    if not ended.statuses:
        return wrong
    with (asked.results / name / suite.LEDGER).open(encoding="utf-8") as lines:
        seen = version(json.loads(lines.readline())["targets"][0]["version"])
    print(f"{name} {seen}: {ended}", flush=True)
    return [*wrong, *compare(name, seen, page.get((name, seen), {}), not_kept(ended.statuses))]


def run(asked: Asked, words: list[str], name: str) -> suite.Ended:
    """A run of the suite, beside a daemon where the client needs one. Raises DaemonError."""
    place = asked.own / name
    place.mkdir()
    with contextlib.ExitStack() as stack:
        more = stack.enter_context(daemon(place / DAEMON)) if name == DOCKER else {}
        environment = {**os.environ, "TMPDIR": str(place), **more}
        return suite.run(asked.python, asked.results / name, words, asked.limit, cwd=place, env=environment)


if __name__ == "__main__":
    own, python, results, limit, *chosen = sys.argv[1:]
    sys.exit(main(Asked(Path(own), python, Path(results), float(limit)), chosen))
