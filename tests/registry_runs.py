"""The suite's tests of registries, run on a registry or on a mutant of it, without the plugin's run around them.

python tests/registry_runs.py http://127.0.0.1:5000 [--prove] [PATTERN]
"""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.mutants.registries import MUTANTS
from pytest_oci.fixtures.registry.faults import FaultProxy
from pytest_oci.fixtures.registry.observer import Observe, RegistryObserver

from pytest_oci import catalogue
from pytest_oci.observation import SharedStore
from pytest_oci.outcome import status_of
from pytest_oci.run import SHOWN
from pytest_oci.status import Status
from pytest_oci.targets.registry.client import open_registry
from pytest_oci.targets.registry.pushed import Notes, clean

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_oci.fixtures.mutants.registries import RegistryMutant

SUITE = Path(__file__).parents[1] / "conformance" / "distribution"
BROKEN = frozenset({Status.FAIL, Status.ADVICE, Status.ERROR})


@dataclass
class Results:
    """The worst status of each clause, and what its tests said; the exchanges that it took."""

    statuses: dict[str, Status] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    scenarios: dict[str, set[str]] = field(default_factory=dict)
    exchanges: int = 0
    left: list[str] = field(default_factory=list)

    def add(self, clause: str, status: Status, text: str) -> None:
        """Take down how a test of a clause ended."""
        order = list(Status)
        self.statuses[clause] = min(self.statuses.get(clause, order[-1]), status, key=order.index)
        self.said.setdefault(clause, []).append(f"{status}: {text}" if text else str(status))

    def broken(self) -> set[str]:
        """The clauses that are broken, whatever their level."""
        return {clause for clause, status in self.statuses.items() if status in BROKEN}


@dataclass
class _Plugin:
    """What the run would do: gives `observe`, and takes down how each test ended."""

    observer: RegistryObserver
    version: str
    pattern: str
    results: Results = field(default_factory=Results)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of matching clauses."""
        items[:] = [item for item in items if any(fnmatch(name, self.pattern) for name in self._names(item))]

    @staticmethod
    def _names(item: pytest.Item) -> list[str]:
        return [name for mark in item.iter_markers("clause") for name in mark.args]

    def _clauses(self, item: pytest.Item) -> list[catalogue.Clause]:
        known = catalogue.load("distribution")
        return [known[name] for name in self._names(item) if known[name].binds(self.version)]

    @pytest.fixture
    def observe(self, request: pytest.FixtureRequest) -> Observe:
        """Observe a scenario on the registry."""
        made = Observe(self.observer, tuple(self._clauses(request.node)), self.version)
        request.node.stash[SHOWN] = made.shown
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take down how a test ended."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error is not None:
            clauses = tuple(self._clauses(item))
            status, reason = status_of(error, clauses, {})
            shown = item.stash.get(SHOWN, [])
            for one in clauses:
                self.results.add(one.id, status, f"{item.name}: {reason or error}" if error else "")
                self.results.scenarios.setdefault(one.id, set()).update(seen.scenario for seen in shown)
        return report


def run_suite(
    url: str, *, pattern: str = "*", version: str = "1.1.1", workflows: frozenset[str] | None = None
) -> Results:
    """Run the suite's tests of matching clauses on a registry, and delete what that pushed."""
    with tempfile.TemporaryDirectory() as directory:
        store = SharedStore(Path(directory))
        registry = open_registry(url)
        notes = Notes(Path(directory) / "pushed.jsonl")
        observer = RegistryObserver(registry, store, notes, "pytest-oci", secrets.token_hex(4))
        if workflows is not None:
            observer.workflows = workflows
        plugin = _Plugin(observer, version, pattern)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = pytest.main(
                [
                    str(SUITE),
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    "-p",
                    "no:terminalreporter",
                    "--noconftest",
                    "-c",
                    "/dev/null",
                ],
                plugins=[plugin, _Active()],
            )
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"pytest ended with {code}: {output.getvalue()}")
        plugin.results.exchanges = count(Path(directory))
        plugin.results.left = clean(registry, notes.noted)
        registry.close()
        return plugin.results


def count(directory: Path) -> int:
    """How many exchanges the observations in a directory took."""
    return sum(len(json.loads(path.read_text(encoding="utf-8"))["exchanges"]) for path in directory.glob("*.json"))


class _Active:
    """Keeps the plugin from saying that no product was given."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Stand in for a run."""
        config.pluginmanager.register(object(), "oci-run")


def prove(url: str, mutant: RegistryMutant, plain: Results) -> list[str]:
    """What is wrong with the proof of a mutant in front of a registry; nothing if it is proven."""
    with FaultProxy(url, mutant.behave) as proxy:
        results = run_suite(proxy.url)
    problems = [
        f"{clause} is {results.statuses.get(clause)}: {results.said.get(clause)}"
        for clause in mutant.clauses
        if clause not in results.broken()
    ]
    return problems + [
        f"{clause} is {results.statuses[clause]} too: {results.said[clause]}"
        for clause in sorted(results.broken() - plain.broken() - set(mutant.clauses))
    ]


def main() -> None:
    """The command line."""
    words = [word for word in sys.argv[2:] if not word.startswith("-")]
    pattern = words[0] if words else "*"
    begun = time.monotonic()
    results = run_suite(sys.argv[1], pattern=pattern)
    lines = []
    for clause, status in sorted(results.statuses.items()):
        lines.append(f"{status:15} {clause}")
        lines += [f"    {text[:600]}" for text in results.said[clause] if not text.startswith("pass")]
    seconds = time.monotonic() - begun
    lines.append(
        f"{len(results.statuses)} clauses, {results.exchanges} exchanges, {seconds:.2f} s; left: {results.left}"
    )
    sys.stdout.write("\n".join([*lines, ""]))
    for mutant in MUTANTS if "--prove" in sys.argv else ():
        if any(fnmatch(clause, pattern) for clause in mutant.clauses):
            problems = prove(sys.argv[1], mutant, results)
            said = "NOT PROVEN" if problems else "proven"
            sys.stdout.write("\n    ".join([f"{said:10} {mutant.id}", *problems]) + "\n")


if __name__ == "__main__":
    main()
