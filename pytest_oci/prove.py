"""`--oci-prove`: instead of judging the product, show that the tests can fail, on products with one fault each.

A proof belongs to a mutant. All tests are first run on the product itself; then those that judge the mutant's clauses
are run on the mutant and have to fail, and so have all others that need no scenario beyond theirs not to. A mutant that
was recorded is compared with its sound recording instead, and no product takes part.
"""

from __future__ import annotations

import time
from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from _pytest.runner import runtestprotocol

from pytest_oci.kinds import KINDS
from pytest_oci.results import Result
from pytest_oci.run import CLAUSES, PRODUCTS, SHOWN
from pytest_oci.status import Status
from pytest_oci.subjects import THE_BUNDLE
from pytest_oci.verdict import clause_statuses
from pytest_oci.violations import Outcome, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_oci.run import Run

BROKEN = frozenset({Status.FAIL, Status.ADVICE})
KEPT = frozenset({Status.PASS})
LEFT_OPEN = frozenset({Status.NOT_TESTABLE, Status.UNSUPPORTED})
UNBOUND = frozenset({Status.NOT_APPLICABLE})
"""The product itself gives the clause nothing to bind; a mutant may."""


class Mutant(Protocol):
    """What a proof has to know of a mutant."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """All clauses that it breaks."""

    @property
    def summary(self) -> str:
        """What it does wrong."""

    @property
    def mends(self) -> bool:
        """Whether it keeps those clauses instead, where the product breaks them."""

    @property
    def kind(self) -> str:
        """The kind of target that it stands in for."""

    @property
    def base(self) -> str:
        """Of what it is a broken copy: the product itself if empty."""

    @property
    def recorded(self) -> bool:
        """Whether it is a recording, to be compared with a sound one."""


class Products(Protocol):
    """Where tests can be run: the product itself and its mutants."""

    def mutants(self) -> Sequence[Mutant]:
        """Every mutant that can stand in for a product that was given."""

    def fixture(self, name: str, place: int) -> object:
        """What the fixture of this name gives where a test can be called without pytest; KeyError if it cannot.

        `place` says which of the bundles and configurations given is meant (pytest_oci.subjects).
        """

    def use(self, mutant: Any) -> None:
        """Run tests on this mutant from now on."""

    def use_base(self, mutant: Any) -> None:
        """Run tests on what this mutant is a broken copy of."""

    def use_product(self) -> None:
        """Run tests on the product under test."""

    def close(self) -> None:
        """Remove what products outside of the run's directory have of it."""


class Proof(pytest.Item):
    """One mutant, or one clause that no mutant proves."""

    def __init__(self, *, mutant: Mutant | None, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.mutant = mutant

    def runtest(self) -> None:
        """Never called: the prover carries proofs out itself."""
        raise NotImplementedError

    def reportinfo(self) -> tuple[str, int, str]:
        """What pytest shows as the item's place."""
        return "prove", 0, self.name


class Prover:
    """The plugin object that replaces the tests by proofs."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.items: list[pytest.Item] = []
        self._had: dict[tuple[str, pytest.Item], Result] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Put proofs in the place of the suite's tests."""
        self.items = [item for item in items if CLAUSES in item.stash]
        judged = {clause.id for item in self.items for clause in item.stash[CLAUSES]}
        mutants = [mutant for mutant in config.stash[PRODUCTS].mutants() if judged & set(mutant.clauses)]
        proofs = [Proof.from_parent(session, name=f"prove::{mutant.id}", mutant=mutant) for mutant in mutants]
        bare = sorted(judged - {clause for mutant in mutants for clause in mutant.clauses})
        proofs += [Proof.from_parent(session, name=f"prove::no-mutant::{clause}", mutant=None) for clause in bare]
        items[:] = proofs

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Carry a proof out."""
        if not isinstance(item, Proof):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        began, clock = time.time(), time.monotonic()
        outcome, text = self._prove(item)
        seconds = time.monotonic() - clock
        recorded = [("oci.recorded", "yes")] if item.mutant is not None and item.mutant.recorded else []
        said = text if outcome == "failed" else ("prove", 0, text) if outcome == "skipped" else None
        for when, how, longrepr in (("call", outcome, said), ("teardown", "passed", None)):  # JUnit waits for the last
            report = pytest.TestReport(
                nodeid=item.nodeid,
                location=item.location,
                keywords={},
                outcome=how,  # type: ignore[arg-type]
                longrepr=longrepr,
                when=when,  # type: ignore[arg-type]
                duration=seconds if when == "call" else 0.0,
                start=began,
                stop=began + seconds,
                user_properties=[("oci.mutant", item.name), ("oci.proof", text), *recorded],
            )
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _prove(self, item: Proof) -> tuple[str, str]:
        """`passed`, `failed` or `skipped`, and why."""
        mutant = item.mutant
        if mutant is None:
            return "failed", "the clause is judged by a test, but no mutant shows that the test can fail"
        products = item.config.stash[PRODUCTS]
        if mutant.recorded:
            return self._prove_on_recordings(products, mutant)
        results = self._on_base(products, mutant)
        plain = clause_statuses(results.values())
        targets = [clause for clause in mutant.clauses if clause in plain]
        open_ = {clause: plain[clause] for clause in targets if plain[clause] not in KEPT | BROKEN | UNBOUND}
        if open_ and not mutant.mends:
            on = f"the mutant {mutant.base}" if mutant.base else "the product"
            return "skipped", "; ".join(f"{clause} is {status} on {on}" for clause, status in open_.items())
        done = [clause for clause in targets if plain[clause] in (KEPT if mutant.mends else BROKEN)]
        if done:
            what = "keeps" if mutant.mends else "breaks"
            who = f"the mutant {mutant.base}" if mutant.base else "the product itself"
            return "skipped", f"{who} {what} {', '.join(done)}"
        products.use(mutant)
        try:
            return self._compare(products, mutant, targets, plain, results)
        finally:
            products.use_product()

    def _on_base(self, products: Products, mutant: Mutant) -> Mapping[pytest.Item, Result]:
        """The results on the mutant's base of the tests that its proof may look at; each is had once."""
        tests = [
            test for test in self.items if test.get_closest_marker(KINDS[mutant.kind].marker) and self._binding(test)
        ]
        if mutant.kind == "runtime" and mutant.base:
            tests = self._near(mutant, self._on("", tests, products.use_product))
        return self._on(mutant.base, tests, lambda: products.use_base(mutant))

    def _on(self, base: str, tests: Sequence[pytest.Item], use: Callable[[], None]) -> Mapping[pytest.Item, Result]:
        use()
        for test in tests:
            if (base, test) not in self._had:
                self._had[base, test] = self._on_product(test)
        return {test: self._had[base, test] for test in tests}

    @staticmethod
    def _near(mutant: Mutant, plain: Mapping[pytest.Item, Result]) -> list[pytest.Item]:
        """The tests that judge the mutant's clauses, and those that share a scenario with them."""
        judging = [result for result in plain.values() if set(result.clauses) & set(mutant.clauses)]
        shared = {scenario for result in judging for scenario in result.scenarios}
        return [
            test
            for test, result in plain.items()
            if set(result.clauses) & set(mutant.clauses) or set(result.scenarios) & shared
        ]

    def _compare(
        self,
        products: Products,
        mutant: Mutant,
        targets: Sequence[str],
        plain: Mapping[str, Status],
        results: Mapping[pytest.Item, Result],
    ) -> tuple[str, str]:
        judging = [test for test, result in results.items() if set(result.clauses) & set(targets)]
        first = {test: self._on_product(test) for test in judging}
        played = {scenario for result in first.values() for scenario in result.scenarios}
        others = [
            test
            for test, result in results.items()
            if test not in first and set(result.scenarios) <= played and (result.scenarios or mutant.kind != "runtime")
        ]
        if mutant.kind != "runtime":
            others = [test for test in others if not _plainly_keeps(test, products)]
        second = {test: self._on_product(test) for test in others}
        statuses = clause_statuses([*first.values(), *second.values()])
        idle = [clause for clause in targets if {plain[clause], statuses.get(clause)} <= UNBOUND]
        if idle:
            return "skipped", f"nothing for {', '.join(idle)} to bind, on the product and on the mutant"
        wanted = KEPT if mutant.mends else BROKEN
        left = {statuses.get(clause) for clause in targets} & LEFT_OPEN
        if mutant.mends and left:
            return "skipped", f"even the mended product leaves clauses {' and '.join(sorted(map(str, left)))} here"
        unseen = [clause for clause in targets if statuses.get(clause) is Status.NOT_TESTABLE]
        if unseen and all(_said(clause, first.values()).startswith("product:") for clause in unseen):
            return "skipped", f"on this product a fault of {', '.join(unseen)} cannot be seen"
        problems = [
            f"{clause} is {statuses.get(clause)}: {_said(clause, first.values())}"
            for clause in targets
            if statuses.get(clause) not in wanted
        ]
        problems += [
            f"{clause} is {status} too: {_said(clause, [*first.values(), *second.values()])}"
            for clause, status in statuses.items()
            if clause not in mutant.clauses and status in BROKEN | {Status.ERROR} and _harmed(plain.get(clause), mutant)
        ]
        return ("failed", f"{mutant.summary}\n" + "\n".join(problems)) if problems else ("passed", mutant.summary)

    def _prove_on_recordings(self, products: Products, mutant: Mutant) -> tuple[str, str]:
        """Compare the tests that judge the mutant's clauses, and their neighbours, on the two recordings."""
        targets = set(mutant.clauses)
        files = {test.path for test in self.items if targets & _ids(test)}
        tests = [test for test in self.items if test.path in files and test.get_closest_marker(mutant.kind)]
        try:
            products.use_base(mutant)
            for test in tests:
                if (mutant.base, test) not in self._had:
                    self._had[mutant.base, test] = self._result(test)
            sound = {test: self._had[mutant.base, test] for test in tests}
            kept = [test for test in tests if targets & _ids(test) or sound[test].status is Status.PASS]
            products.use(mutant)
            faulty = {test: self._result(test) for test in kept}
        finally:
            products.use_product()
        before, after = clause_statuses(sound[test] for test in kept), clause_statuses(faulty.values())
        problems = [
            f"{clause} is {before[clause]} on the sound recording: {_said(clause, sound.values())}"
            for clause in sorted(targets & before.keys())
            if before[clause] not in KEPT
        ]
        problems += [
            f"{clause} is {after[clause]}: {_said(clause, faulty.values())}"
            for clause in sorted(targets & after.keys())
            if after[clause] not in BROKEN
        ]
        problems += [
            f"{clause} is {status} too: {_said(clause, faulty.values())}"
            for clause, status in after.items()
            if clause not in targets and status in BROKEN | {Status.ERROR} and before[clause] in KEPT
        ]
        return ("failed", f"{mutant.summary}\n" + "\n".join(problems)) if problems else ("passed", mutant.summary)

    def _binding(self, test: pytest.Item) -> tuple[str, ...]:
        """The clauses of a test that bind the product: what is only recorded does not."""
        return tuple(clause.id for clause in test.stash[CLAUSES] if self.run.not_applicable(clause) is None)

    def _on_product(self, test: pytest.Item) -> Result:
        """Run one test on the product in use."""
        return replace(self._result(test), clauses=self._binding(test))

    @staticmethod
    def _result(test: pytest.Item) -> Result:
        """Run one test on the product or recording in use."""
        test.stash[SHOWN].clear()
        test._initrequest()  # type: ignore[attr-defined] # noqa: SLF001
        reports = runtestprotocol(test, log=False, nextitem=None)
        found = [Result.from_json(report.oci) for report in reports if hasattr(report, "oci")]
        return min(found, key=lambda result: list(Status).index(result.status))


def _plainly_keeps(test: pytest.Item, products: Products) -> bool:
    """Whether a test breaks nothing when it is called without pytest, whose protocol costs a hundred times as much."""
    assert isinstance(test, pytest.Function)
    given: dict[str, Any] = dict(test.callspec.params) if hasattr(test, "callspec") else {}
    place = given.pop("bundle", THE_BUNDLE)
    try:
        names = signature(test.function).parameters
        test.function(**{name: given[name] if name in given else products.fixture(name, place) for name in names})
    except Outcome as end:
        return not isinstance(end, Violation)
    except Exception:  # noqa: BLE001 - whatever it is, the test is run properly then
        return False
    return True


def _ids(test: pytest.Item) -> set[str]:
    return {clause.id for clause in test.stash[CLAUSES]}


def _harmed(plain: Status | None, mutant: Mutant) -> bool:
    """Whether a clause that is broken on the mutant was not so on the product.

    What could not be tested there may come to light, and fail, once a mutant mends what it depends on.
    """
    return plain in KEPT if mutant.mends else plain not in BROKEN


def _said(clause: str, results: Iterable[Result]) -> str:
    texts = (
        result.reason or f"expected {result.expected}, got {result.actual}" if result.status is not Status.PASS else ""
        for result in results
        if clause in result.clauses
    )
    return "; ".join(text for text in texts if text)
