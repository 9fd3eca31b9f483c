"""Selecting the tests of a run, and turning the way each ended into a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_oci import catalogue, selection, subjects
from pytest_oci.host import host
from pytest_oci.kinds import KINDS
from pytest_oci.node_ids import set_node_id
from pytest_oci.outcome import evidence_of, is_outcome, status_of
from pytest_oci.report import failure, junit, terminal
from pytest_oci.report.header import header_lines
from pytest_oci.results import Result
from pytest_oci.run import CLAUSES, SHOWN
from pytest_oci.status import Status
from pytest_oci.suite import suite_directory, test_name
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_oci.catalogue import Clause
    from pytest_oci.observation import Observation
    from pytest_oci.run import Run


class Judge:
    """The plugin object that ties tests to clauses and gives their results, in every worker."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._options = run.settings.command_line()

    def pytest_report_header(self) -> list[str]:
        """Product, versions and host."""
        return header_lines(self.run.given, host())

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each document that it can judge."""
        subjects.generate(metafunc, self.run)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Tests that judge a target though they were made for others are selected by its marker, too."""
        for kind in self.run.settings.targets:
            if subjects.borrowed(kind, item):
                item.add_marker(KINDS[kind].marker)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests of the given targets, versions and patterns; tie each to its clauses."""
        kept, dropped = [], []
        for item in items:
            marks = list(item.iter_markers("clause"))
            if not marks:
                kept.append(item)
                continue
            clauses = self._clauses_of(item, [clause for mark in marks for clause in mark.args])
            if clauses:
                item.stash[CLAUSES] = clauses
                item.stash[SHOWN] = []
                if item.path.is_relative_to(suite_directory()):
                    set_node_id(item, f"conformance/{test_name(item.path, item.name)}")
                item.user_properties.extend(junit.properties(clauses))
                kept.append(item)
            else:
                dropped.append(item)
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = kept

    def _clauses_of(self, item: pytest.Item, ids: Iterable[str]) -> tuple[Clause, ...]:
        """Those clauses of a test that this run is about."""
        product = subjects.product_of(item, self.run)
        if product is None:
            return ()
        clauses = []
        for clause_id in ids:
            clause = self.run.catalogue.get(clause_id) or catalogue.load().get(clause_id)
            if clause is None:
                raise pytest.UsageError(f"{item.nodeid}: there is no clause {clause_id}")
            shown = subjects.can_show(product, clause, self.run)
            if shown and self.run.judged(clause) and selection.matches(clause, self.run.settings.clauses):
                clauses.append(clause)
        return tuple(clauses)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
        """Turn the way a test ended into a result, and say it in the words that pytest and JUnit have."""
        clauses = item.stash.get(CLAUSES, ())
        error = call.excinfo.value if call.excinfo else None
        if clauses and error is not None and is_outcome(error):
            # Costly, and replaced below; the second is what pytest asks where a fixture ended the test.
            item.repr_failure = _no_traceback  # type: ignore[method-assign]
            item._repr_failure_py = _no_traceback  # type: ignore[method-assign,assignment] # noqa: SLF001
        report: pytest.TestReport = yield  # type: ignore[misc,assignment] # pluggy's wrapper protocol
        if clauses and (error is not None or call.when == "call"):
            self._adapt(report, item, clauses, error)
        return report  # type: ignore[return-value]

    def _adapt(
        self, report: pytest.TestReport, item: pytest.Item, clauses: tuple[Clause, ...], error: BaseException | None
    ) -> None:
        if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
            return
        status, reason = status_of(error, clauses, self.run.given.deviations)
        shown = item.stash.get(SHOWN, [])
        result = Result(
            test=test_name(item.path, item.name),
            clauses=tuple(clause.id for clause in clauses),
            status=status,
            duration=round(report.duration, 6),
            expected=printable(getattr(error, "expected", "")),
            actual=printable(getattr(error, "actual", "")),
            reason=printable(reason),
            evidence=self._evidence(item, status, error, shown),
            reproduce=failure.reproduce_line(self._options, clauses[0].id),
            scenarios=tuple(observation.scenario for observation in shown),
        )
        report.oci = result.to_json()  # type: ignore[attr-defined] # travels to the controller as plain data
        # On the item: JUnit takes the properties of the last report, teardown's, which is made from it later.
        item.user_properties[:] = [entry for entry in item.user_properties if entry[0] != "oci.status"]
        if status not in (Status.PASS, Status.FAIL, Status.ERROR):
            item.user_properties.append(("oci.status", str(status)))
        report.user_properties = list(item.user_properties)
        if status is Status.PASS:
            return
        text = failure.failure_text(result, clauses)
        if status is Status.ERROR:
            report.outcome = "failed"
            report.when = "setup" if report.when == "call" else report.when  # the suite's trouble is pytest's error
            report.longrepr = f"{text}\n\n{report.longreprtext}" if not is_outcome(error) else text
        elif status is Status.FAIL:
            report.outcome = "failed"
            report.longrepr = text
        else:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.location[1] or 0, f"{status}: {result.reason}\n{text}")

    def _evidence(
        self, item: pytest.Item, status: Status, error: BaseException | None, shown: list[Observation]
    ) -> tuple[str, ...]:
        if status is Status.PASS:
            return ()
        document = subjects.document_of(item, self.run)
        lines = [f"in {document.path}"] if document is not None else []
        layout = self.run.given.layout
        if layout is not None and item.get_closest_marker("image"):
            lines.append(f"in the layout {layout.name}")
        lines += evidence_of(error)
        if status in (Status.FAIL, Status.ADVICE, Status.DEVIATION, Status.UNSUPPORTED) and shown:
            lines += failure.call_lines(shown[-1].calls)
        return tuple(map(printable, lines))

    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Statuses that pytest has no word for."""
        data = getattr(report, "oci", None)
        if data is None or report.outcome != "skipped":
            return None
        status = Status(data["status"])
        return str(status), terminal.LETTERS[status], (status.upper(), {terminal.PYTEST_COLOURS[status]: True})


def _no_traceback(excinfo: object, style: object = None) -> str:  # noqa: ARG001 - as pytest calls it
    """A judgement explains itself: where in the suite it was reached says nothing about the product."""
    return ""
