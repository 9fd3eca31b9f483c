"""A run that is not sound is recognised by its records."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tools import full_run, leftovers

if TYPE_CHECKING:
    from pathlib import Path

HEADER: dict[str, str] = {"type": "header"}
FOOTER: dict[str, str] = {"type": "footer"}


def judged(status: str, test: str = "test_a") -> dict[str, str]:
    """A ledger's line for one clause and test."""
    return {"clause": "config.root.path", "test": test, "status": status}


def write(place: Path, *lines: dict[str, str]) -> Path:
    """Write a ledger."""
    ledger = place / "run.jsonl"
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return ledger


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([HEADER, judged("pass"), judged("fail", "test_b"), FOOTER], []),
        ([HEADER, judged("error"), FOOTER], ["error in config.root.path, test_a"]),
        ([HEADER, judged("pass")], ["the ledger lacks its header or footer"]),
        ([HEADER, FOOTER], ["the ledger judges no clause"]),
        ([HEADER, judged("pass"), judged("pass"), FOOTER], ["the ledger judges a clause and test twice"]),
    ],
    ids=["sound", "error", "no-footer", "empty", "twice"],
)
def test_ledger(lines: list[dict[str, str]], wrong: list[str], tmp_path: Path) -> None:
    assert full_run.read_ledger(write(tmp_path, *lines))[1] == wrong


def test_absent_records_are_wrong(tmp_path: Path) -> None:
    assert full_run.read_ledger(tmp_path / "run.jsonl")[1] == ["no ledger was written"]
    assert full_run.read_junit(tmp_path / "junit.xml") == ["no JUnit file was written"]


@pytest.mark.parametrize(("tests", "count"), [(1, 0), (2, 1)])
def test_junit_counts_what_it_holds(tests: int, count: int, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    suite = f'<testsuite tests="{tests}" failures="1"><testcase name="a"><failure/></testcase></testsuite>'
    junit.write_text(f"<testsuites>{suite}</testsuites>")
    assert len(full_run.read_junit(junit)) == count


def test_a_machine_collects_only_what_it_judges() -> None:
    """The modules that have the tests, by the names of the package."""
    chosen = ["--oci-runtime=/bin/true", "--oci-clause=config.hostname.applied"]
    assert full_run.modules_with(sys.executable, chosen) == [
        "--pyargs",
        "pytest_oci.conformance.runtime.config.test_hostname",
    ]
    assert full_run.modules_with(sys.executable, [*chosen, "-k", "nothing_at_all"]) == []


@pytest.mark.parametrize(("statuses", "said"), [((124, 1), "another was started"), ((1,), "exit status 1")])
def test_a_machine_that_stands_still_is_started_once_more(
    statuses: tuple[int, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else it says is taken as it is."""
    left = list(statuses)
    nothing = leftovers.Snapshot(*[frozenset[str]()] * 5)
    monkeypatch.setattr(full_run, "modules_with", lambda *_: [])
    monkeypatch.setattr(leftovers, "watch", lambda *_, **__: leftovers.Watched(left.pop(0), nothing, {}))
    options = argparse.Namespace(
        runtime="/bin/true", python=sys.executable, view="machine-v2", results=tmp_path, limit=1.0, extra=[]
    )
    assert said in full_run.one_run(options, 1, 0)[2]
    assert left == []
