"""Every careless or partial tampering with a submission is found; nothing honest is rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from submissions import Records, ledger_in, tamper

from pytest_oci.certification.checking import check_submission
from pytest_oci.certification.ledgers import open_ledger
from pytest_oci.certification.replaying import replay, unsupported_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from submissions import Honest

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
COUNTS = "counts and verdict of a ledger are those of its lines"
RENDERED = "what is rendered is what the ledgers give"
PAGE = "report.html is what the ledgers give"


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
    result.update({"test": None, "status": "not-applicable", "reason": "not a duty"})
    records.remove(result)
    records.insert(-1, result)


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
