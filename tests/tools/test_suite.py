"""One run of the suite: what is read of its records, and what is wrong with a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools import suite

if TYPE_CHECKING:
    from pathlib import Path

LINES = (
    {"type": "header"},
    {"clause": "a.kept", "test": "t", "status": "pass"},
    {"clause": "a.broken", "test": "t", "status": "fail"},
    {"type": "footer"},
)
LEDGER = "\n".join(map(json.dumps, LINES))
JUNIT = '<testsuites><testsuite tests="1" failures="0" errors="0" skipped="0"><testcase/></testsuite></testsuites>'


def python_that(directory: Path, ending: str, *, records: bool = True) -> str:
    """A program that is called like Python, and writes what a run writes."""
    program = directory / "python"
    writing = f"printf '%s\\n' '{LEDGER}' >{directory}/kept/run.jsonl; echo '{JUNIT}' >{directory}/kept/junit.xml"
    program.write_text(f'#!/bin/sh\necho "$PWD"; ls; echo "$@"\n{writing if records else ""}\n{ending}\n')
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("ending", "records", "wrong"),
    [
        ("exit 1", True, ()),
        ("exit 3", True, ("exit status 3; what the run said is in {kept}/output.txt",)),
        ("exit 0", False, ("no ledger was written", "no JUnit file was written")),
        ("exec sleep 60", True, ("was not judged within 0.2 s",)),
    ],
    ids=["judged", "broken", "silent", "endless"],
)
def test_a_run_says_what_is_wrong_with_it(tmp_path: Path, ending: str, records: bool, wrong: tuple[str, ...]) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "run.jsonl").write_text("of an earlier run")
    limit = 0.2 if "sleep" in ending else 20.0

    ended = suite.run(python_that(tmp_path, ending, records=records), kept, ["-m", "x"], limit)

    assert ended.wrong == tuple(text.format(kept=kept) for text in wrong)
    assert ended.failed == ({"a.broken"} if ending.startswith("exit") and records else frozenset())


def test_a_run_is_in_an_empty_directory(tmp_path: Path) -> None:
    ended = suite.run(python_that(tmp_path, "exit 0", records=False), tmp_path / "kept", ["-m", "x"], 20.0)
    place, words = (tmp_path / "kept" / "output.txt").read_text().splitlines()

    assert not place.startswith(str(tmp_path))
    assert words.startswith("-m pytest -q -p no:cacheprovider -m x --oci-ledger=")
    assert str(ended).endswith(" s; 0 clauses failed; {}")
