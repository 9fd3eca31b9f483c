"""What ledgers say of a product: clause by clause, hosts joined, nothing hidden and nothing believed blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CLAUSES, FOOTER, HEADER, OBSERVATION, SCENARIO, everything, records_of
from support import make_clause, make_result

from pytest_oci.ledger import LedgerError
from pytest_oci.report.view import NOT_RUN, View, view
from pytest_oci.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.results import Result

PASSING = [make_result(Status.PASS, clause.id) for clause in CLAUSES.values() if clause.fate != "excluded"]


def viewed(tmp_path: Path, *runs: list[Result], **changed: Any) -> View:
    return view(
        [records_of(tmp_path / f"{place}.jsonl", results, **changed) for place, results in enumerate(runs)], CLAUSES
    )


def statuses(found: View) -> dict[str, str]:
    return {entry.id: str(entry.status) for entry in found.entries}


def test_a_run(tmp_path: Path) -> None:
    """Every clause that asks something of the product is there, one that was not run as well."""
    found = viewed(tmp_path, everything())

    assert statuses(found) == {
        **{f"runtime.state.{status}": str(status) for status in Status},
        "runtime.start.advised": "not-testable",
        "runtime.start.not-run": NOT_RUN,
    }
    assert found.verdict.word == "not conformant"
    assert "1 were not run" in found.verdict.reasons
    assert [clause.id for clause in found.excluded] == ["config.process.excluded"]
    assert found.subject == "crun version 1.8.1"
    assert found.notes == ()
    assert found.transcripts[0, SCENARIO].calls.startswith("$ crun state x\n")


def test_what_keeps_a_verdict_from_being_conformant(tmp_path: Path) -> None:
    """Absolute clauses that failed, were not judged or not run; no recommendation."""
    keeping = {entry.id for entry in viewed(tmp_path, everything()).entries if entry.keeps}

    assert keeping == {
        *(f"runtime.state.{status}" for status in ("fail", "error", "deviation", "not-testable")),
        "runtime.start.not-run",
    }


def test_a_clause_takes_the_worst_of_its_tests(tmp_path: Path) -> None:
    """Within a run nothing is outvoted."""
    both = [make_result(Status.PASS, "runtime.state.pass"), make_result(Status.NOT_TESTABLE, "runtime.state.pass")]

    assert statuses(viewed(tmp_path, both))["runtime.state.pass"] == "not-testable"


def test_no_line_says_that_a_clause_binds_nothing(tmp_path: Path) -> None:
    """Without a test that is the catalogue's to say: a line that says it of a clause that binds is taken for none."""
    first, *rest = PASSING
    told = make_result(Status.NOT_APPLICABLE, *first.clauses, test="", reason="not a duty here")
    found = viewed(tmp_path, [told, *rest])

    assert statuses(found)[first.clauses[0]] == NOT_RUN
    assert found.verdict.word == "undecided"


def test_what_failed_counts_although_it_binds_nothing(tmp_path: Path) -> None:
    """A failed clause of another platform or version, which no run of this suite judges."""
    clauses = {**CLAUSES, "runtime.state.windows": make_clause("runtime.state.windows", platform="windows")}
    told = [*PASSING, make_result(Status.FAIL, "runtime.state.windows")]

    assert view([records_of(tmp_path / "run.jsonl", told)], clauses).verdict.word == "not conformant"


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (Status.NOT_TESTABLE, Status.PASS, "pass"),
        (Status.PASS, Status.NOT_TESTABLE, "pass"),
        (Status.NOT_TESTABLE, Status.FAIL, "fail"),
        (Status.FAIL, Status.PASS, "fail"),
        (Status.NOT_APPLICABLE, Status.PASS, "pass"),
        (Status.UNSUPPORTED, Status.PASS, "unsupported"),
        (Status.ERROR, Status.PASS, "error"),
        (Status.NOT_TESTABLE, Status.NOT_TESTABLE, "not-testable"),
    ],
)
def test_hosts_are_joined(tmp_path: Path, first: Status, second: Status, joined: str) -> None:
    """A clause passes if it passed where it was testable, and failed nowhere."""
    found = viewed(tmp_path, *([make_result(status, "runtime.state.pass")] for status in (first, second)))

    assert statuses(found)["runtime.state.pass"] == joined
    assert len(found.ledgers) == 2


def test_hosts_are_joined_test_by_test(tmp_path: Path) -> None:
    """What only one host could judge counts, whatever the other could not; what no host could judge stays open."""
    judged, open_ = Status.PASS, Status.NOT_TESTABLE

    def run(first: Status, second: Status) -> list[Result]:
        tests = (("one", first), ("two", second))
        return [make_result(status, "runtime.state.pass", test=test) for test, status in tests]

    halves = viewed(tmp_path, run(judged, open_), run(open_, judged))
    assert statuses(halves)["runtime.state.pass"] == "pass"
    same_half = viewed(tmp_path, run(judged, open_), run(judged, open_))
    assert statuses(same_half)["runtime.state.pass"] == "not-testable"


def test_ledgers_of_different_products_are_not_joined(tmp_path: Path) -> None:
    """Of the same version, but of other bytes; where it was installed means nothing."""
    moved = {**HEADER["targets"][0], "path": "/elsewhere/crun"}
    records = [records_of(tmp_path / "a", PASSING), records_of(tmp_path / "b", PASSING)]
    records[1][0]["targets"] = [moved]
    assert view(records, CLAUSES).verdict.word == "conformant"

    records[1][0]["targets"] = [{**moved, "sha256": "cd" * 32}]
    with pytest.raises(LedgerError, match="different products"):
        view(records, CLAUSES)


def test_the_footer_is_not_believed(tmp_path: Path) -> None:
    """The verdict follows from the results; what the footer says else is noted."""
    found = viewed(tmp_path, everything(), footer={**FOOTER, "verdict": "conformant", "interrupted": True})

    assert found.verdict.word == "not conformant"
    assert "footer says 'conformant'" in found.notes[0]
    assert "interrupted" in found.notes[1]


def test_clauses_of_another_suite_are_no_pass(tmp_path: Path) -> None:
    """They are taken to be absolute, and nobody can call the product conformant."""
    found = viewed(tmp_path, [*PASSING, make_result(Status.PASS, "runtime.state.made-up")])

    assert found.verdict.word == "undecided"
    assert found.verdict.reasons == ("1 are of another version of the suite",)
    assert viewed(tmp_path, PASSING).verdict.word == "conformant"


def test_a_kind_of_target_that_nobody_knows(tmp_path: Path) -> None:
    """What was judged is shown; the product cannot be called conformant, since clauses may be missing."""
    header = {**HEADER, "targets": [{"kind": "hypervisor", "path": "x"}]}
    found = viewed(tmp_path, PASSING[:1], header=header)

    assert list(statuses(found)) == [PASSING[0].clauses[0]]
    assert found.subject == "hypervisor x"
    assert found.verdict.word == "undecided"
    assert "may be missing" in found.verdict.reasons[-1]


WRONG_RESULTS: dict[str, dict[str, Any]] = {
    "no-clause": {"clause": None},
    "status": {"status": "passed"},
    "status-list": {"status": ["pass"]},
    "duration": {"duration": "1"},
    "evidence": {"evidence": "text"},
    "evidence-of-numbers": {"evidence": [1]},
    "expected": {"expected": {"a": 1}},
}


@pytest.mark.parametrize("change", WRONG_RESULTS.values(), ids=WRONG_RESULTS)
def test_a_result_of_another_form_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """With the number of its line."""
    records = records_of(tmp_path / "ledger", PASSING)
    records[2].update(change)

    with pytest.raises(LedgerError, match="line 3 is no result"):
        view([records], CLAUSES)


@pytest.mark.parametrize(
    "change",
    [{"calls": 5}, {"calls": [{}]}, {"facts": "x", "trouble": {"a": 1}}, {"scenario": 1}, {"exchanges": [1]}],
    ids=str,
)
def test_an_observation_of_another_form_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """As well."""
    records = records_of(tmp_path / "ledger", PASSING, observations=[{**OBSERVATION, **change}])

    with pytest.raises(LedgerError, match="line 2 is no observation"):
        view([records], CLAUSES)


@pytest.mark.parametrize(
    "change", [{"targets": []}, {"targets": 1}, {"host": None}, {"claimed": 7}, {"suite": "x"}], ids=str
)
def test_a_header_of_another_form_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """As well."""
    records = records_of(tmp_path / "ledger", PASSING, header={**HEADER, **change})

    with pytest.raises(LedgerError, match="header or footer"):
        view([records], CLAUSES)
