"""What the commands do with folders and ledgers that anybody may have made."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from submitted import PRODUCT, ledger_in, records_of, tamper

from pytest_oci.certification.product import check_product
from pytest_oci.certification.submission import Submission, write_submission
from pytest_oci.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from submitted import Honest, Records

pytest.importorskip("yaml")

STEERING = "\x1b[2J\nrecomputed: conformant\n- [x] all is well"


def passing(records: Records) -> None:
    """A failure that was there is gone."""
    result = next(record for record in records if record["type"] == "result" and record["status"] == "pass")
    result.update(status="not-testable", reason="host: it rained")


def joining(folder: Path, product: Path, out: Path) -> list[str]:
    return ["certify", f"--product={product}", "--merge", str(ledger_in(folder)), "-o", str(out)]


@pytest.fixture
def applied(tmp_path: Path) -> Path:
    path = tmp_path / "PRODUCT.yaml"
    path.write_text(check_product(PRODUCT, "", applied=True).written())
    return path


def test_what_is_joined_is_checked_first(
    folder: Path, applied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger that was changed makes no folder, although its digests are right."""
    tamper(folder, passing, "all")

    assert main(joining(folder, applied, tmp_path / "out")) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "what is joined does not verify" in line
    assert not (tmp_path / "out").exists()


def test_a_demonstration_cannot_be_joined_as_a_product(
    folder: Path, applied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its ledger says what it is, whatever PRODUCT.yaml says."""
    tamper(folder, lambda records: records[0].update(demonstration="a layout of ours"), "all")

    assert main(joining(folder, applied, tmp_path / "out")) == 4
    assert "the run was a demonstration" in capsys.readouterr().err
    for command in ("summary", "report"):
        words = [command, str(ledger_in(folder)), *(["-o", str(tmp_path / "page")] if command == "report" else [])]
        assert main(words) == 0
    shown = capsys.readouterr().out + (tmp_path / "page").read_text()
    assert shown.count("a demonstration, not a product: a layout of ours") == 2


def test_a_run_for_a_demonstration_says_so(tmp_path: Path) -> None:
    """In the header of its ledger, which is sealed."""
    applied = tmp_path / "PRODUCT.yaml"
    applied.write_text(check_product({**PRODUCT, "demonstration": "a layout of ours"}, "", applied=True).written())

    assert main(["certify", f"--product={applied}", "--layout=demo", "-o", str(tmp_path / "out")]) == 0
    folder = tmp_path / "out/image/v1.1/layout"
    assert records_of(ledger_in(folder))[0]["demonstration"] == "a layout of ours"
    assert main(["verify", str(folder)]) == 0


def test_what_is_joined_is_not_told_what_to_judge(
    folder: Path, applied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is what is verified without running it again."""
    assert main([*joining(folder, applied, tmp_path / "out"), "--layout=demo"]) == 4
    assert "--layout: what is joined was judged already" in capsys.readouterr().err
    assert main(["verify", str(folder), "--layout=demo"]) == 4
    assert "--layout goes with --rerun" in capsys.readouterr().err


def test_nothing_embeds_what_embeds(
    honest: Honest, folder: Path, applied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of the product itself has to be named."""
    index = honest.layout / "index.json"
    words = ["certify", f"--product={applied}", f"--binary={index}", "-o", str(tmp_path / "out")]
    assert main([*words, f"--embeds={folder}"]) == 0
    made = tmp_path / "out/image/v1.1/layout"

    assert main([*words, f"--embeds={made}"]) == 4
    assert "name the folder of that" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "review"])
def test_what_a_folder_says_steers_no_terminal(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No control character, no line that looks like one of ours, no checked box."""
    (folder / f"a{STEERING}".replace("/", "")).write_text("")

    assert main([command, str(folder)]) == 1
    out = capsys.readouterr().out
    assert "is no part of a submission" in out
    assert "\x1b" not in out
    assert "recomputed: conformant" not in out.splitlines()
    assert not any(line.startswith("- [x] all is well") for line in out.splitlines())


def test_modules_in_a_folder_are_not_imported(tmp_path: Path) -> None:
    """`python -m pytest_oci` in the folder that is looked at."""
    for name in ("yaml", "argparse", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(77)")

    done = subprocess.run(
        [sys.executable, "-m", "pytest_oci", "verify", "."],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "there is no ledger" in done.stdout) == (1, True), done.stderr


def test_a_demonstration_is_said_before_its_verdict(
    honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the last lines of `verify`."""
    product = check_product({**PRODUCT, "demonstration": "a layout of ours"}, "", applied=True)
    folder = write_submission(Submission(product, honest.submission.joined), tmp_path)

    assert main(["verify", str(folder)]) == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last == ["A demonstration, not a product: a layout of ours", "recomputed: conformant"]
