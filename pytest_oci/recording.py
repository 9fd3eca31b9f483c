"""Recording a run: results and observations into the ledger, then the verdict, the exit status and the summary."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci import settings
from pytest_oci.conditions import conditions
from pytest_oci.kinds import KINDS
from pytest_oci.ledger import LedgerWriter
from pytest_oci.report import terminal
from pytest_oci.report.header import ledger_header
from pytest_oci.results import Result
from pytest_oci.status import JUDGED, Status
from pytest_oci.verdict import CONFORMANT, Verdict, clause_statuses, reach_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.run import Run

PYTEST_DEFAULT = "fE"
"""What pytest's short summary lists unless the user says otherwise."""
DECIDED_BY_RESULTS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""pytest's own exit statuses that the results may change; the others are about the session."""


class Recorder:
    """The plugin object that keeps the books of a run, in the controller only."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run = run
        self.asked = settings.asked(config)
        self.only_collect = bool(config.option.collectonly)
        self.results: list[Result] = []
        self.outside_failed = False
        self.suite_broke = False
        self.uncollected = False
        self.verdict: Verdict | None = None
        self._ledger: LedgerWriter | None = None
        self._open_files(config)

    def _open_files(self, config: pytest.Config) -> None:
        """What cannot be written is told now, not after the whole run. Raises pytest.UsageError."""
        ledger, tap = self.run.settings.ledger, self.run.settings.tap
        try:
            if tap is not None:
                Path(tap).touch()
        except OSError as error:
            raise pytest.UsageError(f"the TAP file {tap} cannot be written: {error.strerror}") from None
        if ledger is None or self.only_collect:
            return
        started = datetime.datetime.now(datetime.UTC)
        header = ledger_header(
            self.run.given, self.run.given.host, config.invocation_params.args, started, conditions(config)
        )
        try:
            self._ledger = LedgerWriter(Path(ledger), header)
        except OSError as error:
            raise pytest.UsageError(f"the ledger {ledger} cannot be written: {error.strerror}") from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect results."""
        data = getattr(report, "oci", None)
        if data is None:
            if report.nodeid.startswith("conformance/"):
                self.suite_broke |= report.failed  # a worker died under the test
            else:
                self.outside_failed |= report.failed
            return
        result = Result.from_json(data)
        self.results.append(result)
        if self._ledger is not None:
            for clause in result.clauses:
                self._ledger.write({"type": "result", "clause": clause, **_without(result.to_json(), "clauses")})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice test files that cannot even be read."""
        self.uncollected |= report.failed

    @property
    def silent(self) -> bool:
        """Whether nothing was to be judged: tests were only listed, or the ini file's target is not theirs."""
        return self.only_collect or (not self.asked and not self.results)

    @property
    def keeps_ledger(self) -> bool:
        """Whether there is a ledger to put observations into."""
        return self._ledger is not None

    def record_observation(self, observation: Mapping[str, Any]) -> None:
        """Put an observation, as plain data, into the ledger."""
        if self._ledger is not None:
            self._ledger.write({"type": "observation", **observation})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Reach the verdict and the exit status; seal the ledger."""
        statuses = clause_statuses(self.results)
        self.verdict = reach_verdict(self.run.applicable(), statuses)
        if exitstatus == pytest.ExitCode.INTERRUPTED and self.uncollected and not self.silent:
            exitstatus = pytest.ExitCode.INTERNAL_ERROR
            session.exitstatus = exitstatus
        if exitstatus in DECIDED_BY_RESULTS and not self.run.settings.prove and not self.silent:
            session.exitstatus = self._exit_status(statuses)
        self._close_ledger(statuses, int(session.exitstatus))
        if self.run.settings.tap is not None:
            from pytest_oci.report.tap import tap

            interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
            text = tap(statuses, self.run.catalogue, self.results, interrupted=interrupted)
            Path(self.run.settings.tap).write_text(text, encoding="utf-8")

    def _exit_status(self, statuses: Mapping[str, Status]) -> int:
        found = set(statuses.values())
        if Status.FAIL in found or self.outside_failed:
            return int(pytest.ExitCode.TESTS_FAILED)
        if self.run.settings.require and self.verdict and self.verdict.word != CONFORMANT:
            return int(pytest.ExitCode.TESTS_FAILED)
        if Status.ERROR in found or self.suite_broke or self.uncollected:
            return int(pytest.ExitCode.INTERNAL_ERROR)
        if not found & JUDGED:
            return int(pytest.ExitCode.NO_TESTS_COLLECTED)
        return int(pytest.ExitCode.OK)

    def _close_ledger(self, statuses: Mapping[str, Status], exit_status: int) -> None:
        if self._ledger is None or self.verdict is None:
            return
        for clause in self.run.catalogue.values():
            if self.run.asks(clause):
                reason = self.run.not_applicable(clause)
                if reason is not None:
                    record = {"clause": clause.id, "test": None, "status": "not-applicable", "reason": reason}
                    self._ledger.write({"type": "result", **record})
        self._ledger.close(
            {
                "counts": {status: sum(1 for value in statuses.values() if value is status) for status in Status},
                "verdict": self.verdict.word,
                "reasons": list(self.verdict.reasons),
                "exit_status": exit_status,
                "interrupted": exit_status == pytest.ExitCode.INTERRUPTED,
                "ended": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            }
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary."""
        if self.verdict is None or self.run.settings.prove or self.silent:
            return
        if terminalreporter.config.option.reportchars == PYTEST_DEFAULT and not self.outside_failed:
            for listed in PYTEST_DEFAULT:  # pytest's short summary would say all of it again
                terminalreporter.reportchars = terminalreporter.reportchars.replace(listed, "")
        terminalreporter.section("oci conformance")
        statuses = clause_statuses(self.results)
        text = terminal.summary(
            statuses,
            self.run.catalogue,
            self.results,
            self.verdict,
            self.run.given.subject,
            stale=[clause for clause in self.run.given.deviations if statuses.get(clause) is Status.PASS],
            apart=[group for kind in sorted(self.run.settings.targets) for group in KINDS[kind].apart],
            width=min(terminalreporter._tw.fullwidth, 140),  # noqa: SLF001
            colour=terminalreporter._tw.hasmarkup,  # noqa: SLF001
        )
        sys.stdout.flush()
        terminalreporter.write(text)


def _without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}
