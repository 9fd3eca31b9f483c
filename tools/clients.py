"""Run the suite on real clients of registries: `python3 -m tools.clients [NAME…]`.

docker, skopeo, buildah and podman unless others are named; docker has a daemon of its own (`tools.dockerd`). What a
clause says of a client (it fails, or is not kept as the text advises) has to have a row in docs/field-results.md, in
the section `### NAME VERSION, a client`, and what a row says has to be seen. The exit status is 0 if every run was
sound and the page is right, 1 if not, 4 if there is no such client.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tools.full_run import CHECKOUT, JUDGED, read_junit, read_ledger
from tools.layouts import isolation
from tools.layouts.judging import version

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = CHECKOUT / "docs" / "field-results.md"
SECTION = re.compile(r"^### (?P<name>\S+) (?P<version>[0-9]\S*), a client$")
ROW = re.compile(r"^\| `(?P<clause>[^`]+)` \| (?P<status>fail|advice) \|")
DOCKER, DAEMON = "docker", "dockerd"
USUAL = (DOCKER, "skopeo", "buildah", "podman")
PATIENCE = {DOCKER: 120}
"""Seconds for one operation: docker tries again and again, each time after a longer pause."""
SIDE_BY_SIDE = 2
POLL_SECONDS = 0.1
GRACE = 20.0
"""Seconds that a run has to end by itself when it is interrupted."""
USAGE = 4

Said: TypeAlias = "dict[str, str]"
"""What is not kept of the clauses: `fail` or `advice` by clause."""


def main(arguments: list[str]) -> int:
    """The command line; its exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.clients", description="Real clients of registries.")
    usual = " ".join(USUAL)
    parser.add_argument("names", nargs="*", default=list(USUAL), metavar="NAME", help=f"default: {usual}")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results/clients"), metavar="DIR", help="for the records")
    parser.add_argument("--limit", type=float, default=200.0, metavar="SECONDS", help="for one run (default 200)")
    options = parser.parse_args(arguments)
    python = shutil.which(options.python)
    programs = [*options.names, *([DAEMON] if DOCKER in options.names else [])]
    missing = [name for name in programs if shutil.which(name) is None]
    if missing or python is None:
        print(f"clients: there is no {missing[0] if missing else options.python}", file=sys.stderr)
        return USAGE
    # What was started has to be ended.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    asked = Asked(str(Path(python).absolute()), options.results.absolute(), options.limit)
    page = rows(PAGE.read_text(encoding="utf-8"))
    lanes = SIDE_BY_SIDE + (DOCKER in options.names)  # which waits for most of its time
    problems = [problem for run in carried_out(asked, options.names, lanes) for problem in judged(run, page)]
    for problem in problems:
        print(problem)
    print(f"{len(options.names)} clients were judged, {len(problems)} problems")
    return 1 if problems else 0


@dataclass(frozen=True)
class Asked:
    """How to judge: `limit` is in seconds, for one client."""

    python: str
    results: Path
    limit: float


@dataclass(frozen=True)
class Run:
    """A run of the suite on one client, which has just been started."""

    name: str
    results: Path
    process: subprocess.Popen[bytes]
    limit: float
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self.began

    @property
    def over(self) -> bool:
        """Whether it has ended, or its time has."""
        return self.process.poll() is not None or self.seconds > self.limit


def carried_out(asked: Asked, names: list[str], lanes: int) -> Iterator[Run]:
    """Run the suite on each client, so many of them at the same time; each as it is over. None is left running."""
    waiting, going = list(names), list[tuple[Run, contextlib.ExitStack]]()
    with contextlib.ExitStack() as all_runs:
        while waiting or going:
            while waiting and len(going) < lanes:
                own = all_runs.enter_context(contextlib.ExitStack())
                going.append((own.enter_context(started(asked, waiting.pop(0))), own))
            for run, own in [entry for entry in going if entry[0].over]:
                going.remove((run, own))
                yield run
                own.close()
            time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def started(asked: Asked, name: str) -> Iterator[Run]:
    """A run of the suite, which is ended with the block, and what it keeps on this machine with it."""
    results = asked.results / name
    results.mkdir(parents=True, exist_ok=True)
    junit, ledger = results / "junit.xml", results / "run.jsonl"
    for record in (junit, ledger):
        record.unlink(missing_ok=True)
    command = [asked.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "client", f"--oci-client={name}"]
    command += [f"--oci-ledger={ledger}", f"--junitxml={junit}"]
    command += [f"--oci-timeout={PATIENCE[name]}"] if name in PATIENCE else []
    with tempfile.TemporaryDirectory(prefix="clients-") as own, (results / "output.txt").open("wb") as said:
        if name == DOCKER:
            directory = Path(own, "docker")
            directory.mkdir()
            inside = [sys.executable, "-m", "tools.dockerd", str(directory), "env", f"--chdir={own}", *command]
            command = [*isolation.UNSHARE, *inside]
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT if name == DOCKER else own,  # where its module is found
            env={**os.environ, "TMPDIR": own},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield Run(name, results, process, asked.limit)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a run, if it goes on: by an interrupt, after which it cleans up, or else by force."""
    for number, seconds in ((signal.SIGINT, GRACE), (signal.SIGKILL, None)):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)


def judged(run: Run, page: dict[tuple[str, str], Said]) -> list[str]:
    """What is wrong with a run that is over, or with the page, in words."""
    name, results, status = run.name, run.results, run.process.returncode
    if status is None:
        return [f"{name} was not judged within {run.limit:g} s"]
    ledger = results / "run.jsonl"
    statuses, wrong = read_ledger(ledger)
    wrong = [f"{name}: {text}" for text in (*wrong, *read_junit(results / "junit.xml"))]
    if status not in JUDGED:
        return [*wrong, f"{name}: exit status {status}; what the run said is in {results / 'output.txt'}"]
    with ledger.open(encoding="utf-8") as lines:
        seen = version(json.loads(lines.readline())["targets"][0]["version"])
    print(f"{name} {seen}: {run.seconds:.1f} s; {dict(Counter(statuses.values()))}", flush=True)
    return [*wrong, *compare(name, seen, page.get((name, seen), {}), not_kept(statuses))]


def not_kept(statuses: dict[tuple[str, str], str]) -> Said:
    """What is not kept; a clause that fails in one test and is advice in another one fails."""
    found: Said = {}
    for (clause, _), status in statuses.items():
        if status in ("fail", "advice"):
            found[clause] = "fail" if "fail" in (status, found.get(clause)) else "advice"
    return found


def rows(page: str) -> dict[tuple[str, str], Said]:
    """What the page says, by client and version."""
    found: dict[tuple[str, str], Said] = {}
    section: Said = {}
    for line in page.splitlines():
        if line.startswith("#"):
            heading = SECTION.match(line)
            section = found.setdefault((heading["name"], heading["version"]), {}) if heading else {}
        elif row := ROW.match(line):
            section[row["clause"]] = row["status"]
    return found


def compare(name: str, seen: str, listed: Said, said: Said) -> list[str]:
    """What the page does not explain, and what it explains and is not so, in words."""
    problems = [
        f"{name} {seen}: {clause} is {status}, and its row says {listed.get(clause, 'nothing')}"
        for clause, status in said.items()
        if listed.get(clause) != status
    ]
    problems += [f"{name} {seen} keeps {clause}: its row is stale" for clause in listed.keys() - said.keys()]
    return sorted(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
