"""An active run: it selects, turns outcomes into results, records them and reaches the exit status and the verdict."""

from __future__ import annotations

import datetime
import sys
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pytest_oci
from pytest_oci import catalogue, selection, settings
from pytest_oci.deviations import Deviation, DeviationError, read_deviations
from pytest_oci.host import host
from pytest_oci.ledger import LedgerError, LedgerWriter, read_ledger
from pytest_oci.node_ids import set_node_id
from pytest_oci.outcome import evidence_of, is_outcome, status_of
from pytest_oci.report import failure, junit, terminal
from pytest_oci.results import Result
from pytest_oci.status import JUDGED, Status
from pytest_oci.suite import suite_directory, test_name
from pytest_oci.targets.profile import ProfileError
from pytest_oci.targets.runtime import Runtime, TargetError, open_runtime
from pytest_oci.text import printable
from pytest_oci.verdict import CONFORMANT, Verdict, clause_statuses, reach_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_oci.catalogue import Clause
    from pytest_oci.observation import Observation
    from pytest_oci.targets.bundle import Bundle

CLAUSES = pytest.StashKey[tuple["catalogue.Clause", ...]]()
"""On an item: the clauses that it judges in this run."""
SHOWN = pytest.StashKey[list["Observation"]]()
"""On an item: the observations that its test was shown."""
RUN = pytest.StashKey["Run"]()
"""On the config: the active run."""


def activate(config: pytest.Config) -> None:
    """Open the targets and register the run. Raises pytest.UsageError in one line."""
    chosen = settings.read_settings(config)
    if not chosen.targets:
        raise pytest.UsageError("name the product to judge: --oci-runtime=NAME_OR_PATH or --oci-bundle=DIR")
    if chosen.replay and (chosen.prove or chosen.runtime):
        raise pytest.UsageError("--oci-replay judges without the product: leave --oci-runtime and --oci-prove out")
    run = Run(config, chosen)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "oci-run")
    config.pluginmanager.import_plugin("pytest_oci.fixtures.plugin")
    if chosen.prove:
        config.pluginmanager.register(import_module("pytest_oci.prove").Prover(run), "oci-prove")


class Run:
    """The plugin object of an active run; in a worker of xdist it judges, in the controller it records."""

    def __init__(self, config: pytest.Config, chosen: settings.Settings) -> None:
        self.config = config
        self.replayed = self._read_replayed(chosen.replay)
        self.settings = chosen
        self.asked = settings.asked(config)
        self.worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
        self.catalogue = catalogue.load(*sorted({selection.TARGET_SPECS[kind] for kind in chosen.targets}))
        self.platforms = selection.host_platforms()
        self.deviations = self._read_deviations()
        self.runtime = self._open_runtime()
        self.bundle = self._open_bundle()
        self.settings = replace(chosen, claimed=self._claimed())
        self.results: list[Result] = []
        self.outside_failed = False
        self.suite_broke = False
        self.uncollected = False
        self.started = datetime.datetime.now(datetime.UTC)
        self.verdict: Verdict | None = None
        self._check_places()
        self._ledger: LedgerWriter | None = None
        if chosen.ledger and not self.worker and not config.option.collectonly:
            self._ledger = self._open_ledger(Path(chosen.ledger))

    # Setting up

    def _read_deviations(self) -> Mapping[str, Deviation]:
        if self.settings.deviations is None:
            return {}
        today = datetime.datetime.now(datetime.UTC).date()
        try:
            return read_deviations(Path(self.settings.deviations), catalogue.load(), today)
        except DeviationError as error:
            raise pytest.UsageError(str(error)) from None

    def _open_runtime(self) -> Runtime | None:
        chosen = self.settings
        if chosen.runtime is None:
            return None
        try:
            with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
                return open_runtime(chosen.runtime, chosen.runtime_args, chosen.runtime_profile, Path(scratch))
        except (TargetError, ProfileError) as error:
            raise pytest.UsageError(str(error)) from None

    def _open_bundle(self) -> Bundle | None:
        if self.settings.bundle is None:
            return None
        from pytest_oci.targets.bundle import BundleError, open_bundle

        try:
            return open_bundle(self.settings.bundle, to_be_started=self.settings.bundle_to_start)
        except BundleError as error:
            raise pytest.UsageError(str(error)) from None

    @staticmethod
    def _read_replayed(path: str | None) -> list[dict[str, Any]] | None:
        if path is None:
            return None
        try:
            return read_ledger(Path(path))
        except LedgerError as error:
            raise pytest.UsageError(str(error)) from None

    def _claimed(self) -> Mapping[str, str]:
        """What is claimed where the user claims nothing: a replayed ledger's claim, or a lone bundle's ociVersion."""
        chosen = self.settings
        if chosen.versions_given:
            return chosen.claimed
        if self.replayed is not None:
            claimed: Mapping[str, str] = self.replayed[0]["claimed"]
            return claimed
        minor = self.bundle.minor_version if self.bundle and self.runtime is None else None
        pinned = catalogue.VERSIONS["runtime"].get(minor or "")
        return {**chosen.claimed, "runtime": pinned} if pinned else chosen.claimed

    def _check_places(self) -> None:
        """What is only needed at the end is looked at now, not after the whole run."""
        place = self.settings.tap
        if place is not None and not self.worker:
            try:
                Path(place).touch()
            except OSError as error:
                raise pytest.UsageError(f"the TAP file {place} cannot be written: {error.strerror}") from None

    def _open_ledger(self, path: Path) -> LedgerWriter:
        try:
            return LedgerWriter(path, self.header())
        except OSError as error:
            raise pytest.UsageError(f"the ledger {path} cannot be written: {error.strerror}") from None

    def header(self) -> dict[str, Any]:
        """The ledger's header: suite, versions, product, host, command line."""
        return {
            "suite": {"name": "pytest-oci", "version": pytest_oci.__version__},
            "claimed": dict(self.settings.claimed),
            "targets": list(self._identities()),
            "host": host().to_json(),
            "deviations": {name: deviation.reason for name, deviation in self.deviations.items()},
            "command_line": list(self.config.invocation_params.args),
            "started": self.started.isoformat(timespec="seconds"),
        }

    def _identities(self) -> Iterator[dict[str, Any]]:
        if self.replayed is not None:
            yield from self.replayed[0]["targets"]
        if self.runtime is not None:
            yield self.runtime.identity()
        if self.bundle is not None:
            yield self.bundle.identity()

    @property
    def subject(self) -> str:
        """The products under test, in a few words."""
        return ", ".join(str(target.get("version") or target["path"]) for target in self._identities())

    def pytest_report_header(self) -> list[str]:
        """Product, versions and host."""
        lines = []
        for target in self._identities():
            details = [str(target["path"]), *target.get("arguments", ())]
            if "sha256" in target:
                details.append(f"sha256:{target['sha256'][:16]}…")
            if "profile" in target:
                details.append(f"profile {target['profile']}")
            lines.append(f"oci {target['kind']}: {target.get('version', '')} ({', '.join(details)})")
        specs = sorted({selection.TARGET_SPECS[kind] for kind in self.settings.targets})
        lines.append("oci specification: " + ", ".join(f"{spec}-spec {self.settings.claimed[spec]}" for spec in specs))
        here = host()
        user = "root" if here.root else f"uid {here.uid}"
        lines.append(
            f"oci host: Linux {here.kernel} {here.architecture}, cgroups {here.cgroups}, "
            f"LSMs {' '.join(here.lsms) or 'none'}, {user}, missing {' '.join(here.missing_capabilities) or 'no'} "
            "capabilities"
            if here.root
            else f"oci host: Linux {here.kernel} {here.architecture}, cgroups {here.cgroups}, {user}"
        )
        return lines

    # Selecting

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
        if not any(item.get_closest_marker(kind) for kind in self.settings.targets):
            return ()
        clauses = []
        for clause_id in ids:
            clause = self.catalogue.get(clause_id) or catalogue.load().get(clause_id)
            if clause is None:
                raise pytest.UsageError(f"{item.nodeid}: there is no clause {clause_id}")
            reason = selection.not_applicable_reason(clause, self.settings.claimed, self.platforms)
            if reason is None and selection.matches(clause, self.settings.clauses):
                clauses.append(clause)
        return tuple(clauses)

    # Judging

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
        """Turn the way a test ended into a result, and say it in the words that pytest and JUnit have."""
        clauses = item.stash.get(CLAUSES, ())
        error = call.excinfo.value if call.excinfo else None
        if clauses and error is not None and is_outcome(error):
            item.repr_failure = _no_traceback  # type: ignore[method-assign] # costly, and replaced below
        report: pytest.TestReport = yield  # type: ignore[misc,assignment] # pluggy's wrapper protocol
        if clauses and (error is not None or call.when == "call"):
            self._adapt(report, item, clauses, error)
        return report  # type: ignore[return-value]

    def _adapt(
        self, report: pytest.TestReport, item: pytest.Item, clauses: tuple[Clause, ...], error: BaseException | None
    ) -> None:
        if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
            return
        status, reason = status_of(error, clauses, self.deviations)
        shown = item.stash.get(SHOWN, [])
        result = Result(
            test=test_name(item.path, item.name),
            clauses=tuple(clause.id for clause in clauses),
            status=status,
            duration=round(report.duration, 6),
            expected=printable(getattr(error, "expected", "")),
            actual=printable(getattr(error, "actual", "")),
            reason=printable(reason),
            evidence=self._evidence(status, error, shown),
            reproduce=failure.reproduce_line(self.settings.command_line(), clauses[0].id),
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

    @staticmethod
    def _evidence(status: Status, error: BaseException | None, shown: list[Observation]) -> tuple[str, ...]:
        if status is Status.PASS:
            return ()
        lines = list(evidence_of(error))
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

    # Recording

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect results in the controller."""
        if self.worker:
            return
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
        return self.config.option.collectonly or (not self.asked and not self.results)

    def record_observation(self, observation: Observation) -> None:
        """Put an observation into the ledger."""
        if self._ledger is not None:
            self._ledger.write({"type": "observation", **observation.to_json()})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Reach the verdict and the exit status; seal the ledger."""
        if self.worker:
            return
        statuses = clause_statuses(self.results)
        self.verdict = self._verdict(statuses)
        if exitstatus == pytest.ExitCode.INTERRUPTED and self.uncollected and not self.silent:
            exitstatus = pytest.ExitCode.INTERNAL_ERROR
            session.exitstatus = exitstatus
        if (
            not self.settings.prove
            and not self.silent
            and exitstatus
            in (
                pytest.ExitCode.OK,
                pytest.ExitCode.TESTS_FAILED,
                pytest.ExitCode.NO_TESTS_COLLECTED,
            )
        ):
            session.exitstatus = self._exit_status(statuses)
        self._close_ledger(statuses, int(session.exitstatus))
        if self.settings.tap is not None:
            from pytest_oci.report.tap import tap

            Path(self.settings.tap).write_text(tap(statuses, self.catalogue, self.results), encoding="utf-8")

    def applicable(self) -> list[Clause]:
        """Every clause that asks something of the targets in this run, selected or not."""
        return selection.applicable(self.catalogue, self.settings.targets, self.settings.claimed, self.platforms)

    def _verdict(self, statuses: Mapping[str, Status]) -> Verdict:
        return reach_verdict(self.applicable(), statuses)

    def _exit_status(self, statuses: Mapping[str, Status]) -> int:
        found = set(statuses.values())
        if Status.FAIL in found or self.outside_failed:
            return int(pytest.ExitCode.TESTS_FAILED)
        if self.settings.require and self.verdict and self.verdict.word != CONFORMANT:
            return int(pytest.ExitCode.TESTS_FAILED)
        if Status.ERROR in found or self.suite_broke or self.uncollected:
            return int(pytest.ExitCode.INTERNAL_ERROR)
        if not found & JUDGED:
            return int(pytest.ExitCode.NO_TESTS_COLLECTED)
        return int(pytest.ExitCode.OK)

    def _close_ledger(self, statuses: Mapping[str, Status], exit_status: int) -> None:
        if self._ledger is None or self.verdict is None:
            return
        for clause in self.catalogue.values():
            if clause.subject in self.settings.targets:
                reason = selection.not_applicable_reason(clause, self.settings.claimed, self.platforms)
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
        if self.verdict is None or self.settings.prove or self.silent:
            return
        terminalreporter.section("oci conformance")
        statuses = clause_statuses(self.results)
        text = terminal.summary(
            statuses,
            self.catalogue,
            self.results,
            self.verdict,
            self.subject,
            stale=[clause for clause in self.deviations if statuses.get(clause) is Status.PASS],
            width=min(terminalreporter._tw.fullwidth, 140),  # noqa: SLF001
            colour=terminalreporter._tw.hasmarkup,  # noqa: SLF001
        )
        sys.stdout.flush()
        terminalreporter.write(text)


def _no_traceback(excinfo: object, style: object = None) -> str:  # noqa: ARG001 - as pytest calls it
    """A judgement explains itself: where in the suite it was reached says nothing about the product."""
    return ""


def _without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}
