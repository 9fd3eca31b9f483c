"""What a run leaves for machines: JUnit, ledger, TAP, and its exit status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any

import pytest
from plugin_runs import LIFECYCLE, OUTCOMES, junit

from pytest_oci.ledger import LedgerError, read_ledger
from tools.junit_check import count_problems, gitlab_problems, ledger_problems

if TYPE_CHECKING:
    from pathlib import Path

    from plugin_runs import Plugin

DEVIATION = "[[deviation]]\nclause = '{}'\nreason = 'on purpose'\nexpires = 2999-01-01\n"

STATUSES = {
    "runtime.state.id test_it.py::test_pass": "pass",
    "runtime.state.status test_it.py::test_fail": "fail",
    "runtime.state.pid test_it.py::test_fail": "fail",
    "config.linux.default-filesystems test_it.py::test_advice": "advice",
    "runtime.state.bundle test_it.py::test_unsupported": "unsupported",
    "runtime.ops.state.annotations test_it.py::test_not_testable": "not-testable",
    "runtime.ops.start.no-id-error test_it.py::test_not_applicable": "not-applicable",
    "runtime.ops.kill.no-id-error test_it.py::test_error": "error",
}


@pytest.fixture
def prepared(plugin: Plugin) -> Plugin:
    plugin.write("test_it.py", OUTCOMES)
    plugin.write("lifecycle/test_lifecycle.py", LIFECYCLE)
    plugin.write("status.toml", DEVIATION.format("runtime.state.status") + DEVIATION.format("runtime.state.pid"))
    plugin.write("pid.toml", DEVIATION.format("runtime.state.pid"))
    return plugin


def suite(path: Path) -> dict[str, str]:
    found = next(ElementTree.parse(path).iter("testsuite"))
    return {name: found.get(name, "") for name in ("tests", "failures", "errors", "skipped")}


def check_counts(path: Path) -> None:
    """The counts in a JUnit file's header are those of its content."""
    ends = [end for case in junit(path) for end in case["ends"]]
    assert suite(path) == {
        "tests": str(len(junit(path))),
        "failures": str(ends.count("failure")),
        "errors": str(ends.count("error")),
        "skipped": str(ends.count("skipped")),
    }


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_junit(prepared: Plugin, workers: tuple[str, ...]) -> None:
    """Every case names its clauses; statuses that pytest lacks are a property; errors are no failures."""
    run = prepared.apart if workers else prepared.run
    run(prepared.runtime, "test_it.py", "--junitxml=junit.xml", *workers)
    path = prepared.path / "junit.xml"
    cases = {case["name"]: case for case in junit(path)}

    check_counts(path)
    assert {name: (case["ends"], case["status"]) for name, case in cases.items()} == {
        "test_pass": ([], None),
        "test_fail": (["failure"], None),
        "test_advice": (["skipped"], "advice"),
        "test_unsupported": (["skipped"], "unsupported"),
        "test_not_testable": (["skipped"], "not-testable"),
        "test_not_applicable": (["skipped"], "not-applicable"),
        "test_error": (["error"], None),
    }
    reference = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/runtime.md#runtimeState"
    assert cases["test_fail"]["properties"] == [
        ("oci.clause", "runtime.state.status"),
        ("oci.clause", "runtime.state.pid"),
        ("oci.level", "REQUIRED"),
        ("oci.spec", "runtime"),
        ("oci.reference", reference),
    ]
    assert "expected   the number: 2" in cases["test_fail"]["text"]
    assert "KeyError: 'trouble'" in cases["test_error"]["text"]
    assert "the product says so" in cases["test_unsupported"]["text"]


def test_junit_of_a_deviation(prepared: Plugin) -> None:
    """It is skipped with its status, and its reason is in the text."""
    prepared.run(prepared.runtime, "test_it.py", "--junitxml=junit.xml", "--oci-deviations=status.toml")
    case = next(case for case in junit(prepared.path / "junit.xml") if case["name"] == "test_fail")

    assert (case["ends"], case["status"]) == (["skipped"], "deviation")
    assert "declared until 2999-01-01: on purpose" in case["text"]


TROUBLE = """
import pytest
from pytest_oci import clause, expect, not_testable, unsupported

pytestmark = pytest.mark.runtime

@pytest.fixture
def broken():
    raise RuntimeError("setup")

@pytest.fixture
def untidy():
    yield
    raise RuntimeError("teardown")

@pytest.fixture
def impossible():
    not_testable("host: no")

@clause("runtime.state.id")
def test_setup(broken): pass

@clause("runtime.state.pid")
def test_teardown(untidy): pass

@clause("runtime.state.status")
def test_fails_and_teardown(untidy): expect(1).equals(2)

@clause("runtime.state.bundle")
def test_unsupported_and_teardown(untidy): unsupported("x")

@clause("runtime.ops.state.annotations")
def test_setup_not_testable(impossible): pass

@clause("runtime.ops.kill.no-id-error")
def test_skips(): pytest.skip("no reason")

@clause("runtime.ops.delete.no-id-error")
@pytest.mark.skip(reason="none")
def test_skip_mark(): pass
"""


def test_trouble_around_a_test_is_an_error(prepared: Plugin) -> None:
    """Setup, teardown, and a skip that would look harmless; the counts are right even then."""
    prepared.write("test_it.py", TROUBLE)
    result = prepared.run(prepared.runtime, "test_it.py", "--junitxml=junit.xml", "--oci-ledger=ledger")
    statuses = prepared.statuses(prepared.path / "ledger")

    assert result.ret == 3
    assert {key.split("::")[1]: value for key, value in statuses.items() if "teardown" not in key} == {
        "test_setup": "error",
        "test_setup_not_testable": "not-testable",
        "test_skips": "error",
        "test_skip_mark": "error",
    }
    cases = {case["name"]: case for case in junit(prepared.path / "junit.xml")}
    assert cases["test_setup"]["ends"] == ["error"]
    assert cases["test_teardown"]["ends"] == ["error"]
    assert cases["test_skips"]["ends"] == ["error"]
    assert cases["test_setup_not_testable"]["status"] == "not-testable"
    assert cases["test_unsupported_and_teardown"]["status"] is None
    if pytest.version_tuple >= (9, 1):  # before, pytest counted a test twice that failed and had trouble in teardown
        check_counts(prepared.path / "junit.xml")


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_ledger(prepared: Plugin, workers: tuple[str, ...]) -> None:
    """Header, results, footer: who was judged, by what, on which host, and how it came out."""
    run = prepared.apart if workers else prepared.run
    words = [prepared.runtime, "test_it.py", "--oci-ledger=ledger", "--oci-spec-version=runtime:1.3", *workers]
    run(*words)
    header, *records, footer = read_ledger(prepared.path / "ledger")

    assert header["suite"]["name"] == "pytest-oci"
    assert header["claimed"] == {"runtime": "1.3.0", "image": "1.1.1", "distribution": "1.1.1"}
    (target,) = header["targets"]
    assert (target["kind"], target["path"], target["profile"]) == ("runtime", str(prepared.fake), "crun")
    assert (target["version"], target["arguments"], len(target["sha256"])) == ("crun version fake 1.0", [], 64)
    assert {"kernel", "architecture", "cgroups", "lsms", "uid", "missing_capabilities"} <= header["host"].keys()
    assert header["command_line"][-len(words) :] == words
    assert prepared.statuses(prepared.path / "ledger") == STATUSES
    failed = next(record for record in records if record["clause"] == "runtime.state.status")
    assert (failed["expected"], failed["actual"]) == ("the number: 2", "1")
    assert failed["reproduce"] == f"pytest {prepared.runtime} --oci-clause=runtime.state.status"
    assert all(record["duration"] >= 0 for record in records if record["test"])
    assert {record["status"] for record in records if not record["test"]} == {"not-applicable"}
    assert footer["counts"] == {
        "error": 1, "fail": 2, "deviation": 0, "not-testable": 1, "unsupported": 1, "advice": 1, "pass": 1,
        "not-applicable": 1,
    }  # fmt: skip
    assert (footer["verdict"], footer["exit_status"], footer["interrupted"]) == ("not conformant", 1, False)
    assert footer["reasons"]


def test_the_ledger_of_a_run_with_scenarios_holds_its_observations(prepared: Plugin) -> None:
    """Each once, with every call."""
    result = prepared.apart(prepared.runtime, "lifecycle", "--oci-ledger=ledger", "-n2")
    observations = [record for record in read_ledger(prepared.path / "ledger") if record["type"] == "observation"]

    assert result.ret == 0
    assert sorted(record["scenario"].partition("[")[0].rpartition(".")[2] for record in observations) == [
        "baseline",
        "run",
        "run",
    ]
    assert all(call["argv"][0] == str(prepared.fake) for record in observations for call in record["calls"])
    assert prepared.left_behind() == []


def test_a_ledger_is_judged_again_without_the_product(prepared: Plugin) -> None:
    """The same statuses, nothing is called, and the result is a ledger itself."""
    prepared.apart(prepared.runtime, "lifecycle", "--oci-ledger=first", "--oci-runtime-arg=--fault=wrong-status")
    result = prepared.run("--oci-replay=first", "lifecycle", "--oci-ledger=second")

    assert result.ret == 1
    first, second = (prepared.statuses(prepared.path / name) for name in ("first", "second"))
    assert first == second
    assert set(first.values()) == {"fail", "pass"}
    assert read_ledger(prepared.path / "second")[0]["targets"] == read_ledger(prepared.path / "first")[0]["targets"]
    result.stdout.fnmatch_lines(["oci runtime: crun version fake 1.0*"])


def test_a_replay_claims_what_was_claimed(prepared: Plugin) -> None:
    """The observations are those of bundles of that version."""
    prepared.apart(prepared.runtime, "lifecycle", "--oci-ledger=first", "--oci-spec-version=1.0")
    prepared.run("--oci-replay=first", "lifecycle", "--oci-ledger=second")

    assert prepared.statuses(prepared.path / "first") == prepared.statuses(prepared.path / "second")
    assert read_ledger(prepared.path / "second")[0]["claimed"]["runtime"] == "1.0.2"


def test_what_a_replayed_ledger_lacks_is_not_testable(prepared: Plugin) -> None:
    """Nobody can ask the product any more."""
    prepared.apart(prepared.runtime, "lifecycle", "-k", "created", "--oci-ledger=first")
    result = prepared.run("--oci-replay=first", "lifecycle", "--oci-ledger=second")

    assert set(prepared.statuses(prepared.path / "second").values()) == {"pass", "not-testable"}
    result.stdout.fnmatch_lines(["*limit: the replayed ledger holds no observation of this scenario*"])


def test_a_product_says_strange_things(prepared: Plugin) -> None:
    """Control characters and lone surrogates reach terminal, JUnit and ledger harmlessly, with workers too."""
    result = prepared.apart(
        prepared.runtime, "lifecycle", "--oci-runtime-arg=--fault=wrong-status", "--oci-ledger=ledger", "-n2",
        "--junitxml=junit.xml", "--oci-tap=tap",
    )  # fmt: skip

    assert result.ret == 1
    assert "\x1b[2J" not in result.stdout.str() + (prepared.path / "tap").read_text()
    assert any(record.get("facts", {}).get("created", {}).get("status") == "asleep\x1b[2J\ud800"
               for record in read_ledger(prepared.path / "ledger"))  # fmt: skip
    check_counts(prepared.path / "junit.xml")


def tap_points(path: Path) -> dict[str, dict[str, Any]]:
    """The test points of a TAP file by their names, as another's parser reads them, and their YAML as PyYAML does."""
    consumer = pytest.importorskip("tap.parser")
    pytest.importorskip("yaml")
    pytest.importorskip("more_itertools")
    lines = list(consumer.Parser().parse_file(str(path)))
    points = [line for line in lines if line.category == "test"]
    (plan,) = (line for line in lines if line.category == "plan")

    assert [line.category for line in lines[:2]] == ["version", "plan"]
    assert {line.category for line in lines[2:]} <= {"test"}
    assert [point.number for point in points] == list(range(1, plan.expected_tests + 1))
    return {
        point.description.removeprefix("- "): {
            "ok": point.ok,
            "skip": point.skip,
            "yaml": point.yaml_block,
        }
        for point in points
    }


STRANGE = """
import pytest
from pytest_oci import clause, expect, not_testable, unsupported

pytestmark = pytest.mark.runtime
LONG = "\\x00\\x1b[2J\\r\\n]]>\\ud800\\ufffe<&'\\" # ...\\n  ...\\nok 1\\u2028" + "x" * 200_000

@clause("runtime.state.id")
def test_fail():
    expect(LONG + "x" * 1_000_000, LONG).equals(LONG + "\\n")

@clause("runtime.state.status")
def test_unsupported():
    unsupported(LONG)

@clause("runtime.state.bundle")
def test_not_testable():
    not_testable("host: " + LONG)

@clause("runtime.ops.kill.no-id-error")
@pytest.mark.parametrize("text", [LONG[:40], "\\u2028"])
def test_error(text):
    raise KeyError(LONG)
"""
"""Whatever a product says: what XML and YAML cannot write, what ends a text in them, and a great deal of it."""


def test_whatever_a_product_says_is_read_by_others(prepared: Plugin) -> None:
    """JUnit by GitLab's rules and another reader, TAP and the YAML in it by others' parsers."""
    prepared.write("test_strange.py", STRANGE)
    prepared.run(
        prepared.runtime, "test_strange.py", "--junitxml=junit.xml", "--oci-tap=run.tap", "--oci-ledger=run.jsonl"
    )
    path = prepared.path / "junit.xml"

    check_counts(path)
    assert gitlab_problems(path) == []
    pytest.importorskip("junitparser")
    assert count_problems(path) == []
    assert ledger_problems(path, prepared.path / "run.jsonl") == []
    points = tap_points(prepared.path / "run.tap")
    assert {name: (point["ok"], point["skip"], point["yaml"]["status"]) for name, point in points.items()} == {
        "runtime.state.id": (False, False, "fail"),
        "runtime.state.status": (True, True, "unsupported"),
        "runtime.state.bundle": (False, False, "not-testable"),
        "runtime.ops.kill.no-id-error": (False, False, "error"),
    }
    assert all(point["yaml"]["level"] and point["yaml"]["reference"].startswith("https") for point in points.values())


def test_an_interrupted_run_says_so(prepared: Plugin) -> None:
    """Exit status 2, in the footer too."""
    prepared.write(
        "test_it.py", OUTCOMES + "\n@clause('runtime.ops.all-supported')\ndef test_z(): raise KeyboardInterrupt"
    )
    result = prepared.apart(prepared.runtime, "test_it.py", "--oci-ledger=ledger")
    footer = read_ledger(prepared.path / "ledger")[-1]

    assert result.ret == 2
    assert (footer["interrupted"], footer["exit_status"]) == (True, 2)
    assert prepared.statuses(prepared.path / "ledger") == STATUSES


def test_a_killed_run_leaves_a_ledger_that_nobody_reads(prepared: Plugin) -> None:
    """What it wrote is there, but it is no whole one."""
    dying = "\n@clause('runtime.state.id')\ndef test_z(): import os; os.kill(os.getpid(), 9)"
    prepared.write("test_it.py", OUTCOMES + dying)
    result = prepared.apart(prepared.runtime, "test_it.py", "--oci-ledger=ledger")

    assert result.ret == -9
    assert prepared.statuses(prepared.path / "ledger") == STATUSES
    with pytest.raises(LedgerError, match="has no footer"):
        read_ledger(prepared.path / "ledger")


EXITS: dict[str, tuple[list[str], int]] = {
    "pass": (["-k", "test_pass"], 0),
    "fail": (["-k", "test_fail"], 1),
    "fail-and-error": (["-k", "test_fail or test_error"], 1),
    "error": (["-k", "test_error"], 3),
    "error-and-pass": (["-k", "test_error or test_pass"], 3),
    "advice": (["-k", "test_advice"], 0),
    "unsupported": (["-k", "test_unsupported"], 0),
    "not-testable-alone": (["-k", "test_not_testable"], 5),
    "not-testable-and-pass": (["-k", "test_not_testable or test_pass"], 0),
    "not-applicable-alone": (["-k", "test_not_applicable"], 5),
    "nothing-selected": (["-k", "nothing_like_it"], 5),
    "declared": (["-k", "test_fail", "--oci-deviations=status.toml"], 0),
    "half-declared": (["-k", "test_fail", "--oci-deviations=pid.toml"], 1),
    "clause": (["--oci-clause=runtime.state.id"], 0),
    "clauses": (["--oci-clause=runtime.state.*"], 1),
    "clause-without-test": (["--oci-clause=runtime.ops.delete.no-id-error"], 5),
    "required": (["-k", "test_pass", "--oci-require=conformant"], 1),
    "declared-and-required": (["-k", "test_fail", "--oci-deviations=status.toml", "--oci-require=conformant"], 1),
    "stopped-at-the-first": (["-x"], 1),
}


@pytest.mark.parametrize(("words", "status"), EXITS.values(), ids=EXITS)
def test_exit_status(prepared: Plugin, words: list[str], status: int) -> None:
    """As the contract has it, and the ledger's footer says the same."""
    result = prepared.run(prepared.runtime, "test_it.py", "--oci-ledger=ledger", *words)

    assert result.ret == status
    assert read_ledger(prepared.path / "ledger")[-1]["exit_status"] == status


@pytest.mark.parametrize("words", [(), ("--continue-on-collection-errors",)], ids=["plain", "continued"])
def test_a_test_file_that_cannot_be_read_is_the_suites_trouble(prepared: Plugin, words: tuple[str, ...]) -> None:
    """Not an interruption, and never a success."""
    prepared.write("test_broken.py", "import no_such_module")

    assert prepared.run(prepared.runtime, "test_it.py", "test_broken.py", "-k", "test_pass", *words).ret == 3


def test_no_word_of_a_partial_run_is_conformant(prepared: Plugin) -> None:
    """Whatever was selected and passed, the rest was not run."""
    result = prepared.run(prepared.runtime, "test_it.py", "-k", "test_pass")

    result.stdout.fnmatch_lines(["crun version fake 1.0: undecided", "*were not run*"])
    assert ": conformant" not in result.stdout.str()
    assert "certified" not in result.stdout.str().lower()


def test_tap(prepared: Plugin) -> None:
    """One point a clause."""
    prepared.run(prepared.runtime, "test_it.py", "--oci-tap=run.tap")
    lines = (prepared.path / "run.tap").read_text().splitlines()

    assert lines[:2] == ["TAP version 14", "1..8"]
    assert sum(line.startswith("ok ") for line in lines) == 4
    assert sum(line.startswith("not ok ") for line in lines) == 4


def test_the_terminal_names_every_status(prepared: Plugin) -> None:
    """In the words of the project."""
    result = prepared.run(prepared.runtime, "test_it.py", "-v")

    result.stdout.fnmatch_lines_random(
        [f"*::test_{word.replace('-', '_')} {word.upper()}*" for word in ("advice", "unsupported", "not-testable")]
        + ["*::test_pass PASSED*", "*::test_fail FAILED*", "*::test_error ERROR*"]
    )


def test_interruption_by_signal_is_cleaned_up(prepared: Plugin) -> None:
    """A scenario under way is ended, everything is removed, the footer says what happened."""
    words = [prepared.runtime, "--oci-runtime-arg=--fault=hang-create", "lifecycle", "--oci-ledger=ledger"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *words], cwd=prepared.path, stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while not prepared.processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)

    assert process.wait(20) == 2
    assert prepared.processes() == []
    assert prepared.left_behind() == []
    assert json.loads((prepared.path / "ledger").read_text().splitlines()[-1])["interrupted"] is True
