"""What a run says to people and machines, to the letter."""

from __future__ import annotations

import re

import pytest
from support import make_clause, make_result

from pytest_oci.report import failure, junit, terminal
from pytest_oci.report.tap import tap
from pytest_oci.results import Result
from pytest_oci.status import Status
from pytest_oci.targets.runtime import Call
from pytest_oci.verdict import Verdict

ID = make_clause("runtime.state.id", summary="The state has the container's id.")
STATUS = make_clause("runtime.state.status", contention="What `creating` means is disputed.")
ADVICE = make_clause("config.process.advice", level="SHOULD", document="config.md", anchor="process")
CLAUSES = {clause.id: clause for clause in (ID, STATUS, ADVICE)}

CALL = Call("state", ("crun", "state", "a b"), "exited", 0, '{\n "id": "x"\n}\n', "warning: odd\n", 0.0412)

RESULT = make_result(
    Status.FAIL,
    "runtime.state.id",
    "runtime.state.status",
    expected="id: oci-1",
    actual="x",
    evidence=tuple(failure.call_lines([CALL])),
    reproduce=failure.reproduce_line(["--oci-runtime=my crun"], "runtime.state.id"),
)

FAILURE = """\
runtime.state.id  MUST, runtime-spec, runtime.md
  The state has the container's id.

runtime.state.status  MUST, runtime-spec, runtime.md
  The state names the container.

  expected   id: oci-1
  actual     x
  evidence   $ crun state 'a b'
               exit status 0, 41 ms
               stdout: {"id": "x"}
               stderr: warning: odd
  text       https://github.com/opencontainers/runtime-spec/blob/v1.3.0/runtime.md#state
  note       What `creating` means is disputed.
  reproduce  pytest '--oci-runtime=my crun' --oci-clause=runtime.state.id"""


def test_a_failure_explains_itself() -> None:
    """Clauses, expected and actual, the calls, where it stands, what is disputed, how to see it again."""
    assert failure.failure_text(RESULT, [ID, STATUS]) == FAILURE


def test_a_reason_takes_the_place_of_expected_and_actual() -> None:
    """What is not testable has nothing else to say."""
    text = failure.failure_text(
        make_result(Status.NOT_TESTABLE, ID.id, reason="host: the run's user is not root"), [ID]
    )

    assert text.splitlines()[3:] == [
        "  reason     host: the run's user is not root",
        f"  text       {ID.reference}",
    ]


def test_long_output_and_many_calls_are_cut_visibly() -> None:
    """A failure stays one screen."""
    long = Call("start", ("crun", "start"), "timeout", 9, "y" * 1000, "", 10.0)
    lines = failure.call_lines([CALL] * 8 + [long])

    assert lines[0] == "(3 earlier calls are in the ledger)"
    assert sum(line.startswith("$ ") for line in lines) == failure.SHOWN_CALLS
    assert lines[-3:] == [
        "$ crun start",
        "  did not end within 10.0 s and was killed, 10000 ms",
        f"  stdout: {'y' * failure.SHOWN_OUTPUT}… (600 more characters)",
    ]
    assert failure.call_lines([]) == []


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 10, "\x00\x01", "NaN", "9" * 5000])
def test_no_output_of_a_product_breaks_its_failure_text(text: str) -> None:
    """Whatever it printed in the place of JSON."""
    lines = failure.call_lines([Call("state", ("x",), "exited", 0, text, "", 0.0)])

    assert len("\n".join(lines)) < 1000


def test_output_cannot_steer_the_terminal() -> None:
    """Control characters of a product are shown, not obeyed."""
    lines = failure.call_lines([Call("state", ("x",), "exited", 1, "", "a\x1b[2Jb\x07\tc\nd\u009b1m", 0.0)])

    assert lines[2:] == ["  stderr: a\\x1b[2Jb\\x07\tc", "  stderr: d\\x9b1m"]


def test_junit_properties() -> None:
    """One `oci.clause` for each clause; what they share stands once."""
    assert junit.properties([ID, STATUS, ADVICE]) == [
        ("oci.clause", "runtime.state.id"),
        ("oci.clause", "runtime.state.status"),
        ("oci.clause", "config.process.advice"),
        ("oci.level", "MUST"),
        ("oci.level", "SHOULD"),
        ("oci.spec", "runtime"),
        ("oci.reference", ID.reference),
        ("oci.reference", ADVICE.reference),
    ]


REFERENCE = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/runtime.md#state"
TAP = f"""\
TAP version 14
1..3
ok 1 - a.pass
  ---
  status: pass
  level: MUST
  reference: "{REFERENCE}"
  ...
not ok 2 - a.fail
  ---
  status: fail
  level: MUST
  reference: "{REFERENCE}"
  expected: "\\"x\\"\\nand more"
  actual: "y\\\\u202e"
  reproduce: "pytest"
  evidence:
    - "$ crun state"
    - "  exit status 0"
  ...
ok 3 - a.unsupported # SKIP unsupported
  ---
  status: unsupported
  level: MUST
  reference: "{REFERENCE}"
  reason: "refused"
  ...
"""


def test_tap() -> None:
    """One test point a clause, in order, with the result that gave it its status."""
    clauses = {identifier: make_clause(identifier) for identifier in ("a.pass", "a.fail", "a.unsupported")}
    statuses = {"a.pass": Status.PASS, "a.fail": Status.FAIL, "a.unsupported": Status.UNSUPPORTED}
    results = [
        make_result(Status.PASS, "a.pass", "a.fail"),
        make_result(
            Status.FAIL,
            "a.fail",
            expected='"x"\nand more',
            actual="y\u202e",
            reproduce="pytest",
            evidence=("$ crun state", "  exit status 0"),
        ),
        make_result(Status.ADVICE, "a.fail", reason="a later and lesser thing"),
        make_result(Status.UNSUPPORTED, "a.unsupported", reason="refused"),
    ]

    assert tap(statuses, clauses, results) == TAP


@pytest.mark.parametrize(
    ("status", "point"),
    [
        (Status.PASS, "ok"),
        (Status.ADVICE, "ok"),
        (Status.UNSUPPORTED, "ok"),
        (Status.NOT_APPLICABLE, "ok"),
        (Status.FAIL, "not ok"),
        (Status.ERROR, "not ok"),
        (Status.DEVIATION, "not ok"),
        (Status.NOT_TESTABLE, "not ok"),
    ],
)
def test_tap_calls_ok_only_what_is(status: Status, point: str) -> None:
    """A skip never looks like a pass, and a declared failure is a failure."""
    text = tap({"a.b": status}, {"a.b": make_clause("a.b")}, [make_result(status, "a.b")])

    assert text.splitlines()[2].split(" 1 - ")[0] == point


def test_tap_of_nothing() -> None:
    """A plan of no test points."""
    assert tap({}, {}, []) == "TAP version 14\n1..0\n"
    assert tap({}, {}, [], interrupted=True).endswith("\nBail out! the run was interrupted\n")


RESULTS = [
    make_result(Status.PASS, ADVICE.id),
    RESULT,
    make_result(Status.FAIL, "runtime.state.id", expected="another", actual="thing"),
]
STATUSES = {ADVICE.id: Status.PASS, ID.id: Status.FAIL, STATUS.id: Status.FAIL}

SUMMARY = """\

 section                     level      pass   fail
 ──────────────────────────────────────────────────
 config.md  config.process   advice        1
 runtime.md  runtime.state   absolute             2

failed clauses
  runtime.state.id
    expected id: oci-1, got x
    pytest '--oci-runtime=my crun' --oci-clause=runtime.state.id
  runtime.state.status
    expected id: oci-1, got x
    pytest '--oci-runtime=my crun' --oci-clause=runtime.state.id

crun 1.8.1: not conformant
  2 absolute clauses failed
"""


def summary(results: list[Result], statuses: dict[str, Status], *, width: int = 80, colour: bool = False) -> str:
    verdict = Verdict("not conformant", ("2 absolute clauses failed",))
    return terminal.summary(statuses, CLAUSES, results, verdict, "crun 1.8.1", width=width, colour=colour)


def test_the_summary() -> None:
    """Table, failed clauses once each with the command that shows them again, verdict and reasons."""
    text = summary(RESULTS, STATUSES)

    assert [line.rstrip() for line in text.splitlines()] == [line.rstrip() for line in SUMMARY.splitlines()]


@pytest.mark.parametrize("width", [40, 60, 100, 140])
def test_the_summary_keeps_to_its_width(width: int) -> None:
    """Only commands are longer: they have to be copied."""
    long = [make_result(Status.NOT_TESTABLE, ID.id, reason="host: " + "word " * 60)]
    text = summary(RESULTS + long, STATUSES, width=width)

    assert all(len(line) <= width for line in text.splitlines() if "--oci-clause" not in line)


def test_reasons_are_said_once() -> None:
    """Many clauses with the same missing thing are one entry, with a number."""
    clauses = {f"a.b{number}": make_clause(f"a.b{number}") for number in range(12)}
    results = [make_result(Status.NOT_TESTABLE, identifier, reason="host: not root") for identifier in clauses]
    text = terminal.summary(
        dict.fromkeys(clauses, Status.NOT_TESTABLE),
        clauses,
        results,
        Verdict("undecided", ()),
        "x",
        width=100,
        colour=False,
    )

    assert text.count("host: not root") == 1
    assert re.search(r"12: a\.b0, a\.b1, .* …", text)


def test_colour_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says."""
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert "\x1b" not in summary(RESULTS, STATUSES)
    assert "\x1b" in summary(RESULTS, STATUSES, colour=True)


def test_markup_of_a_product_is_text() -> None:
    """Square brackets mean nothing to the summary."""
    text = summary([make_result(Status.FAIL, ID.id, expected="[red]x[/red]", actual="[/]")], {ID.id: Status.FAIL})

    assert "expected [red]x[/red], got [/]" in text


def test_every_status_has_its_letter_and_colour() -> None:
    """None is told by pytest's `s`, which looks harmless."""
    assert set(terminal.LETTERS) == set(terminal.COLOURS) == set(Status)
    assert len(set(terminal.LETTERS.values())) == len(Status)
    assert "s" not in terminal.LETTERS.values()


def test_results_survive_json() -> None:
    """As they travel from worker to controller."""
    assert Result.from_json(RESULT.to_json()) == RESULT
