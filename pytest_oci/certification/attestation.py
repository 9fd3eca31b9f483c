"""The attestation: an in-toto Statement about the product's digest, signed or not, as an artifact in an image layout.

The statement (https://in-toto.io/Statement/v1) has the test-result predicate (version 0.1). `PASSED` is said of a
conformant product alone; a demonstration has `WARNED`. No list has what passed by tests that are proven on recordings
only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_oci.certification import dsse
from pytest_oci.certification.findings import Point
from pytest_oci.certification.reading import holds, read_file
from pytest_oci.certification.submission import ATTESTATION, as_json
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.status import Status
from pytest_oci.verdict import CONFORMANT

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.certification.ledgers import Joined
    from pytest_oci.certification.submission import Submission

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
STATEMENT, ENVELOPE, LAYOUT = "statement.json", "envelope.json", "layout"
LISTS = {
    "passedTests": frozenset({Status.PASS, Status.UNSUPPORTED}),
    "warnedTests": frozenset({Status.ADVICE}),
    "failedTests": frozenset({Status.FAIL, Status.DEVIATION, Status.ERROR, Status.NOT_TESTABLE}),
}


def statement(submission: Submission) -> dict[str, Any]:
    """The statement, which follows from the submission alone."""
    joined, statuses = submission.joined, submission.joined.statuses
    suite, unproven = joined.header["suite"], frozenset(joined.unproven)
    tree = f"https://github.com/opencontainers/{joined.spec}-spec/tree/v{joined.version}"
    return {
        "_type": STATEMENT_TYPE,
        "subject": subjects(submission),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(submission),
            "configuration": [
                {"name": f"{suite['name']} {suite['version']}", "digest": {"sha256": suite["sha256"]}},
                {"name": f"{joined.spec}-spec {joined.version}", "uri": tree},
                *({"name": ledger.name, "digest": {"sha256": ledger.sha256}} for ledger in joined.ledgers),
            ],
            **{
                name: [clause for clause, status in statuses.items() if status in wanted and clause not in unproven]
                for name, wanted in LISTS.items()
            },
        },
    }


def _result(submission: Submission) -> str:
    if submission.joined.verdict.word != CONFORMANT:
        return "FAILED"
    return "WARNED" if submission.product.watermark else "PASSED"


def subjects(submission: Submission) -> list[dict[str, Any]]:
    """What the statement is about: the manifests of a layout, a file by its digest; of a service, PRODUCT.yaml."""
    named = f"{submission.product.name} {submission.product.values['version']}"
    if manifests := manifests_of(submission.joined):
        return [{"name": named, "digest": dict([one["digest"].split(":", 1)])} for one in manifests]
    found = [target["sha256"] for target in submission.joined.header["targets"] if "sha256" in target]
    if found:
        return [{"name": named, "digest": {"sha256": digest}} for digest in found]
    declared = hashlib.sha256(submission.product.published().encode()).hexdigest()
    return [{"name": "PRODUCT.yaml", "digest": {"sha256": declared}}]


def manifests_of(joined: Joined) -> list[dict[str, Any]]:
    """The descriptors in the index.json of the layout that was judged; none of other products."""
    from pytest_oci.targets.layout.target import OBSERVED, from_saved

    if {target["kind"] for target in joined.header["targets"]} != {"layout"}:
        return []
    saved = next((one for one in joined.ledgers[0].records if one.get("scenario") == OBSERVED), None)
    data = from_saved(saved["facts"], subjects=True).layout.index.data if saved is not None else None
    try:
        listed = json.loads(data or b"")["manifests"]
        return [{name: one[name] for name in ("mediaType", "digest", "size")} for one in listed]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def write_attestation(folder: Path, submission: Submission, key: Path | None) -> Path:
    """Write statement, envelope and layout into the folder, in the place of those there; their directory."""
    place = folder / ATTESTATION
    payload = as_json(statement(submission))
    envelope = as_json(dsse.sign(payload, key)) if key is not None else None
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / STATEMENT).write_bytes(payload)
    if envelope is not None:
        (place / ENVELOPE).write_bytes(envelope)
    _pack(place / LAYOUT, submission, payload, envelope)
    return place


def _pack(place: Path, submission: Submission, payload: bytes, envelope: bytes | None) -> None:
    manifests = manifests_of(submission.joined)
    import_module("pytest_oci.fixtures.image.artifact").write_artifact(
        place,
        payload if envelope is None else envelope,
        dsse.PAYLOAD_TYPE if envelope is None else dsse.ENVELOPE_TYPE,
        STATEMENT if envelope is None else ENVELOPE,
        {"in-toto.io/predicate-type": PREDICATE_TYPE},
        manifests[0] if len(manifests) == 1 else None,
    )


def check_attestation(folder: Path, submission: Submission, key: Path | None = None) -> Point:
    """That the attestation in a folder states what the submission gives, and who signed it."""
    name, place = "the attestation states this, and is signed", folder / ATTESTATION
    payload = as_json(statement(submission))
    try:
        told = [] if holds(place / STATEMENT, payload) else [f"{STATEMENT} is not what the ledgers give"]
        signed = (place / ENVELOPE).exists()
        envelope = dsse.read_envelope(place / ENVELOPE) if signed else {}
        if signed and dsse.opened(envelope) != payload:
            told.append(f"{ENVELOPE} holds another statement")
        told += _packed_otherwise(place, submission, payload)
        if key is not None and not told and not (signed and dsse.is_signed(envelope, key)):
            told.append(f"it is not signed with the key of {key}")
    except (OSError, CertificationError) as error:
        told = [str(error)]
    if told or key is not None:
        return Point(name, tuple(told))
    return Point(name, open="who signed it is seen with --key PUBLIC.pem" if signed else "it is not signed")


def _packed_otherwise(place: Path, submission: Submission, payload: bytes) -> list[str]:
    """Whether the layout is not the one that packing gives."""
    import tempfile
    from pathlib import Path as Real

    envelope = read_file(place / ENVELOPE) if (place / ENVELOPE).exists() else None
    with tempfile.TemporaryDirectory(prefix="pytest-oci-verify-") as scratch:
        _pack(Real(scratch) / LAYOUT, submission, payload, envelope)
        expected = {
            path.relative_to(scratch).as_posix(): path.read_bytes()
            for path in Real(scratch).rglob("*")
            if path.is_file()
        }
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    told = [f"{name} is no part of an attestation" for name in sorted(there - {*expected, STATEMENT, ENVELOPE})]
    same = all(holds(place / name, data) for name, data in expected.items())
    return told if same else [*told, f"{LAYOUT} is not the artifact of this statement"]
