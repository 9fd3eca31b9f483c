"""Run the suite on real clients of registries: `python3 -m tools.clients [NAME…]`.

skopeo, buildah and podman unless others are named; for docker a daemon is started, in a directory and a mount namespace
of its own. What a clause says of a client (it fails, or is not kept as the text advises) has to have a row in
docs/field-results.md, in the section `### NAME VERSION, a client`, and what a row says has to be seen. The exit status
is 0 if every run was sound and the page is right, 1 if not, 4 if there is no such client.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tools.full_run import JUDGED, read_junit, read_ledger
from tools.layouts.bench import Bench, Place, running
from tools.layouts.docker import NO_NETWORK
from tools.layouts.judging import version

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "field-results.md"
SECTION = re.compile(r"^### (?P<name>\S+) (?P<version>[0-9]\S*), a client$")
ROW = re.compile(r"^\| `(?P<clause>[^`]+)` \| (?P<status>fail|advice) \|")
USUAL = ("skopeo", "buildah", "podman")
DOCKER = "docker"
PATIENCE = {DOCKER: 120}
"""Seconds for one operation: docker tries again and again, each time after a longer pause."""
SIDE_BY_SIDE = 2
READY_SECONDS = 30.0
USAGE = 4

Said: TypeAlias = "dict[str, str]"
"""What is not kept of the clauses: `fail` or `advice` by clause."""


def main(arguments: list[str]) -> int:
    """The command line; its exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.clients", description="Real clients of registries.")
    parser.add_argument("names", nargs="*", default=list(USUAL), metavar="NAME", help="default: skopeo buildah podman")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results/clients"), metavar="DIR", help="for the records")
    parser.add_argument("--limit", type=float, default=200.0, metavar="SECONDS", help="for one run (default 200)")
    options = parser.parse_args(arguments)
    python = shutil.which(options.python)
    missing = [name for name in options.names if shutil.which(name) is None]
    if missing or python is None:
        print(f"clients: there is no {missing[0] if missing else options.python}", file=sys.stderr)
        return USAGE
    asked = Asked(str(Path(python).absolute()), options.results.absolute(), options.limit)
    page = rows(PAGE.read_text(encoding="utf-8"))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        found = list(pool.map(lambda name: judge(asked, name, page), options.names))
    problems = [problem for some in found for problem in some]
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
    status = run(command, name, results / "output.txt", asked.limit)
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


def run(command: list[str], name: str, output: Path, limit: float) -> int | None:
    """The exit status of a run of the suite; None if it did not end in time."""
    with contextlib.ExitStack() as stack:
        empty = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clients-")))
        said = stack.enter_context(output.open("wb"))
        environment = stack.enter_context(daemon(empty)) if name == DOCKER else {}
        words = ["env", *(f"{key}={value}" for key, value in environment.items()), *command]
        try:
            done = subprocess.run(
                words, cwd=empty, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        return done.returncode


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


@contextlib.contextmanager
def daemon(directory: Path) -> Iterator[dict[str, str]]:
    """Docker's daemon while the block lasts, and the environment in which its client finds it."""
    place = Place(Path("/"), directory, "pytest-oci-clients")
    socket = f"unix://{directory / 'socket'}"
    (directory / "daemon.json").write_text("{}")
    roots = (f"--data-root={directory / 'data'}", f"--exec-root={directory / 'exec'}", f"--pidfile={directory / 'pid'}")
    command = ("unshare", "--mount", "dockerd", f"--config-file={directory / 'daemon.json'}", *roots)
    with running(place, (*command, f"--host={socket}", *NO_NETWORK), directory, Bench(place, directory).environment):
        deadline = time.monotonic() + READY_SECONDS
        while subprocess.run(["docker", f"--host={socket}", "version"], capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise SystemExit(f"dockerd is not ready after {READY_SECONDS:g} s")
            time.sleep(0.2)
        yield {"DOCKER_HOST": socket}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
