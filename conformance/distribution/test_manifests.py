"""spec.md, "Pushing Manifests", "Pushing Manifests with Subject", and what "Push" says of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, media_type_of, require
from pytest_oci.conformance.distribution.storing import (
    MANIFEST_200,
    MANIFEST_CONTENT,
    expect_created,
    expect_location,
)
from pytest_oci.fixtures.registry.scenarios.manifests import (
    claimed_manifest,
    four_megabytes,
    missing_parts,
    missing_subject,
    parameters,
    put_manifests,
    subjects,
    too_large,
    unusual_bytes,
)
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import clause, expect, not_applicable, not_testable, unsupported
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.conformance.distribution.storing import Stored
    from pytest_oci.fixtures.registry.observer import Observe

pytestmark = pytest.mark.distribution

PUT_201 = "dist.manifest.put.status-201"
STORED = "dist.manifest.put.stored-bytes"
DIGEST, SUBJECT, MISSING = "Docker-Content-Digest", "OCI-Subject", "MANIFEST_BLOB_UNKNOWN"
MANIFESTS = ("by-tag", "again", "by-digest", "again-by-digest", "index", "artifact")
OPTIONAL = ("sha512",)
"""Manifests that a registry need not take."""
BY_REFERENCE = pytest.mark.parametrize("reference", ["tag", "digest"])


def taken(stored: Stored, name: str) -> None:
    """Judge no further where a registry does not take what it need not."""
    answer = stored["answer"]
    if name in OPTIONAL and 400 <= answer.status < 500:
        not_applicable(f"the registry does not take a manifest by {name}: {answer.answer}")


@clause(PUT_201)
@pytest.mark.parametrize("name", [*MANIFESTS, *OPTIONAL])
def test_manifest_is_taken_with_201(observe: Observe, name: str) -> None:
    """PUT of a manifest, the first time and again."""
    expect_created(observe(put_manifests())[name], f"PUT of a manifest, {name}", optional=name in OPTIONAL)


@clause("dist.manifest.put.location")
@pytest.mark.parametrize("name", [*MANIFESTS, *OPTIONAL])
def test_manifest_has_a_location(observe: Observe, name: str) -> None:
    """The Location of the answer to PUT gives the manifest."""
    stored = observe(put_manifests())[name]
    taken(stored, name)
    expect_location(stored, PUT_201, "manifest")


@clause("dist.manifest.put.docker-content-digest")
@pytest.mark.parametrize("name", [*MANIFESTS, *OPTIONAL])
def test_digest_told_of_a_manifest_is_right(observe: Observe, name: str) -> None:
    """Docker-Content-Digest is the digest that was given; where a tag was given, that of the bytes that were sent."""
    stored = observe(put_manifests())[name]
    taken(stored, name)
    answer, reference = stored["answer"], stored["reference"]
    require(answer, PUT_201)
    told = answer.header(DIGEST)
    if told is None:
        not_applicable(f"the answer has no {DIGEST}")
    expected = reference if ":" in reference else answer.sent.digest(told.partition(":")[0])
    if expected is not None:
        expect(told, DIGEST, exchange_lines(answer)).equals(expected)


@clause(STORED)
@BY_REFERENCE
@pytest.mark.parametrize("kind", ["image", "index"])
def test_manifest_is_stored_as_it_is(observe: Observe, kind: str, reference: str) -> None:
    """Unusual JSON comes back in the same bytes; a registry that refuses it has stored nothing."""
    seen = observe(unusual_bytes())[kind]
    if not seen["put"].ok:
        not_applicable(f"the registry does not take such JSON: {seen['put'].answer}")
    expect_same(seen, reference)


def expect_same(seen: Stored, reference: str) -> None:
    """Hold if a manifest comes back in the bytes that were sent."""
    got = seen["got"][reference]
    evidence = exchange_lines(seen["put"], got)
    if got.status == 404 and reference == "digest":
        raise Violation(f"the manifest {seen['digest']}, by its digest", got.answer, evidence)
    require(got, MANIFEST_200, MANIFEST_CONTENT)
    expect(got.body.sha256, "digest of the manifest", evidence).equals(seen["digest"])


@clause("dist.manifest.put.parameters-ignored")
def test_parameters_of_the_type_are_ignored(observe: Observe) -> None:
    """Content-Type with a charset is accepted, and the manifest has the type without it."""
    seen = observe(parameters())
    evidence = exchange_lines(seen["put"])
    if outside(seen["put"]):
        not_testable(f"{outside(seen['put'])}: {seen['put'].answer}", *evidence)
    if not seen["put"].ok:
        raise Violation("the manifest to be accepted", seen["put"].answer, evidence)
    got = seen["got"]["tag"]
    require(got, MANIFEST_200)
    expect(media_type_of(got), "Content-Type", exchange_lines(got)).equals(seen["media_type"])


@clause("dist.manifest.put.subject-may-be-missing")
@pytest.mark.parametrize("kind", ["image", "index"])
def test_subject_may_be_missing(observe: Observe, kind: str) -> None:
    """A manifest is accepted whose subject is nowhere, as it was without one."""
    put = observe(missing_subject())[kind]
    if outside(put):
        not_testable(f"{outside(put)}: {put.answer}", *exchange_lines(put))
    if not put.ok:
        raise Violation("a manifest to be accepted whose subject is not there", put.answer, exchange_lines(put))


@clause("dist.manifest.put.missing-reference-error-code")
@pytest.mark.parametrize("part", ["layer", "config", "child"])
def test_missing_part_has_its_error_code(observe: Observe, part: str) -> None:
    """A manifest that is refused for what it refers to is refused with MANIFEST_BLOB_UNKNOWN."""
    put = observe(missing_parts())[part]
    evidence = exchange_lines(put)
    if outside(put):
        not_testable(f"{outside(put)}: {put.answer}", *evidence)
    if put.ok:
        not_applicable(f"the registry accepts a manifest whose {part} is not there")
    expect(put.codes, "codes of the errors", evidence).contains(MISSING)


@clause(MANIFEST_CONTENT)
def test_other_manifest_is_not_given_for_a_digest(observe: Observe) -> None:
    """A manifest that was put to the digest of another one never comes back for that."""
    seen = observe(claimed_manifest())
    got = seen["got"]
    if 200 <= got.status < 300:
        expect(got.body.sha256, "digest of what is got", exchange_lines(seen["answer"], got)).equals(seen["digest"])


@clause("dist.manifest.put.four-megabytes")
@BY_REFERENCE
def test_four_megabytes_are_taken(observe: Observe, reference: str) -> None:
    """A manifest of 4,000,000 bytes is accepted and comes back."""
    seen = observe(four_megabytes())
    evidence = exchange_lines(seen["put"])
    if outside(seen["put"]):
        not_testable(f"{outside(seen['put'])}: {seen['put'].answer}", *evidence)
    if not seen["put"].ok:
        raise Violation("a manifest of 4,000,000 bytes to be accepted", seen["put"].answer, evidence)
    expect_same(seen, reference)


@clause("dist.manifest.put.too-large-413")
def test_too_large_a_manifest_is_refused_with_413(observe: Observe) -> None:
    """The first manifest of 8, 16 or 32 MiB that is refused."""
    refused = observe(too_large())["answers"][-1]
    if refused.ok:
        not_applicable("manifests of 32 MiB are taken")
    if not refused.status:
        not_testable(f"product: {refused.answer}", *exchange_lines(refused))
    expect_status(refused, 413, f"PUT of a manifest of {refused.sent.length} bytes")


@clause("dist.manifest.put.oci-subject")
@pytest.mark.parametrize("which", ["present", "absent"])
def test_subject_is_confirmed(observe: Observe, which: str) -> None:
    """OCI-Subject is the digest of the subject, where the registry lists referrers."""
    seen = observe(subjects())
    referrers = seen["referrers"]
    if outside(referrers):
        not_testable(f"{outside(referrers)}: {referrers.answer}", *exchange_lines(referrers))
    if not referrers.ok:
        unsupported(f"the registry does not list referrers: {referrers.answer}", *exchange_lines(referrers))
    put = seen[which]["put"]
    require(put, PUT_201 if which == "present" else "dist.manifest.put.subject-may-be-missing")
    evidence = exchange_lines(put)
    if put.header(SUBJECT) is None:
        raise Violation(f"{SUBJECT}: {seen[which]['subject']}", f"no {SUBJECT}", evidence)
    expect(put.header(SUBJECT), SUBJECT, evidence).equals(seen[which]["subject"])
