"""`verify --rerun`: a product is run again, and each clause is reproduced, differs, or is not reproducible here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from layouts import layout_files, write_files
from submitted import CLAUSE, HEADER, ledger_in, made, result, tamper

from pytest_oci.certification import reproducing
from pytest_oci.certification.checking import check_submission
from pytest_oci.certification.ledgers import join, open_ledger
from pytest_oci.certification.replaying import said_by
from pytest_oci.certification.reproducing import DIFFERS, NOT_HERE, REPRODUCED, compare
from pytest_oci.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from submitted import Honest, Records

pytest.importorskip("yaml")

HOST, OTHER = {"reason": "host: no cgroup v1"}, {"reason": "depends-on: runtime.create.new-container"}
WORDS: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("pass", "pass"): ({}, REPRODUCED),
    ("fail", "fail"): ({}, REPRODUCED),
    ("deviation", "fail"): ({}, REPRODUCED),
    ("pass", "fail"): ({}, DIFFERS),
    ("fail", "pass"): ({}, DIFFERS),
    ("unsupported", "pass"): ({}, DIFFERS),
    ("pass", "error"): ({}, DIFFERS),
    ("not-applicable", "pass"): ({}, DIFFERS),
    ("pass", "not-testable"): ({}, NOT_HERE),
    ("fail", "not-applicable"): ({}, NOT_HERE),
    ("not-testable", "not-testable"): (HOST, REPRODUCED),
    ("not-testable", "fail"): (HOST, NOT_HERE),
    ("not-testable", "pass"): (OTHER, DIFFERS),
}


@pytest.mark.parametrize("statuses", WORDS, ids="-".join)
def test_the_word_of_a_clause(tmp_path: Path, statuses: tuple[str, str]) -> None:
    """A host with more or with less than the submission's contradicts nothing; another result does."""
    reason, word = WORDS[statuses]
    there = made(tmp_path / "1", HEADER, [{**result(statuses[0]), **reason}])
    here = made(tmp_path / "2", HEADER, [result(statuses[1])])

    assert {one.clause: one.word for one in compare(join([there]), join([here]))} == {CLAUSE: word}


def test_the_product_at_hand_is_run(
    honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the submitted one was; wherever it lies, and no other one."""
    monkeypatch.setitem(check_submission.__kwdefaults__ or {}, "judge_again", said_by)
    monkeypatch.chdir(tmp_path)
    write_files(layout_files(), tmp_path / "elsewhere")
    other = write_files(layout_files(), tmp_path / "other")
    index = other / "index.json"
    index.write_bytes(index.read_bytes() + b"\n")

    assert main(["verify", str(honest.folder), "--rerun", "--layout=elsewhere"]) == 0
    counted = len(honest.submission.joined.statuses)
    assert capsys.readouterr().out.endswith(f"\n{REPRODUCED}: {counted}\n")

    assert main(["verify", str(honest.folder), "--rerun", "--layout=other"]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "this is another product than the one that was submitted" in line
    assert main(["verify", str(honest.folder), "--rerun"]) == 4
    assert "name one product to judge" in capsys.readouterr().err


def test_an_invented_result_is_found(
    folder: Path, honest: Honest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where observations were invented to fit it, by nothing else."""
    ledger = open_ledger(ledger_in(honest.folder))
    monkeypatch.setitem(check_submission.__kwdefaults__ or {}, "judge_again", said_by)
    monkeypatch.setattr(reproducing, "run_product", lambda *_: ledger)
    flipped: list[str] = []

    def change(records: Records) -> None:
        one = next(record for record in records if record["type"] == "result" and record["status"] == "pass")
        one["status"] = "fail"
        records[-1]["exit_status"] = 1
        flipped.append(one["clause"])

    tamper(folder, change, "all")
    assert main(["verify", str(folder)]) == 0
    capsys.readouterr()

    assert main(["verify", str(folder), "--rerun", f"--layout={honest.layout}"]) == 1
    said = capsys.readouterr().out
    assert f"{DIFFERS:21} {flipped[0]}: fail there, pass here\n{DIFFERS}: 1\n{REPRODUCED}: " in said
