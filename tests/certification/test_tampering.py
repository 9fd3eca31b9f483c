"""Every careless or partial tampering with a submission is found; nothing honest is rejected."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from submitted import PRODUCT as DESCRIBED
from submitted import Records, ledger_in, tamper

from pytest_oci.certification.attestation import write_attestation
from pytest_oci.certification.checking import check_submission
from pytest_oci.certification.ledgers import open_ledger
from pytest_oci.certification.product import check_product
from pytest_oci.certification.replaying import agree, replay, unsupported_by
from pytest_oci.certification.submission import Submission, read_submission, write_submission
from pytest_oci.status import Status
from pytest_oci.targets.layout.target import OBSERVED as LAYOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from submitted import Honest

    Broken = Callable[[Path], set[str]]

pytest.importorskip("yaml")

UNREADABLE = "the folder is a whole submission"
TESTS = "the ledgers are whole runs of the suite with all of its tests"
HERMETIC = "nothing of the vendor's had a part in the run"
SUITE = "the suite is the one that is installed here"
PRODUCT = "the product is identified"
ACCOUNTED = "every absolute clause is accounted for"
CAUSES = "what was not tested names its cause"
DEVIATIONS = "deviations are declared and published"
SUPPORTED = "every status is what its observation says"
TEXTS = "what stands beside a status is what it was judged by"
ATTESTED = "the attestation states this, and is signed"
COUNTS = "counts and verdict of a ledger are those of its lines"
RENDERED = "what is rendered is what the ledgers give"
PAGE = "report.html is what the ledgers give"


def narrowed(records: Records) -> None:
    """The observation is of one name alone, which neither the header nor the command line says."""
    saved = next(record for record in records if record.get("scenario") == LAYOUT)
    saved["facts"]["narrowed"]["platform"] = "linux/amd64"


def first(records: Records, status: str = "pass") -> dict[str, Any]:
    return next(record for record in records if record["type"] == "result" and record["status"] == status)


def header(name: str, value: Any) -> Callable[[Records], None]:
    return lambda records: records[0].__setitem__(name, value)


def condition(name: str, value: Any) -> Callable[[Records], None]:
    return lambda records: records[0]["conditions"].__setitem__(name, value)


def flipped(status: str, **members: Any) -> Callable[[Records], None]:
    return lambda records: first(records).update({"status": status, **members})


def without_clause(records: Records) -> Records:
    clause = first(records)["clause"]
    return [record for record in records if record.get("clause") != clause]


def without_line(records: Records) -> Records:
    return [*records[:1], *records[2:]]


def doubled(records: Records) -> Records:
    return [*records[:2], *records[1:]]


def swapped(records: Records) -> Records:
    return [records[0], records[2], records[1], *records[3:]]


def added(records: Records) -> Records:
    return [*records[:1], {**first(records), "test": "image/test_invented.py::test_it"}, *records[1:]]


def no_digest(records: Records) -> None:
    del records[0]["targets"][0]["sha256"]


def unbound(records: Records) -> None:
    """A clause that binds is said to bind nothing."""
    result = first(records)
    records.remove(result)
    about = {"type": "result", "clause": result["clause"]}
    records.insert(-1, {**about, "test": None, "status": "not-applicable", "reason": "not a duty"})


def beside(name: str, value: Any) -> Callable[[Records], None]:
    return lambda records: first(records).__setitem__(name, value)


def without_conditions(records: Records) -> None:
    del records[0]["conditions"]


def invented(records: Records) -> Records:
    """Among the observations, where a run writes them."""
    place = next(number for number, record in enumerate(records) if record["type"] == "observation")
    return [*records[:place], {**records[place], "scenario": "invented"}, *records[place:]]


def unobserved(records: Records) -> Records:
    return [record for record in records if record["type"] != "observation"]


TAMPERINGS: dict[str, tuple[str, Callable[[Records], Any], str]] = {
    "a line removed": ("bytes", without_line, UNREADABLE),
    "a line removed, footer recomputed": ("footer", without_line, UNREADABLE),
    "a line removed, chain recomputed": ("chain", without_line, SUPPORTED),
    "a line removed, everything recomputed": ("all", without_line, SUPPORTED),
    "a line added": ("footer", added, UNREADABLE),
    "a line added, everything recomputed": ("all", added, SUPPORTED),
    "a line doubled, everything recomputed": ("all", doubled, TESTS),
    "lines reordered": ("bytes", swapped, UNREADABLE),
    "lines reordered, footer recomputed": ("footer", swapped, UNREADABLE),
    "observation moved, everything recomputed": (
        "all",
        lambda them: [them[0], *them[-2:-1], *them[1:-2], them[-1]],
        TESTS,
    ),
    "a status flipped": ("bytes", flipped("fail"), UNREADABLE),
    "a status flipped, footer recomputed": ("footer", flipped("fail"), UNREADABLE),
    "a status flipped, chain recomputed": ("chain", flipped("fail"), COUNTS),
    "a status flipped, everything recomputed": ("all", flipped("fail"), SUPPORTED),
    "a reason edited": ("footer", flipped("pass", reason="all is well"), UNREADABLE),
    "a clause deselected, everything recomputed": ("all", without_clause, ACCOUNTED),
    "a clause said not to bind, everything recomputed": ("all", unbound, SUPPORTED),
    "an undeclared skip, everything recomputed": ("all", flipped("not-testable", reason=""), CAUSES),
    "a skip with an invented cause": ("all", flipped("not-testable", reason="host: no time"), SUPPORTED),
    "a deviation nobody declared": ("all", flipped("deviation", reason="declared"), DEVIATIONS),
    "deviations hidden": ("all", header("deviations", {"descriptor.size.required": "later"}), DEVIATIONS),
    "deviations given and not published": ("all", header("command_line", ["--oci-deviations=d.toml"]), DEVIATIONS),
    "another suite": ("all", header("suite", {"name": "pytest-oci", "version": "0.1.0", "sha256": "0" * 64}), SUITE),
    "no digest of the product": ("all", no_digest, PRODUCT),
    "a replay in the place of a run": ("all", header("command_line", ["--oci-replay=old.jsonl"]), TESTS),
    "a run with a conftest": ("all", condition("conftests", ["/x/conftest.py"]), HERMETIC),
    "a run with a plugin": ("all", condition("plugins", ["helpful"]), HERMETIC),
    "a run with an ini file": ("all", condition("ini", "/x/pytest.ini"), HERMETIC),
    "a run with PYTEST_ADDOPTS": ("all", condition("addopts", "-k x"), HERMETIC),
    "a run that selected": ("all", condition("left_out", {"oci_clause": "['x']"}), HERMETIC),
    "an interrupted run": ("all", lambda them: them[-1].update(interrupted=True), TESTS),
    "a footer that lies": ("chain", lambda them: them[-1].update(verdict="not conformant"), COUNTS),
    "a text beside a status that is none": ("chain", beside("reproduce", None), UNREADABLE),
    "what a status rests on edited, everything recomputed": ("all", beside("scenarios", ["layout"]), TEXTS),
    "an expectation added, everything recomputed": ("all", beside("expected", "much less"), TEXTS),
    "a remark added to a result": ("all", beside("remark", "certified"), UNREADABLE),
    "a remark added to the header": ("all", header("remark", "certified"), UNREADABLE),
    "a remark added to the footer": ("all", lambda them: them[-1].update(remark="certified"), UNREADABLE),
    "a record of another kind": ("all", lambda them: [*them[:1], {"type": "note"}, *them[1:]], UNREADABLE),
    "two headers, everything recomputed": ("all", lambda them: [them[0], *them], TESTS),
    "an observation added, everything recomputed": ("all", invented, SUPPORTED),
    "what was observed of the product is not there": ("all", unobserved, PRODUCT),
    "the digest of another product": ("all", lambda them: them[0]["targets"][0].update(sha256="1" * 64), PRODUCT),
    "a digest that is none": ("all", lambda them: them[0]["targets"][0].update(sha256="x`\n# y"), UNREADABLE),
    "the suite under another version": ("all", lambda them: them[0]["suite"].update(version="9.9"), SUITE),
    "the suite under another name": ("all", lambda them: them[0]["suite"].update(name="other-oci"), SUITE),
    "no conditions in the header": ("chain", without_conditions, UNREADABLE),
    "a moment that is a page": ("all", header("started", "2026\n\n# OCI Certified"), UNREADABLE),
    "a time that no run takes": ("all", beside("duration", float("inf")), UNREADABLE),
    "no cause but that of a replay": (
        "all",
        flipped("not-testable", reason="limit: the replayed ledger holds no observation of this scenario"),
        SUPPORTED,
    ),
    "a demonstration said to be a product": ("all", header("demonstration", "a layout"), PRODUCT),
    "a part of the product": ("all", narrowed, TESTS),
    "counts that lie": ("chain", lambda them: them[-1]["counts"].update({"pass": 1}), COUNTS),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_ledger_is_found(folder: Path, broken: Broken, name: str) -> None:
    """At the point that is about it, whatever else is seen."""
    effort, change, point = TAMPERINGS[name]
    tamper(folder, change, effort)

    assert point in broken(folder)


def cut(folder: Path) -> None:
    path = ledger_in(folder)
    path.write_bytes(path.read_bytes()[:-100])


def edit(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = (folder / name).read_bytes()
        assert old in data
        (folder / name).write_bytes(data.replace(old, new, 1))

    return change


ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a]\nname: [*b, *b, *b, *b]\n"


def instead(name: str, make: Callable[[Path], Any]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return change


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def linked(folder: Path) -> None:
    """What it links to is right."""
    (folder / "README.md").rename(folder.parent / "README.md")
    (folder / "README.md").symlink_to(folder.parent / "README.md")


def rewritten(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """The first result in another writing, digests made right, everything rendered again."""
    path = ledger_in(folder)
    digest, lines = hashlib.sha256(), []
    *body, footer = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(body):
        begun = line[: line.rindex(b'"before":')] + b'"before":"' + digest.hexdigest()[:16].encode() + b'"}\n'
        line = change(begun) if number == 1 else begun
        digest.update(line)
        lines.append(line)
    sealed = json.loads(footer) | {"sha256": digest.hexdigest()}
    path.write_bytes(b"".join([*lines, (json.dumps(sealed, separators=(",", ":")) + "\n").encode()]))
    write_submission(read_submission(folder), folder.parents[2])


def twice(folder: Path) -> None:
    """Whoever reads the first of them reads something else than who reads the last."""
    rewritten(folder, lambda line: line.replace(b'"status":', b'"status":"fail","status":', 1))


def attested(folder: Path, how: str) -> None:
    """The statement of a product that is called otherwise; or the right one, with a page beside it."""
    submission = read_submission(folder)
    if how == "with more":
        (write_attestation(folder, submission, None) / "index.html").write_text("OCI Certified")
        return
    other = Submission(check_product({**DESCRIBED, "name": "Other"}, "", applied=True), submission.joined)
    write_attestation(folder, other, None)


FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "the ledger cut": (cut, UNREADABLE),
    "no ledger": (lambda folder: ledger_in(folder).unlink(), UNREADABLE),
    "no PRODUCT.yaml": (lambda folder: (folder / "PRODUCT.yaml").unlink(), UNREADABLE),
    "no junit.xml": (lambda folder: (folder / "junit.xml").unlink(), UNREADABLE),
    "a file more": (lambda folder: (folder / "conftest.py").write_text(""), UNREADABLE),
    "a deviations file more": (
        lambda folder: (folder / "deviations.toml").write_text(
            '[[deviation]]\nclause = "descriptor.size.required"\nreason = "later"\nexpires = 2030-01-01\n'
        ),
        DEVIATIONS,
    ),
    "results.yaml edited": (edit("results.yaml", b'"Pass"', b'"FAIL"'), RENDERED),
    "README.md edited": (edit("README.md", b"conformant", b"most conformant"), RENDERED),
    "report.html edited": (edit("report.html", b"conformant", b"excellent"), PAGE),
    "junit.xml edited": (edit("junit.xml", b"<testcase", b"<testcase "), RENDERED),
    "PRODUCT.yaml of another product": (edit("PRODUCT.yaml", b"1.10", b"1.11"), RENDERED),
    "the badge edited": (lambda folder: edit("badge.svg", b"conformant", b"perfect")(live(folder)), RENDERED),
    "the attestation of another folder": (lambda folder: attested(folder, "of another folder"), ATTESTED),
    "a file more in the attestation": (lambda folder: attested(folder, "with more"), ATTESTED),
    "a pipe for a ledger": (lambda folder: os.mkfifo(folder / "ledgers" / "a.jsonl"), UNREADABLE),
    "a pipe for PRODUCT.yaml": (instead("PRODUCT.yaml", os.mkfifo), UNREADABLE),
    "a pipe for junit.xml": (instead("junit.xml", os.mkfifo), RENDERED),
    "a device for a ledger": (
        lambda folder: (folder / "ledgers" / "a.jsonl").symlink_to("/dev/zero"),
        UNREADABLE,
    ),
    "a pipe for report.html": (instead("report.html", os.mkfifo), PAGE),
    "a link for README.md": (instead("README.md", lambda path: path.symlink_to("/etc/hostname")), UNREADABLE),
    "a link to its own README.md": (linked, UNREADABLE),
    "a ledger without end": (instead("ledgers/a.jsonl", lambda path: sparse(path, 1 << 42)), UNREADABLE),
    "a README.md without end": (instead("README.md", lambda path: sparse(path, 1 << 42)), RENDERED),
    "a PRODUCT.yaml without end": (instead("PRODUCT.yaml", lambda path: sparse(path, 1 << 42)), UNREADABLE),
    "deviations without end": (instead("deviations.toml", lambda path: sparse(path, 1 << 42)), UNREADABLE),
    "a PRODUCT.yaml of aliases": (instead("PRODUCT.yaml", lambda path: path.write_text(ALIASES)), UNREADABLE),
    "a statement of what it embeds that is none": (
        lambda folder: (folder / "embeds.json").write_text('{"product": []}'),
        UNREADABLE,
    ),
    "a statement as deep as no other": (
        lambda folder: (folder / "embeds.json").write_text("[" * 200_000),
        UNREADABLE,
    ),
    "a ledger as deep as no other": (
        lambda folder: (folder / "ledgers" / "a.jsonl").write_text("[" * 200_000),
        UNREADABLE,
    ),
    "a member twice in a line": (twice, UNREADABLE),
    "a line in another writing": (
        lambda folder: rewritten(folder, lambda line: line.replace(b",", b", ", 1)),
        UNREADABLE,
    ),
    "the ledger renamed": (lambda folder: ledger_in(folder).rename(folder / "ledgers" / "a.jsonl"), UNREADABLE),
}


def live(folder: Path) -> Path:
    return folder.parents[1] / "live" / folder.name


@pytest.mark.parametrize("name", FILES)
def test_a_tampered_folder_is_found(folder: Path, broken: Broken, name: str) -> None:
    """Every file is rendered again and compared."""
    change, point = FILES[name]
    change(folder)

    assert point in broken(folder)


def test_an_honest_folder_is_not_rejected(honest: Honest) -> None:
    """Its observations are really judged again; no point is open, and it can be made again, byte by byte."""
    points = check_submission(honest.folder)

    assert [(point.name, point.decided) for point in points if point.decided != "yes"] == []
    assert honest.submission.joined.verdict.word == "conformant"
    for name, data in honest.submission.files.items():
        assert (honest.folder / name).read_bytes() == data


def test_a_status_that_its_observation_does_not_support_is_found(folder: Path) -> None:
    """The layout in the ledger says another size of a blob: nothing else is changed, all is recomputed."""

    def change(records: Records) -> None:
        observed = next(record for record in records if record["type"] == "observation")
        blobs = observed["facts"]["layout"]["blobs"]
        blob = next(iter(blobs.values() if isinstance(blobs, dict) else blobs))
        blob["size"] += 1

    tamper(folder, change, "all")
    ledger = open_ledger(ledger_in(folder))

    assert unsupported_by(ledger, replay(ledger)) != []


def test_ledgers_of_two_products_are_found(folder: Path, broken: Broken) -> None:
    """Also those of two claimed versions, or of two suites."""
    path = ledger_in(folder)
    for member, value in (
        ("targets", [{"kind": "layout", "path": "x", "sha256": "1" * 64}]),
        ("claimed", {"image": "1.0.2"}),
    ):
        before = path.read_bytes()
        tamper(folder, header(member, value), "chain")
        other = path.with_name("other.jsonl")
        other.write_bytes(path.read_bytes())
        path.write_bytes(before)
        assert UNREADABLE in broken(folder)
        other.unlink()


def test_a_folder_in_the_place_of_another_is_found(folder: Path, broken: Broken) -> None:
    """Of another product, version or specification; but it may lie anywhere else, under any name."""
    for place in ("image/v1.1/famous", "image/v1.0/layout", "runtime/v1.1/layout"):
        shutil.copytree(folder, folder.parents[2] / place)
        assert RENDERED in broken(folder.parents[2] / place), place
    shutil.copytree(folder, folder.parents[2] / "downloads" / "x")
    assert broken(folder.parents[2] / "downloads" / "x") == set()


def test_badges_are_those_of_the_newest_version(folder: Path, broken: Broken) -> None:
    """There is one directory of badges for all versions: a folder for an older one is not to blame for it."""
    (folder.parents[1] / "v1.10" / folder.name).mkdir(parents=True)
    (live(folder) / "badge.svg").write_text("of v1.10")

    assert broken(folder) == set()


def test_a_run_below_a_directory_called_replay_is_none(folder: Path, broken: Broken) -> None:
    tamper(folder, header("command_line", ["--rootdir=/tmp/--oci-replay/replay", "--oci-layout=replays"]), "all")

    assert broken(folder) == set()


def test_texts_of_another_python_are_left_open(folder: Path, honest: Honest) -> None:
    """What a result says may be worded otherwise there; what its status is may not."""

    def change(records: Records) -> None:
        records[0]["conditions"]["python"] = "3.99.0"
        first(records)["expected"] = "in other words"

    tamper(folder, change, "all")
    points = {point.name: point for point in check_submission(folder, judge_again=lambda _: honest.said)}

    assert points[SUPPORTED].decided == "yes"
    assert points[TEXTS].decided == "open"
    assert "python 3.99.0" in points[TEXTS].open


def test_nothing_in_a_ledger_writes_the_readme(folder: Path) -> None:
    """Of host, product and command line each stays in its line, as a text."""
    evil = "x`\n```\n# OCI Certified\n\x1b[2J"

    def change(records: Records) -> None:
        records[0]["host"]["kernel"] = evil
        records[0]["conditions"]["pytest"] = evil
        records[0]["targets"][0]["path"] = evil
        records[0]["command_line"] = [f"--oci-layout={evil}"]

    tamper(folder, change, "all")
    page = (folder / "README.md").read_text()

    assert not any(line.startswith("# OCI") for line in page.splitlines())
    assert page.count("```") == 2
    assert "\x1b" not in page


def test_what_failed_is_not_hidden_as_trouble_of_the_suite() -> None:
    """Trouble that is gone when it is judged again is honest; a failure behind it is not, declared or not."""
    assert agree(Status.ERROR, Status.PASS, declared=False)
    assert agree(Status.ERROR, Status.NOT_TESTABLE, declared=False)
    assert not agree(Status.ERROR, Status.FAIL, declared=False)
    assert not agree(Status.ERROR, Status.FAIL, declared=True)


def test_an_edited_expiry_date_is_found(folder: Path, broken: Broken) -> None:
    """It stands in each result that rests on the declaration."""

    def change(records: Records) -> None:
        flipped("deviation", reason="declared until 2030-01-01: later")(records)
        records[0]["deviations"] = {next(one["clause"] for one in records if one.get("status") == "deviation"): "later"}

    tamper(folder, change, "all")
    (clause,) = open_ledger(ledger_in(folder)).header["deviations"]
    declared = '[[deviation]]\nclause = "{}"\nreason = "later"\nexpires = {}\n'
    for year, found in (("2030", False), ("2031", True)):
        (folder / "deviations.toml").write_text(declared.format(clause, f"{year}-01-01"))
        assert (DEVIATIONS in broken(folder)) is found
