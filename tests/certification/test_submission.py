"""What stands in a submission, and the commands that make and check it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from submitted import PRODUCT, ledger_in, tamper

from pytest_oci import proofs
from pytest_oci.certification import dsse
from pytest_oci.certification.attestation import check_attestation, statement, write_attestation
from pytest_oci.certification.embedding import embed
from pytest_oci.certification.junit import junit_xml
from pytest_oci.certification.ledgers import Joined, join
from pytest_oci.certification.product import check_product
from pytest_oci.certification.site_results import WORDS, word
from pytest_oci.certification.submission import Submission, read_submission
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.certification.yaml_file import parse_yaml
from pytest_oci.cli import main
from pytest_oci.report.html import environment
from pytest_oci.status import Status
from pytest_oci.targets.layout.target import open_layout
from tools.junit_check import count_problems, gitlab_problems

if TYPE_CHECKING:
    from pathlib import Path

    from submitted import Honest

    from pytest_oci.certification.findings import Point

pytest.importorskip("yaml")

CLAUSE = "descriptor.size.required"


def test_results_yaml_has_the_words_of_the_site(honest: Honest) -> None:
    found = parse_yaml((honest.folder / "results.yaml").read_bytes(), "x")

    assert set(found["apis"].values()) | set(found["data"].values()) <= set(WORDS)
    assert found["verdict"] == "conformant"
    assert found["clauses"][CLAUSE] == "pass"


def test_nothing_open_is_a_pass() -> None:
    """Whatever stands beside it."""
    for status in Status:
        said = word([Status.PASS, status])
        assert (said == "Pass") == (status in (Status.PASS, Status.ADVICE, Status.UNSUPPORTED, Status.NOT_APPLICABLE))
    assert word([Status.UNSUPPORTED]) == "Disabled"


STRANGE = 'host: \x00\x1b[2J\r\n]]>\ud800\ufffe<&"'
"""What a product may say: XML has no way to write it, or it ends what it stands in."""


def test_the_counts_of_junit_are_true(folder: Path) -> None:
    """Of a submission with every kind of end and strange texts; cases have their clauses; GitLab and others read it."""

    def change(records: list[dict[str, object]]) -> None:
        results = [record for record in records if record["type"] == "result" and record["test"]]
        for result in results:
            result["status"] = "pass"
        results = list({result["test"]: result for result in results}.values())
        for result, status in zip(
            results[::5], ("fail", "error", "unsupported", "not-testable", "advice"), strict=False
        ):
            result |= {"status": status, "reason": STRANGE, "expected": "<1>", "actual": "&2", "evidence": [STRANGE]}
        results[0]["evidence"] = [STRANGE + "x" * 1_000_000]

    tamper(folder, change, "all")
    top = ElementTree.parse(folder / "junit.xml").getroot()
    (suite,) = top
    cases = list(suite.iter("testcase"))
    ends = [child.tag for case in cases for child in case if child.tag != "properties"]

    for element in (top, suite):
        assert int(element.attrib["tests"]) == len(cases)
        assert int(element.attrib["failures"]) == ends.count("failure") == 1
        assert int(element.attrib["errors"]) == ends.count("error") == 1
    assert int(suite.attrib["skipped"]) == ends.count("skipped") == 3
    assert all(any(entry.get("name") == "oci.clause" for entry in case.iter("property")) for case in cases)
    assert gitlab_problems(folder / "junit.xml") == []
    pytest.importorskip("junitparser")
    assert count_problems(folder / "junit.xml") == []


def test_strict_junit_has_all_of_it_but_no_properties(honest: Honest, tmp_path: Path) -> None:
    """What Jenkins' schema has nothing for stands in the output of each case; hosts that are alike are told apart."""
    plain, strict = tmp_path / "plain.xml", tmp_path / "strict.xml"
    here = honest.submission.joined.ledgers[0]
    twice = Joined((here, here))
    plain.write_bytes(junit_xml(twice))
    strict.write_bytes(junit_xml(twice, strict=True))
    told = [
        "\n".join(f"{entry.get('name')}: {entry.get('value')}" for entry in case.iter("property"))
        for case in ElementTree.parse(plain).iter("testcase")
    ]

    assert [case.findtext("system-out") for case in ElementTree.parse(strict).iter("testcase")] == told
    assert next(ElementTree.parse(strict).iter("properties"), None) is None
    for path in (plain, strict):
        assert gitlab_problems(path) == []
        assert set(ElementTree.parse(path).getroot().attrib) == {"name", "time", "tests", "failures", "errors"}
        assert {name for case in ElementTree.parse(path).iter("testcase") for name in case.attrib} == {
            "classname",
            "name",
            "time",
        }


def test_junit_is_written_from_ledgers(honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "strict.xml"
    assert main(["junit", str(ledger_in(honest.folder)), "--strict", "-o", str(written)]) == 0
    assert written.read_bytes() == junit_xml(honest.submission.joined, strict=True)
    assert main(["junit", str(written)]) == main(["junit", str(ledger_in(honest.folder)), "-o", "/no/such"]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_the_badge_says_no_number(honest: Honest) -> None:
    badge = json.loads(honest.submission.badges["badge.json"])

    assert badge["label"] == "image-spec 1.1"
    assert badge["message"] == "conformant"
    assert "%" not in honest.submission.badges["badge.svg"].decode()
    ElementTree.fromstring(honest.submission.badges["badge.svg"])


def test_without_jinja2_there_is_no_page(
    honest: Honest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says so, all else is there; with it nobody rejects such a folder, without it nobody a page."""
    applied = tmp_path / "PRODUCT.yaml"
    applied.write_text(honest.submission.product.written())
    words = ["certify", f"--product={applied}", "--merge", str(ledger_in(honest.folder)), "-o", str(tmp_path / "out")]
    folder = tmp_path / "out/image/v1.1/layout"

    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "jinja2", None)
        environment.cache_clear()
        assert main(words) == 0
        (line,) = capsys.readouterr().err.splitlines()
        assert "no report.html: it takes jinja2" in line
        assert not (folder / "report.html").exists()
        assert page_point(honest.folder).open.startswith("it takes jinja2")
    environment.cache_clear()
    assert page_point(folder).open.startswith("there is none")
    assert page_point(honest.folder).decided == "yes"


def page_point(folder: Path) -> Point:
    from pytest_oci.certification.checking import check_page

    return check_page(folder, read_submission(folder))


def test_a_demonstration_says_so_everywhere(honest: Honest) -> None:
    """Its badge does not say conformant, and nobody attests that it passed."""
    values = {**PRODUCT, "demonstration": "a built-in layout"}
    shown = Submission(check_product(values, "", applied=True), honest.submission.joined)
    text = "A demonstration, not a product: a built-in layout"

    for name in ("README.md", "report.html", "results.yaml"):
        assert text in shown.files[name].decode()
        assert text not in honest.submission.files[name].decode()
    assert json.loads(shown.badges["badge.json"])["message"] == "demonstration"
    assert not any(b"conformant" in data for data in shown.badges.values())
    assert statement(shown)["predicate"]["result"] == "WARNED"


def test_nothing_rests_on_what_is_proven_on_recordings_only(honest: Honest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed by itself, and attested by nobody."""
    first = next(clause for clause, status in honest.submission.joined.statuses.items() if status is Status.PASS)
    monkeypatch.setattr(proofs, "unproven_live", lambda: frozenset({first, "runtime.state.id"}))
    submission = Submission(honest.submission.product, join(honest.submission.joined.ledgers))

    assert submission.joined.unproven == [first]
    assert f"proven on recordings only\n\n- `{first}`\n" in submission.files["README.md"].decode()
    assert first not in statement(submission)["predicate"]["passedTests"]
    assert first in statement(honest.submission)["predicate"]["passedTests"]


def keys(place: Path) -> tuple[Path, Path]:
    """A private key and its public one, as files."""
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    from cryptography.hazmat.primitives import serialization

    key = ed25519.Ed25519PrivateKey.generate()
    private, public = place / "private.pem", place / "public.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*form))
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def test_the_envelope_is_that_of_the_protocol(tmp_path: Path) -> None:
    """What is signed is the example's of DSSE's own text; another key has not signed."""
    assert dsse.encoded(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    private, public = keys(tmp_path)
    envelope = dsse.sign(b"{}", private)
    (tmp_path / "other").mkdir()
    _, other = keys(tmp_path / "other")

    assert dsse.opened(envelope) == b"{}"
    assert dsse.is_signed(envelope, public)
    assert not dsse.is_signed(envelope, other)
    assert not dsse.is_signed({**envelope, "payload": "e30K"}, public)
    with pytest.raises(CertificationError, match="holds no public key"):
        dsse.is_signed(envelope, private)


def test_an_attestation_is_an_artifact_about_the_image(folder: Path, tmp_path: Path) -> None:
    """A manifest with the image's as its subject; what is changed in it is found, and who has not signed it."""
    private, public = keys(tmp_path)
    submission = read_submission(folder)
    place = write_attestation(folder, submission, private)
    said = statement(submission)
    (manifest,) = open_layout(str(place / "layout")).tree.manifests
    root = json.loads(
        next(
            path for path in (place / "layout/blobs/sha256").iterdir() if b"artifactType" in path.read_bytes()
        ).read_bytes()
    )

    assert manifest is not None
    assert said["predicate"]["result"] == "PASSED"
    assert root["subject"]["digest"] == f"sha256:{said['subject'][0]['digest']['sha256']}"
    assert check_attestation(folder, submission, public).decided == "yes"
    assert check_attestation(folder, submission).decided == "open"
    (tmp_path / "other").mkdir()
    assert check_attestation(folder, submission, keys(tmp_path / "other")[1]).decided == "no"
    (place / "statement.json").write_text("{}")
    assert check_attestation(folder, submission, public).decided == "no"


def test_an_embedding_product_ships_the_same_binary(honest: Honest, tmp_path: Path) -> None:
    """By its digest; nothing rests on what is not conformant."""
    product, joined = honest.submission.product, honest.submission.joined
    binary = honest.layout / "index.json"

    stated = embed(product, joined, binary)

    assert stated["sha256"] == joined.header["targets"][0]["sha256"]
    other = tmp_path / "other"
    other.write_text("patched")
    with pytest.raises(CertificationError, match="what was judged another one"):
        embed(product, joined, other)


REFUSED = {
    "--clause=x": "--clause would leave something out",
    "--oci-clause=x": "--oci-clause would leave something out",
    "-k": "-k would leave something out",
    "-kx": "-k would leave something out",
    "-mx": "-m would leave something out",
    "-x": "-x would leave something out",
    "--maxfail=1": "--maxfail would leave something out",
    "--lf": "--lf would leave something out",
    "--last-failed": "--last-failed would leave something out",
    "--stepwise": "--stepwise would leave something out",
    "--ignore=x": "--ignore would leave something out",
    "--deselect=x": "--deselect would leave something out",
    "--platform=linux/amd64": "--platform would leave something out",
    "--oci-replay=x": "--oci-replay would leave something out",
    "-phelpful": "-phelpful is no option here",
    "-ccfg.ini": "-ccfg.ini is no option here",
    "--override-ini=x": "--override-ini=x is no option here",
    "--confcutdir=/": "--confcutdir=/ is no option here",
    "--conv=x": "--conv=x is no option here",
    "test_own.py": "test_own.py is no option here",
    "-n@words": "-n @words: has to be a number, or auto",
    "--ref=x": "--ref would leave something out",
    "--frobnicate": "--frobnicate is no option here",
    "--registry=demo": "name one product",
}


@pytest.mark.parametrize("option", REFUSED)
def test_selection_is_refused(honest: Honest, capsys: pytest.CaptureFixture[str], option: str, tmp_path: Path) -> None:
    """In one line, with exit status 4."""
    product = honest.folder / "PRODUCT.yaml"
    applied = tmp_path / "PRODUCT.yaml"
    applied.write_text(honest.submission.product.written())

    assert main(["certify", f"--product={applied}", f"--layout={honest.layout}", option]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert REFUSED[option] in line
    assert product.exists()


def test_a_ledger_of_one_s_own_run_is_no_certificate(honest: Honest, tmp_path: Path) -> None:
    """--merge takes what certify has made."""
    applied = tmp_path / "PRODUCT.yaml"
    applied.write_text(honest.submission.product.written())
    folder = tmp_path / "image/v1.1/layout"
    shutil.copytree(honest.folder, folder)
    words = ["certify", f"--product={applied}", "--merge", str(ledger_in(folder)), "-o", str(tmp_path / "out")]

    assert main(words) == 0
    assert (tmp_path / "out/image/v1.1/layout/README.md").read_bytes() == (honest.folder / "README.md").read_bytes()
    tamper(folder, lambda records: records[0]["conditions"].update(addopts="-x"), "chain")
    assert main(words) == 4
