"""What is wrong with a JUnit file is told; by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.junit_check import count_problems, gitlab_problems, ledger_problems

if TYPE_CHECKING:
    from pathlib import Path

GOOD = (
    '<testsuites><testsuite name="s" tests="2" failures="1" errors="0" skipped="0" time="1.5">'
    '<testcase classname="c" name="a" time="1"><failure message="m" type="fail">why</failure></testcase>'
    '<testcase classname="c" name="b" time="0.5"/></testsuite></testsuites>'
)
BAD = {
    "is no XML": (GOOD[:-3], "no XML"),
    "has a character that XML cannot write": (GOOD.replace("why", "&#27;"), "no XML"),
    "has suites in suites twice": (f"<testsuites>{GOOD}</testsuites>", "in another"),
    "has a case outside": ('<testsuites><testcase name="a"/></testsuites>', "in no suite"),
    "has two cases of a name": (GOOD.replace('"b"', '"a"'), "not told apart"),
    "has a case without a class": (GOOD.replace('classname="c" name="b"', 'name="b"'), "no class"),
    "says nothing in the text": (GOOD.replace("why", " "), "has no text"),
    "ends twice": (GOOD.replace("</failure>", "</failure><skipped>x</skipped>"), "more than once"),
    "has a type that is converted": (GOOD.replace('"fail"', '"yaml"'), "taken for the text's"),
    "has no time": (GOOD.replace('"0.5"', '"nan"'), "its time"),
}


@pytest.mark.parametrize("what", BAD)
def test_gitlab_would_not_show_what(what: str, tmp_path: Path) -> None:
    text, told = BAD[what]
    path = tmp_path / "junit.xml"
    path.write_text(text)

    assert any(told in problem for problem in gitlab_problems(path))


def test_what_is_good_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(GOOD)
    assert gitlab_problems(path) == []
    assert "suffix" in gitlab_problems(path.rename(tmp_path / "junit.txt"))[0]


def test_counts_that_are_not_true_are_found(tmp_path: Path) -> None:
    """Whoever counts them: the file, another reader, the ledger beside it."""
    path, ledger = tmp_path / "junit.xml", tmp_path / "run.jsonl"
    path.write_text(GOOD)
    ledger.write_text('{"type": "result", "clause": "x", "test": "c.py::a", "status": "fail"}\n')
    assert "2 cases are not the tests" in ledger_problems(path, ledger)[0]
    pytest.importorskip("junitparser")
    assert count_problems(path) == []
    path.write_text(GOOD.replace('tests="2"', 'tests="3"'))
    assert "says" in count_problems(path)[0]
