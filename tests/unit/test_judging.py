"""From a judgement to a status, from statuses to a verdict."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from support import make_clause, make_result

from pytest_oci import clause as mark
from pytest_oci import expect, not_applicable, not_testable, unsupported
from pytest_oci.deviations import Deviation
from pytest_oci.outcome import evidence_of, is_outcome, status_of
from pytest_oci.status import JUDGED, Status, worst
from pytest_oci.verdict import clause_statuses, reach_verdict
from pytest_oci.violations import (
    LONGEST_SHOWN,
    Advised,
    NotApplicable,
    Noted,
    NotTestable,
    Unsupported,
    Violation,
    same,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.catalogue import Clause
    from pytest_oci.violations import Expectation

MUST = make_clause("a.must")
OTHER = make_clause("a.other")
SHOULD = make_clause("a.should", level="SHOULD")


def test_the_worst_status_counts() -> None:
    """The order is the documented one, whatever the order of the tests."""
    order = ("error", "fail", "deviation", "not-testable", "unsupported", "advice", "pass", "not-applicable")

    assert tuple(Status) == order
    for number, status in enumerate(Status):
        assert worst(reversed(tuple(Status)[number:])) is status


def test_no_tests_have_no_status() -> None:
    """A clause without a test must not look like one that passed."""
    with pytest.raises(ValueError, match="empty"):
        worst([])


def test_what_was_not_asked_of_the_product_is_not_judged() -> None:
    """Suite trouble, missing prerequisites and clauses that bind nothing are no judgements."""
    assert set(Status) - JUDGED == {Status.ERROR, Status.NOT_TESTABLE, Status.NOT_APPLICABLE}


def deviation(clause: str) -> dict[str, Deviation]:
    return {clause: Deviation(clause, "on purpose", datetime.date(2030, 1, 2))}


VIOLATION = Violation("a", "b", ["line"])
ADVISED, NOTED = Advised("a", "b"), Noted("a", "b")


@pytest.mark.parametrize(
    ("error", "clauses", "declared", "status", "reason"),
    [
        pytest.param(None, (MUST,), {}, Status.PASS, "", id="pass"),
        pytest.param(VIOLATION, (MUST,), {}, Status.FAIL, "", id="fail"),
        pytest.param(VIOLATION, (SHOULD,), {}, Status.ADVICE, "advises", id="advice"),
        pytest.param(VIOLATION, (SHOULD, MUST), {}, Status.FAIL, "", id="one-of-them-absolute"),
        pytest.param(
            VIOLATION, (MUST,), deviation("a.must"), Status.DEVIATION, "2030-01-02: on purpose", id="declared"
        ),
        pytest.param(VIOLATION, (MUST,), deviation("a.other"), Status.FAIL, "", id="another-declared"),
        pytest.param(VIOLATION, (MUST, OTHER), deviation("a.must"), Status.FAIL, "", id="one-of-two-declared"),
        pytest.param(VIOLATION, (MUST, SHOULD), deviation("a.must"), Status.DEVIATION, "", id="the-absolute-declared"),
        pytest.param(VIOLATION, (SHOULD,), deviation("a.should"), Status.ADVICE, "advises", id="declared-advice"),
        pytest.param(ADVISED, (MUST,), {}, Status.ADVICE, "kept in one reading", id="doubtful"),
        pytest.param(NOTED, (MUST,), {}, Status.ADVICE, "no sentence demands", id="noted"),
        pytest.param(NOTED, (MUST,), deviation("a.must"), Status.ADVICE, "only shown", id="declared-and-noted"),
        pytest.param(None, (MUST,), deviation("a.must"), Status.PASS, "", id="declared-but-kept"),
        pytest.param(NotTestable("host: no"), (MUST,), {}, Status.NOT_TESTABLE, "host: no", id="not-testable"),
        pytest.param(Unsupported("refused"), (MUST,), {}, Status.UNSUPPORTED, "refused", id="unsupported"),
        pytest.param(NotApplicable("none"), (MUST,), {}, Status.NOT_APPLICABLE, "none", id="not-applicable"),
        pytest.param(AssertionError("x"), (MUST,), {}, Status.ERROR, "AssertionError: x", id="plain-assert"),
        pytest.param(KeyError("x"), (MUST,), deviation("a.must"), Status.ERROR, "KeyError: 'x'", id="any-exception"),
        pytest.param(pytest.skip.Exception("x"), (MUST,), {}, Status.ERROR, "Skipped: x", id="a-skip-is-no-pass"),
    ],
)
def test_the_end_of_a_test_means_a_status(
    error: BaseException | None,
    clauses: tuple[Clause, ...],
    declared: dict[str, Deviation],
    status: Status,
    reason: str,
) -> None:
    """Only the outcomes of a judgement say something of the product; all else is the suite's trouble."""
    found, text = status_of(error, clauses, declared)

    assert found is status
    assert reason in text


def test_evidence_comes_from_judgements_only() -> None:
    """Other exceptions bring none, and are no outcome."""
    assert evidence_of(VIOLATION) == ("line",)
    assert evidence_of(NotTestable("host: x", ["more"])) == ("more",)
    assert evidence_of(KeyError("x")) == ()
    assert is_outcome(VIOLATION)
    assert is_outcome(None)
    assert not is_outcome(AssertionError())


def test_a_clause_takes_the_worst_of_its_tests() -> None:
    """A test may judge several clauses, a clause may have several tests."""
    results = [make_result(Status.PASS, "a", "b"), make_result(Status.FAIL, "b"), make_result(Status.ERROR, "c")]

    assert clause_statuses(results) == {"a": Status.PASS, "b": Status.FAIL, "c": Status.ERROR}


@pytest.mark.parametrize(
    ("statuses", "word", "reasons"),
    [
        pytest.param({"a.must": "pass", "a.other": "pass"}, "conformant", (), id="all-pass"),
        pytest.param({"a.must": "pass", "a.other": "unsupported"}, "conformant", (), id="one-unsupported"),
        pytest.param({"a.must": "pass", "a.other": "not-applicable"}, "conformant", (), id="one-not-applicable"),
        pytest.param({"a.must": "pass", "a.other": "pass", "a.should": "advice"}, "conformant", (), id="advice"),
        pytest.param({"a.must": "pass"}, "undecided", ("1 were not run",), id="one-missing"),
        pytest.param({"a.must": "pass", "a.other": "not-testable"}, "undecided", ("1 are not testable here",), id="nt"),
        pytest.param({"a.must": "pass", "a.other": "error"}, "undecided", ("1 could not be judged",), id="error"),
        pytest.param(
            {"a.must": "fail", "a.other": "pass"}, "not conformant", ("1 absolute clauses failed",), id="fail"
        ),
        pytest.param(
            {"a.must": "deviation", "a.other": "pass"}, "not conformant", ("1 failed and are declared",), id="deviation"
        ),
        pytest.param(
            {"a.must": "fail", "a.other": "error"}, "not conformant", ("1 absolute", "1 could not"), id="fail-and-error"
        ),
        pytest.param({}, "undecided", ("2 were not run",), id="nothing-run"),
        pytest.param(
            {"a.must": "unsupported", "a.other": "not-applicable"}, "undecided", ("no absolute clause",), id="none-kept"
        ),
    ],
)
def test_the_verdict(statuses: dict[str, str], word: str, reasons: tuple[str, ...]) -> None:
    """Only a product of which nothing is open is conformant, and every other verdict has its reasons."""
    verdict = reach_verdict([MUST, OTHER, SHOULD], {key: Status(value) for key, value in statuses.items()})

    assert verdict.word == word
    assert len(verdict.reasons) == len(reasons)
    assert all(found.startswith(wanted) for found, wanted in zip(verdict.reasons, reasons, strict=True))


def test_a_verdict_on_nothing_is_undecided_and_says_so() -> None:
    """Neither an empty catalogue nor one of advice alone makes a product conformant."""
    for clauses in ([], [SHOULD]):
        verdict = reach_verdict(clauses, {"a.should": Status.PASS})

        assert (verdict.word, verdict.reasons) == ("undecided", ("no absolute clause was judged",))


def test_excluded_clauses_are_not_missed_and_planned_ones_are() -> None:
    """What nobody can observe keeps nobody from being conformant; what is not written yet does."""
    excluded = make_clause("a.excluded", fate="excluded", reason="nobody can see it")
    planned = make_clause("a.planned", fate="planned")

    assert reach_verdict([MUST, excluded], {"a.must": Status.PASS}).word == "conformant"
    verdict = reach_verdict([MUST, planned], {"a.must": Status.PASS})
    assert (verdict.word, verdict.reasons) == ("undecided", ("1 have no test yet",))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1, True),
        (True, 1, False),
        (0, False, False),
        (1.0, 1, False),
        (1.5, 1.5, True),
        ("1", 1, False),
        (None, False, False),
        ([1, "a"], [1, "a"], True),
        ([True], [1], False),
        ((1, 2), [1, 2], True),
        ([1], [1, 1], False),
        ({"a": {"b": [1]}}, {"a": {"b": [1]}}, True),
        ({"a": {"b": [1]}}, {"a": {"b": [True]}}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": 1.0}, {"a": 1}, False),
        ("a", ["a"], False),
        ({1, 2}, {2, 1}, True),
    ],
    ids=str,
)
def test_values_are_the_same_with_their_types(one: object, other: object, equal: bool) -> None:
    """At any depth, and in both directions."""
    assert same(one, other) is equal
    assert same(other, one) is equal


HOLDS: dict[str, Callable[[Expectation[Any]], None]] = {
    "equals": lambda it: it.equals(1),
    "differs": lambda it: it.differs_from(2),
    "is-in-list": lambda it: it.is_in([3, 1]),
    "is-in-range": lambda it: it.is_in(range(3)),
    "satisfies": lambda it: it.satisfies(lambda value: value < 2, "less than 2"),
}


@pytest.mark.parametrize("judge", HOLDS.values(), ids=HOLDS)
def test_what_holds_is_silent(judge: Callable[[Expectation[Any]], None]) -> None:
    """A judgement that holds raises nothing."""
    judge(expect(1))


BROKEN: dict[str, tuple[object, Callable[[Expectation[Any]], None], str, str]] = {
    "equals": (2, lambda it: it.equals(1), "1", "2"),
    "equals-bool": (True, lambda it: it.equals(1), "1", "True"),
    "equals-nested": ({"a": [True]}, lambda it: it.equals({"a": [1]}), "{'a': [1]}", "{'a': [True]}"),
    "differs": (2, lambda it: it.differs_from(2), "anything but 2", "2"),
    "true": (1, lambda it: it.is_true(), "true", "1"),
    "false": (0, lambda it: it.is_false(), "false", "0"),
    "none": ("", lambda it: it.is_none(), "nothing", "''"),
    "empty": (["a"], lambda it: it.is_empty(), "none", "['a']"),
    "not-empty": ([], lambda it: it.is_not_empty(), "at least one", "[]"),
    "in": ("c", lambda it: it.is_in(["a", "b"]), "one of ['a', 'b']", "c"),
    "in-bool": (True, lambda it: it.is_in([1]), "one of [1]", "True"),
    "in-set-unhashable": (["a"], lambda it: it.is_in({"a"}), "one of {'a'}", "['a']"),
    "contains": ([1], lambda it: it.contains(2), "something that contains 2", "[1]"),
    "contains-no-container": (None, lambda it: it.contains(2), "something that contains 2", "None"),
    "lacks": ([2], lambda it: it.lacks(2), "something without 2", "[2]"),
    "satisfies": (3, lambda it: it.satisfies(lambda value: value < 2, "less than 2"), "less than 2", "3"),
}


@pytest.mark.parametrize(("value", "judge", "expected", "actual"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_hold_is_a_violation_with_words(
    value: object, judge: Callable[[Expectation[Any]], None], expected: str, actual: str
) -> None:
    """It says what was expected, what came, and takes its evidence along."""
    with pytest.raises(Violation) as caught:
        judge(expect(value, "it", ["seen"]))

    assert (caught.value.expected, caught.value.actual) == (f"it: {expected}", actual)
    assert caught.value.evidence == ("seen",)
    assert str(caught.value) == f"expected it: {expected}, got {actual}"


def test_shown_values_are_one_line_and_cut_visibly() -> None:
    """Nothing that a product says can fill or garble the screen."""
    assert show("plain") == "plain"
    assert show("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert show("") == "''"
    assert show("x" * (LONGEST_SHOWN + 5)) == "x" * LONGEST_SHOWN + "… (5 more characters)"


def test_other_ends_of_a_test() -> None:
    """Each helper ends the test with its outcome and reason."""
    with pytest.raises(NotTestable, match="host: none") as caught:
        not_testable("host: none", "a line")
    assert caught.value.evidence == ("a line",)
    with pytest.raises(Unsupported, match="refused"):
        unsupported("refused")
    with pytest.raises(NotApplicable, match="nothing to bind"):
        not_applicable("nothing to bind")


def test_the_decorator_needs_a_clause() -> None:
    """A test that judges no clause is none of the suite's."""
    assert mark("a.b", "a.c").mark.args == ("a.b", "a.c")
    with pytest.raises(TypeError, match="at least one"):
        mark()
