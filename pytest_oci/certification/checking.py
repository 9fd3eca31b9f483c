"""Checking a submission without the product: every point that a reviewer would look at, decided by machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_oci import __version__, catalogue
from pytest_oci.certification import replaying
from pytest_oci.certification.embedding import check_embedded, malstated
from pytest_oci.certification.findings import Point
from pytest_oci.certification.forms import malformed
from pytest_oci.certification.identifying import HELD, held_by
from pytest_oci.certification.ledgers import kinds_of
from pytest_oci.certification.reading import holds
from pytest_oci.certification.submission import (
    ATTESTATION,
    DEVIATIONS,
    NO_PAGE,
    REPORT,
    Submission,
    read_submission,
)
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.conditions import disturbing, wording
from pytest_oci.selection import host_platforms
from pytest_oci.status import Status
from pytest_oci.suite import suite_digest
from pytest_oci.targets.layout.target import OBSERVED as LAYOUT
from pytest_oci.verdict import reach_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_oci.certification.ledgers import Joined, Ledger

REASONED = ("host: ", "limit: ", "depends-on: ", "adapter: ", "product: ")
"""How the causes begin of what could not be tested."""
MOST_TOLD = 20
VERSION = re.compile(r"v[0-9]{1,4}\.[0-9]{1,4}")
AMONG_OTHERS = re.compile(rf"({'|'.join(catalogue.SPECS)})/{VERSION.pattern}")
"""Where a folder stands among others."""
SERVICES = frozenset({"registry", "engine"})
"""Kinds of products that no digest can be had of."""


def check_submission(
    folder: Path, *, judge_again: Callable[[Ledger], replaying.Said] = replaying.replay
) -> list[Point]:
    """Every point about a folder. The ones after the first that cannot even be read are left out."""
    try:
        submission = read_submission(folder)
        told = [f"{ledger.name}: {text}" for ledger in submission.joined.ledgers for text in malformed(ledger)]
        if submission.embedded is not None:
            told += malstated(submission.embedded)
        if told:
            return [Point("the folder is a whole submission", tuple(told[:MOST_TOLD]))]
        submission.files  # noqa: B018 - raises where a ledger holds what no run writes
    except CertificationError as error:
        return [Point("the folder is a whole submission", (str(error),))]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return [Point("the folder is a whole submission", (f"no run gives this: {type(error).__name__}: {error}",))]
    joined = submission.joined
    points = [
        Point("the folder is a whole submission", tuple(_shape(folder, submission))),
        *check_ledgers(submission, judge_again),
        Point("what is rendered is what the ledgers give", tuple(_rendered(folder, submission))),
        check_page(folder, submission),
    ]
    if submission.embedded is not None:
        points.append(Point("the embedded product is conformant", tuple(check_embedded(submission.embedded, joined))))
    if (folder / ATTESTATION).is_dir():
        from pytest_oci.certification.attestation import check_attestation

        points.append(check_attestation(folder, submission))
    return points


def check_ledgers(
    submission: Submission, judge_again: Callable[[Ledger], replaying.Said] = replaying.replay
) -> list[Point]:
    """Every point about the ledgers of a submission and what is declared of its product, wherever it is kept."""
    joined = submission.joined
    return [
        _each("every line of a ledger is tied to those before it", joined, _chained),
        _each("the ledgers are whole runs of the suite with all of its tests", joined, _whole),
        _each(
            "nothing of the vendor's had a part in the run", joined, lambda one: disturbing(one.header["conditions"])
        ),
        _suite(joined),
        _product(submission),
        _each("every absolute clause is accounted for", joined, _accounted),
        _each("what was not tested names its cause", joined, _reasoned),
        _deviations(submission),
        *_judged_again(joined, judge_again),
        _each("counts and verdict of a ledger are those of its lines", joined, _footer),
    ]


def _each(name: str, joined: Joined, look: Callable[[Ledger], Iterable[str]]) -> Point:
    """A point about each ledger."""
    told = [f"{ledger.name}: {text}" for ledger in joined.ledgers for text in look(ledger)]
    more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    return Point(name, (*told[:MOST_TOLD], *more))


def _shape(folder: Path, submission: Submission) -> Iterable[str]:
    expected = submission.files.keys() | {REPORT}
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    there = {name for name in there if not name.startswith(f"{ATTESTATION}/")}
    for name in sorted(submission.files.keys() - there - {REPORT}):
        yield f"{name} is missing"
    for name in sorted(there - expected):
        yield f"{name} is no part of a submission"
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            yield f"{path.relative_to(folder)} is a symbolic link"


def _chained(ledger: Ledger) -> Iterable[str]:
    if not ledger.chained:
        yield "the lines do not name those before them"


def _whole(ledger: Ledger) -> Iterable[str]:
    """That it is one run, with its records in the order in which a run writes them."""
    stages = [stage for record in ledger.records if (stage := _stage(record)) is not None]
    if len(stages) < len(ledger.records):
        yield "there are records that a run does not write"
    if stages != sorted(stages):
        yield "the records are not in the order in which a run writes them"
    if ledger.footer.get("interrupted") or ledger.footer.get("exit_status") not in (0, 1, 3):
        yield "the run was interrupted or did not judge"
    scenarios = [record["scenario"] for record in ledger.records if record["type"] == "observation"]
    if _doubled(scenarios):
        yield "a scenario is observed twice"
    keys = [(result["clause"], result["test"]) for result in ledger.results]
    if _doubled(keys):
        yield "a clause has two results of the same test"
    if any(record.get("scenario") == LAYOUT and _narrowed(record["facts"]) for record in ledger.records):
        yield "only a part of the layout was judged"
    if "runtime" in kinds_of(ledger.header) and len(host_platforms(str(ledger.header["host"].get("system")))) == 1:
        yield "the runtime was judged on a system whose clauses are not known"
    if stages.count(0) != 1:
        yield "there is more than one header"
    if any(word.startswith("--oci-replay") for word in _words(ledger)):
        yield "it is no run but a replay of one"


def _narrowed(facts: Mapping[str, Any]) -> bool:
    """Whether a saved layout was judged by one name or platform alone."""
    narrowed = facts.get("narrowed", {})
    return bool(narrowed.get("ref") or narrowed.get("platform"))


def _stage(record: Mapping[str, object]) -> int | None:
    """When in a run a record is written: the header, results, observations, what binds nothing, the footer."""
    if record["type"] == "result":
        return 1 if record["test"] is not None else 3
    return {"header": 0, "observation": 2, "footer": 4}.get(str(record["type"]))


def _doubled(found: Sequence[Hashable]) -> bool:
    return len(set(found)) < len(found)


def _suite(joined: Joined) -> Point:
    """Only the very suite that ran can judge again."""
    name, ran, here = "the suite is the one that is installed here", joined.header["suite"], suite_digest()
    if ran == {"name": "pytest-oci", "version": __version__, "sha256": here}:
        return Point(name)
    if ran.get("sha256") == here:
        return Point(name, (f"it calls itself {ran.get('name')} {ran.get('version')}, which has another sha256",))
    return Point(name, (f"the run was of {ran.get('version')}, sha256 {ran.get('sha256')}; here is sha256 {here}",))


def _product(submission: Submission) -> Point:
    """That the product is one and known by a digest; a service declares its version itself."""
    name, targets = "the product is identified", submission.joined.header["targets"]
    if len({target["kind"] for target in targets}) > 1:
        return Point(name, ("there is more than one kind of product",))
    shown = submission.product.values.get("demonstration", "")
    if told := [one for one in submission.joined.demonstrations if one != shown]:
        return Point(name, (f"the run was a demonstration, which PRODUCT.yaml does not say: {told[0]}",))
    if any("sha256" not in target and target["kind"] not in SERVICES for target in targets):
        return Point(name, ("there is no digest of it",))
    if (
        submission.joined.header["claimed"].get(submission.joined.spec)
        not in catalogue.VERSIONS[submission.joined.spec].values()
    ):
        return Point(name, ("the claimed version is no version of the specification",))
    if told := [text for ledger in submission.joined.ledgers for text in _otherwise_identified(ledger)]:
        return Point(name, tuple(told))
    if any("sha256" not in target for target in targets):
        return Point(name, open="a service: it says itself what version it is")
    return Point(name)


def _otherwise_identified(ledger: Ledger) -> Iterable[str]:
    """Where a digest is not that of the bytes that the ledger itself holds."""
    held = held_by(ledger.records)
    said = [target["sha256"] for target in ledger.header["targets"] if target["kind"] in HELD and "sha256" in target]
    if said != held:
        yield f"{ledger.name}: what was judged has the sha256 {', '.join(held) or 'of nothing'}, not {', '.join(said)}"


def _accounted(ledger: Ledger) -> Iterable[str]:
    """A result for every clause that is tested and asks something of the product on this host."""
    statuses = ledger.statuses
    for clause in ledger.applicable():
        if clause.absolute and clause.fate == "tested" and clause.id not in statuses:
            yield f"{clause.id} has no result"


def _reasoned(ledger: Ledger) -> Iterable[str]:
    for result in ledger.results:
        reason = str(result.get("reason", ""))
        if result["status"] == Status.NOT_TESTABLE and not reason.startswith(REASONED):
            yield f"{result['clause']} is not testable: {reason or 'no cause'}"
        elif result["status"] in (Status.UNSUPPORTED, Status.NOT_APPLICABLE) and not reason:
            yield f"{result['clause']} is {result['status']} without a reason"


def _deviations(submission: Submission) -> Point:
    """That what was declared is published, and what is published was declared."""
    from pytest_oci.deviations import DeviationError, parse_deviations

    name, header = "deviations are declared and published", submission.joined.header
    told = []
    asked = any(str(word).startswith("--oci-deviations") for one in submission.joined.ledgers for word in _words(one))
    try:
        published = parse_deviations((submission.deviations or b"").decode(), DEVIATIONS, catalogue.load())
    except (DeviationError, UnicodeDecodeError) as error:
        return Point(name, (str(error),))
    if {clause: one.reason for clause, one in published.items()} != header["deviations"]:
        told.append(f"{DEVIATIONS} is not what the run was given")
    if asked and submission.deviations is None:
        told.append(f"the run was given deviations, and {DEVIATIONS} is not there")
    declared = {f"declared until {one.expires}: {one.reason}" for one in published.values()}
    for ledger in submission.joined.ledgers:
        for result in ledger.results:
            if result["status"] == Status.DEVIATION and result["clause"] not in published:
                told.append(f"{ledger.name}: {result['clause']} is a deviation that nobody declared")
            elif result["status"] == Status.DEVIATION and result["reason"] not in declared:
                told.append(f"{ledger.name}: {result['clause']} was declared otherwise than in {DEVIATIONS}")
    return Point(name, tuple(told[:MOST_TOLD]))


def _words(ledger: Ledger) -> list[str]:
    return [str(word) for word in ledger.header["command_line"]]


def _judged_again(joined: Joined, judge_again: Callable[[Ledger], replaying.Said]) -> tuple[Point, Point]:
    """The observations, passes included, judged again by the suite that is installed here: statuses, then texts."""
    name, texts = "every status is what its observation says", "what stands beside a status is what it was judged by"
    if joined.header["suite"].get("sha256") != suite_digest():
        other = "another suite ran; install that one to judge again"
        return Point(name, open=other), Point(texts, open=other)
    try:
        again = {ledger.sha256: judge_again(ledger) for ledger in joined.ledgers}
    except CertificationError as error:
        return Point(name, (str(error),)), Point(texts, open="nothing could be judged again")
    statuses = _each(name, joined, lambda ledger: replaying.unsupported_by(ledger, again[ledger.sha256]))
    told = _each(texts, joined, lambda ledger: replaying.retold(ledger, again[ledger.sha256]))
    foreign = {
        f"{what} {ledger.header['conditions'].get(what, 'of unknown version')}"
        for ledger in joined.ledgers
        for what, here in wording().items()
        if ledger.header["conditions"].get(what) != here
    }
    if told.wrong and foreign:
        other = f"{len(told.wrong)} are worded otherwise than here; the run had {', '.join(sorted(foreign))}"
        return statuses, Point(texts, open=other)
    return statuses, told


def _footer(ledger: Ledger) -> Iterable[str]:
    statuses, footer = ledger.statuses, ledger.footer
    if footer.get("counts") != {status: sum(1 for one in statuses.values() if one is status) for status in Status}:
        yield "the counts are not those of the lines"
    verdict = reach_verdict(ledger.applicable(), statuses)
    if (footer.get("verdict"), footer.get("reasons")) != (verdict.word, list(verdict.reasons)):
        yield f"the verdict is {footer.get('verdict')}, and the lines give {verdict.word}"


def _rendered(folder: Path, submission: Submission) -> Iterable[str]:
    """Every file written again, and compared byte by byte."""
    for name, data in submission.files.items():
        path = folder / name
        if name != REPORT and path.exists() and not holds(path, data):
            yield f"{name} is not what the ledgers give"
    folder = folder.resolve()
    place = submission.place
    if AMONG_OTHERS.fullmatch("/".join(folder.parts[-3:-1])) and folder.parts[-3:] != place.parts:
        yield f"it stands in {'/'.join(folder.parts[-3:])}, and is to stand in {place.as_posix()}"
    if folder.parts[-3:] == place.parts and folder.parent.name == _newest(folder):
        live = folder.parents[1] / "live" / folder.name
        for name, data in submission.badges.items():
            if not holds(live / name, data):
                yield f"live/{folder.name}/{name} is missing or not what the ledgers give"


def _newest(folder: Path) -> str:
    """The newest version of the specification that the product is submitted for, which its badges are about."""
    versions = (
        path.parent.name for path in folder.parents[1].glob(f"v*/{folder.name}") if VERSION.fullmatch(path.parent.name)
    )
    return max(versions, key=lambda name: [int(part) for part in name[1:].split(".")])


def check_page(folder: Path, submission: Submission) -> Point:
    """The page, which takes more than the rest: a folder may be without it, and nobody can compare it everywhere."""
    name, path = f"{REPORT} is what the ledgers give", folder / REPORT
    if not path.exists():
        return Point(name, open="there is none: jinja2 was not installed where the folder was made")
    if submission.page is None:
        return Point(name, open=NO_PAGE)
    return Point(name, () if holds(path, submission.page) else (f"{REPORT} is not what the ledgers give",))
