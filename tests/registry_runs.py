"""The suite's tests of registries, run on a registry or on a mutant of it, without the plugin's run around them.

    python tests/registry_runs.py http://127.0.0.1:5000 [--prove] [PATTERN]
"""

from __future__ import annotations

import contextlib
import io
import secrets
import sys
import tempfile
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
from pytest_oci.status import Status
from pytest_oci.targets.registry.client import open_registry
from pytest_oci.targets.registry.pushed import Notes, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.mutants.registries import RegistryMutant

SUITE = Path(__file__).parents[1] / "conformance" / "distribution"
WORST = (Status.ERROR, Status.FAIL, Status.DEVIATION, Status.NOT_TESTABLE, Status.UNSUPPORTED, Status.ADVICE, Status.PASS)


@dataclass
class Results:
    """The worst status of each clause, and what its tests said; the exchanges that it took."""

    statuses: dict[str, Status] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    scenarios: dict[str, set[str]] = field(default_factory=dict)
    exchanges: int = 0
    left: list[str] = field(default_factory=list)

    def add(self, clause: str, status: Status, text: str) -> None:
        before = self.statuses.get(clause, Status.NOT_APPLICABLE)
        order = [*WORST, Status.NOT_APPLICABLE]
        self.statuses[clause] = min(before, status, key=order.index)
        self.said.setdefault(clause, []).append(f"{status}: {text}" if text else str(status))

    def broken(self) -> set[str]:
        return {clause for clause, status in self.statuses.items() if status in (Status.FAIL, Status.ADVICE, Status.ERROR)}


@dataclass
class _Plugin:
    """What the run would do: gives `observe`, and takes down how each test ended."""

    observer: RegistryObserver
    version: str
    pattern: str
    results: Results = field(default_factory=Results)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if any(fnmatch(name, self.pattern) for name in self._names(item))]

    @staticmethod
    def _names(item: pytest.Item) -> list[str]:
        return [name for mark in item.iter_markers("clause") for name in mark.args]

    def _clauses(self, item: pytest.Item) -> list[catalogue.Clause]:
        known = catalogue.load("distribution")
        return [known[name] for name in self._names(item) if known[name].binds(self.version)]

    @pytest.fixture
    def observe(self, request: pytest.FixtureRequest) -> Observe:
        made = Observe(self.observer, tuple(self._clauses(request.node)), self.version)
        request.node.user_properties.append(("shown", made.shown))
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[pytest.TestReport]:
        report: pytest.TestReport = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error is not None:
            clauses = tuple(self._clauses(item))
            status, reason = status_of(error, clauses, {})
            shown = next((value for name, value in item.user_properties if name == "shown"), [])
            for one in clauses:
                self.results.add(one.id, status, f"{item.name}: {reason or error}" if error else "")
                self.results.scenarios.setdefault(one.id, set()).update(seen.scenario for seen in shown)
        return report


def run_suite(url: str, *, pattern: str = "*", version: str = "1.1.1", workflows: frozenset[str] | None = None) -> Results:
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
                [str(SUITE), "-q", "-p", "no:cacheprovider", "-p", "no:terminalreporter", "--noconftest", "-c", "/dev/null"],
                plugins=[plugin, _Active()],
            )
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"pytest ended with {code}: {output.getvalue()}")
        plugin.results.exchanges = sum(len(seen.exchanges) for seen in store._seen.values())
        plugin.results.left = clean(registry, notes.noted)
        registry.close()
        return plugin.results


class _Active:
    """Keeps the plugin from saying that no product was given."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
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
    import time

    words = [word for word in sys.argv[2:] if not word.startswith("-")]
    begun = time.monotonic()
    results = run_suite(sys.argv[1], pattern=words[0] if words else "*")
    for clause, status in sorted(results.statuses.items()):
        print(f"{status:15} {clause}")
        for text in results.said[clause]:
            if not text.startswith(("pass", "not-app")):
                print(f"    {text[:400]}")
    print(f"{len(results.statuses)} clauses, {results.exchanges} exchanges, {time.monotonic() - begun:.2f} s; left: {results.left}")
    for mutant in MUTANTS if "--prove" in sys.argv else ():
        if not words or any(fnmatch(clause, words[0]) for clause in mutant.clauses):
            begun = time.monotonic()
            problems = prove(sys.argv[1], mutant, results)
            print(f"{'NOT PROVEN' if problems else 'proven'} {mutant.id} {time.monotonic() - begun:.2f} s", *problems, sep="\n    ")


if __name__ == "__main__":
    main()
