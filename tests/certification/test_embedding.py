"""`certify --embeds`: a product that ships a conformant one, unmodified; on a layout, whose binary is its index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from submitted import PRODUCT, ledger_in, tamper

from pytest_oci.certification.checking import check_submission
from pytest_oci.certification.product import check_product
from pytest_oci.certification.replaying import said_by
from pytest_oci.certification.submission import Submission, write_submission
from pytest_oci.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from submitted import Honest, Records

pytest.importorskip("yaml")

ENGINE = {**PRODUCT, "name": "Engine", "version": "7"}


@pytest.fixture
def words(honest: Honest, folder: Path, tmp_path: Path) -> list[str]:
    """The command, with the folder of the embedded product and the binary that is shipped."""
    applied = tmp_path / "PRODUCT.yaml"
    applied.write_text(check_product(ENGINE, "", applied=True).written())
    binary = tmp_path / "shipped"
    binary.write_bytes((honest.layout / "index.json").read_bytes())
    return ["certify", f"--product={applied}", f"--embeds={folder}", f"--binary={binary}", f"-o={tmp_path / 'out'}"]


def test_what_embeds_a_conformant_product(
    words: list[str], honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its folder has the ledgers of what it ships, says so, and is verified and reviewed as any other."""
    assert main(words) == 0
    made = tmp_path / "out/image/v1.1/engine"
    assert capsys.readouterr().out == f"{made}: conformant\n"
    assert ledger_in(made).read_bytes() == ledger_in(honest.folder).read_bytes()
    stated = json.loads((made / "embeds.json").read_bytes())
    assert (stated["product"], stated["version"]) == ("Layout", "1.10")
    assert f"It contains Layout 1.10, unmodified: sha256 `{stated['sha256']}`" in (made / "README.md").read_text()
    assert (tmp_path / "out/image/live/engine/badges.md").is_file()

    assert main(["verify", str(made)]) == 0
    said = capsys.readouterr().out
    assert "yes   the embedded product is conformant\n" in said
    assert said.endswith("recomputed: conformant\n")


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is observed is taken for what it was, as in a run with this result."""
    defaults = check_submission.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "judge_again", said_by)


def refused(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The line that says why there is no folder."""
    assert main(words) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert not (tmp_path / "out").exists()
    return line


def failing(records: Records) -> None:
    result = next(record for record in records if record["type"] == "result" and record["status"] == "pass")
    result.update(status="fail", expected="x", actual="y")
    records[-1]["exit_status"] = 1


@pytest.mark.usefixtures("believed")
def test_nothing_rests_on_what_is_not_conformant(
    words: list[str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though its folder verifies."""
    tamper(folder, failing, "all")
    assert main(["verify", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("recomputed: not conformant\n")

    assert "what is embedded is not conformant: nothing rests on it" in refused(words, tmp_path, capsys)


@pytest.mark.usefixtures("believed")
def test_what_is_not_that_product_is_refused(
    words: list[str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another binary, none, a folder that was changed, one that is none; in one line."""
    (binary,) = (word for word in words if word.startswith("--binary="))
    path = tmp_path / "shipped"
    for change, said in (
        ([word for word in words if word != binary], "--embeds FOLDER goes with --binary FILE"),
        ([*words, "--binary=no-such-file"], "no-such-file cannot be read: No such file"),
        ([*words, f"--binary={tmp_path}"], "cannot be read: Is a directory"),
        ([*words, f"--embeds={tmp_path}"], "does not verify"),
        ([*words, "--merge", str(ledger_in(folder))], "--embeds FOLDER goes with --binary FILE"),
        ([*words, "--layout=demo"], "--layout: what is embedded was judged already"),
        ([word for word in words if "--embeds" not in word], "--binary FILE goes with --embeds FOLDER"),
    ):
        assert said in refused(change, tmp_path, capsys)
    path.write_bytes(path.read_bytes() + b"\n")
    assert "what was judged another one" in refused(words, tmp_path, capsys)
    (folder / "README.md").write_text("conformant")
    assert "does not verify: README.md is not what the ledgers give" in refused(words, tmp_path, capsys)


@pytest.mark.usefixtures("believed")
def test_no_product_rests_on_a_demonstration(
    words: list[str], honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A demonstration may."""
    shown = Submission(check_product({**PRODUCT, "demonstration": "it"}, "", applied=True), honest.submission.joined)
    words = [*words, f"--embeds={write_submission(shown, tmp_path / 'shown')}"]
    assert "is a demonstration: no product rests on it" in refused(words, tmp_path, capsys)

    applied = check_product({**ENGINE, "demonstration": "an engine"}, "", applied=True)
    (tmp_path / "PRODUCT.yaml").write_text(applied.written())
    assert main(words) == 0


POINTS = ("the embedded product is conformant", "the folder is a whole submission")


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("sha256", "0" * 64, "what was judged another one"),
        ("ledgers", [], "it names other ledgers"),
        ("verdict", "not conformant", "nothing rests on it"),
        ("specification", "runtime-spec 1.3.0", "another specification"),
        ("note", "patched", "has not exactly"),
    ],
)
def test_a_changed_statement_is_found(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], member: str, value: object, said: str
) -> None:
    assert main(words) == 0
    made = tmp_path / "out/image/v1.1/engine"
    stated = made / "embeds.json"
    stated.write_text(json.dumps({**json.loads(stated.read_bytes()), member: value}, indent=2, sort_keys=True) + "\n")
    capsys.readouterr()

    assert main(["review", str(made)]) == 1
    out = capsys.readouterr().out
    assert any(f"- [ ] {point}\n  - " in out for point in POINTS)
    assert said in out
