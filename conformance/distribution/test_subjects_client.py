"""Manifests with a subject, where there is no referrers API (spec.md, "Pushing Manifests with Subject" and others)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.arrived import expect_done, of_kind, sent_header, sent_manifests
from pytest_oci.fixtures.client.drive import whole
from pytest_oci.fixtures.client.scenarios import subjects
from pytest_oci.fixtures.image.contents import INDEX

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive, Driven

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.client

SHORT = 12
"""So many digits of a digest are enough to tell it."""
FALLBACK = "dist.client.subject.fallback-update"
RESTATED = (
    FALLBACK,
    "dist.client.compat.fallback-procedures",
    "dist.client.subject.verify-api-or-fallback",
)


def referring(driven: Driven) -> tuple[Exchange, dict[str, Any]]:
    """The manifest with a subject as it was pushed; ends the test if the client pushes none."""
    ran = driven.ran()
    ran.must_end()
    for exchange, document in sent_manifests(ran):
        if document.get("subject", {}).get("digest") == driven["subject"]["digest"] and exchange.status == 201:
            return exchange, document
    return not_applicable(f"it pushes no manifest with a subject: {ran.ended}")


def updates(driven: Driven) -> list[Exchange]:
    """What was put to the referrers tag."""
    return of_kind(driven.ran(), "PUT", "manifest", driven["tag"])


def update(driven: Driven) -> Exchange:
    """What was put to the referrers tag last; ends the test if nothing was."""
    found = updates(driven)
    if not found:
        not_testable(f"depends-on: {FALLBACK}", *driven.ran().lines())
    return found[-1]


def listed(exchange: Exchange) -> list[dict[str, Any]]:
    """The descriptors of a list of referrers. Raises Violation for what is none."""
    try:
        document = exchange.sent.json()
        found: list[dict[str, Any]] = document["manifests"]
        if document["schemaVersion"] != 2 or document.get("mediaType", INDEX) != INDEX:
            raise ValueError(f"schemaVersion {document['schemaVersion']}, mediaType {document.get('mediaType')}")
        return [dict(each) for each in found]
    except (ValueError, KeyError, TypeError) as error:
        raise Violation("an image index at the referrers tag", f"something else: {error!r}", whole(exchange)) from None


def entry(driven: Driven, exchange: Exchange) -> dict[str, Any]:
    """The descriptor of what was pushed in what was put to the referrers tag; ends the test if it has none."""
    pushed, _ = referring(driven)
    for descriptor in listed(exchange):
        if descriptor.get("digest") in (pushed.sent.sha256, pushed.sent.sha512):
            return descriptor
    return not_testable(f"depends-on: {FALLBACK}", *whole(exchange))


def expect_listed(driven: Driven, *former: str) -> None:
    """Hold if the referrers tag has been given a list of the manifests before and the one that was pushed."""
    pushed, document = referring(driven)
    ran = driven.ran()
    found = updates(driven)
    if not found:
        expected = (
            f"an image index with the pushed manifest to be put to {driven['tag']}, since the answer had no OCI-Subject"
        )
        raise Violation(expected, f"nothing was put there: {ran.ended}", [*whole(pushed), *ran.lines()])
    descriptors = {each.get("digest"): each for each in listed(found[-1])}
    expect(sorted(set(former) - descriptors.keys()), "listed before, and not any more", whole(found[-1])).is_empty()
    own = descriptors.get(pushed.sent.sha256)
    expect(own is not None, f"{pushed.sent.sha256} on the list", whole(found[-1])).is_true()
    assert own is not None
    wanted = [document.get("mediaType") or sent_header(pushed, "Content-Type"), pushed.sent.length]
    expect([own.get("mediaType"), own.get("size")], "mediaType and size on the list", whole(found[-1])).equals(wanted)


@clause(*RESTATED)
def test_list_at_the_tag_is_updated(drive: Drive) -> None:
    """What was on it stays."""
    driven = drive(subjects.second())
    expect_listed(driven, driven["listed"])


@clause("dist.client.referrers-tag.same-content")
def test_list_at_the_tag_is_what_the_api_would_return(drive: Drive) -> None:
    """A descriptor of each referrer, and of nothing else."""
    driven = drive(subjects.second())
    pushed, _ = referring(driven)
    exchange = update(driven)
    digests = sorted(str(descriptor.get("digest")) for descriptor in listed(exchange))
    wanted = sorted([driven["listed"], pushed.sent.sha256])
    expect(digests, "digests on the list", whole(exchange)).equals(wanted)


@clause(*RESTATED)
def test_list_of_a_longer_digest_is_updated(drive: Drive) -> None:
    """The tag has 64 characters of it."""
    driven = drive(subjects.by_sha512())
    pushed, _ = referring(driven)
    found = updates(driven)
    if not found and not updates(drive(subjects.second())):
        not_testable(f"depends-on: {FALLBACK}", *driven.ran().lines())
    if not found:
        raise Violation(f"a list of referrers to be put to {driven['tag']}", driven.ran().ended, driven.ran().lines())
    digests = [descriptor.get("digest") for descriptor in listed(found[-1])]
    expect(digests, "digests on the list", whole(found[-1])).contains(pushed.sent.sha256)


@clause(*RESTATED)
def test_api_is_enough(drive: Drive) -> None:
    """With OCI-Subject in the answer, a manifest with a subject is pushed and nothing else has to be done."""
    driven = drive(subjects.with_api())
    referring(driven)
    expect_done(driven.ran(), "push a manifest with a subject")


@clause("dist.client.subject.404-starts-empty")
def test_list_begins_empty(drive: Drive) -> None:
    """There is no tag."""
    driven = drive(subjects.first())
    pushed, _ = referring(driven)
    found = updates(driven)
    if not found:
        if not updates(drive(subjects.second())):
            not_testable(f"depends-on: {FALLBACK}", *driven.ran().lines())
        raise Violation(
            f"a list of one referrer to be put to {driven['tag']}", driven.ran().ended, driven.ran().lines()
        )
    digests = [descriptor.get("digest") for descriptor in listed(found[-1])]
    expect(digests, "digests on the list", whole(found[-1])).equals([pushed.sent.sha256])


@clause("dist.client.subject.unexpected-type-fails")
def test_what_is_no_list_is_left_alone(drive: Drive) -> None:
    """The client fails, and says so."""
    driven = drive(subjects.occupied())
    referring(driven)
    ran = driven.ran()
    if not of_kind(ran, "GET HEAD", "manifest", driven["tag"]):
        not_testable(f"depends-on: {FALLBACK}", *ran.lines())
    put = updates(driven)
    if put or not ran.refused:
        actual = f"it was replaced, and the client ended with {ran.ended}" if put else ran.ended
        raise Violation("an error, and the image at the referrers tag left alone", actual, [*whole(*put), *ran.lines()])


@clause("dist.client.subject.no-duplicates")
def test_nothing_is_listed_twice(drive: Drive) -> None:
    """What was pushed before is pushed again."""
    driven = drive(subjects.again())
    pushed, _ = referring(driven)
    if not of_kind(driven.ran(), "GET HEAD", "manifest", driven["tag"]):
        not_testable(f"depends-on: {FALLBACK}", *driven.ran().lines())
    for exchange in updates(driven):
        digests = [descriptor.get("digest") for descriptor in listed(exchange)]
        times = digests.count(pushed.sent.sha256)
        expect(times, f"how often {pushed.sent.sha256} is on the list", whole(exchange)).equals(1)


@clause("dist.client.subject.artifact-type-copied")
def test_artifact_type_is_listed(drive: Drive) -> None:
    """That of the manifest, not of its configuration."""
    expect_kind(drive(subjects.first()), subjects.SBOM)


@clause("dist.client.subject.artifact-type-copied")
def test_artifact_type_of_an_index_is_listed(drive: Drive) -> None:
    """An index has no configuration."""
    expect_kind(drive(subjects.index_referring()), subjects.SBOM)


@clause("dist.client.subject.artifact-type-from-config")
def test_type_of_the_configuration_is_listed(drive: Drive) -> None:
    """Where the manifest has no artifactType."""
    expect_kind(drive(subjects.second()), subjects.CONFIG_TYPE)


def expect_kind(driven: Driven, kind: str) -> None:
    """Hold if what was pushed is listed with this artifactType."""
    referring(driven)
    exchange = update(driven)
    expect(entry(driven, exchange).get("artifactType"), "artifactType on the list", whole(exchange)).equals(kind)


@clause("dist.client.subject.annotations-copied")
def test_annotations_are_listed(drive: Drive) -> None:
    """All of them, one that is empty among them; there may be more."""
    driven = drive(subjects.first())
    referring(driven)
    exchange = update(driven)
    found = entry(driven, exchange).get("annotations") or {}
    lacking = {name: value for name, value in subjects.ANNOTATIONS.items() if found.get(name) != value}
    expect(lacking, "annotations of the manifest that are not on the list", whole(exchange)).is_empty()


@clause("dist.client.referrers.404-fallback", "dist.client.referrers.404-uses-tag")
def test_referrers_are_found_at_the_tag(drive: Drive) -> None:
    """The API answers 404."""
    driven = drive(subjects.listed("list"))
    ran = driven.ran()
    ran.must_end()
    digest = driven["content"]["digest"]
    if not ran.exchanges:
        not_testable("product: nothing arrived at the registry", ran.ended)
    if (
        not of_kind(ran, "GET", "manifest", driven["tag"])
        or not ran.ok
        or digest.partition(":")[2][:SHORT] not in ran.output
    ):
        raise Violation(f"{digest} to be listed, which is at the tag {driven['tag']}", ran.ended, ran.lines())


@clause("dist.client.referrers.no-tag-means-none")
@pytest.mark.parametrize("at_the_tag", ["", "image"], ids=["nothing", "image"])
def test_no_list_at_the_tag_means_none(drive: Drive, at_the_tag: str) -> None:
    """That is no error."""
    ran = drive(subjects.listed(at_the_tag)).ran()
    if not ran.exchanges:
        not_testable("product: nothing arrived at the registry", ran.ended)
    expect_done(ran, "list no referrers")


@clause("dist.client.delete.referrers-tag-updated")
def test_what_is_deleted_is_not_listed_any_more(drive: Drive) -> None:
    """The rest stays on the list."""
    driven = drive(subjects.deleted())
    ran = driven.ran()
    digest = driven["content"]["digest"]
    if not any(one.status == 202 for one in of_kind(ran, "DELETE", "manifest", digest)):
        not_testable("product: the manifest was not deleted", ran.ended, *ran.lines())
    found = updates(driven)
    if not found:
        raise Violation(
            f"an image index without {digest} to be put to {driven['tag']}", "nothing was put there", ran.lines()
        )
    digests = [descriptor.get("digest") for descriptor in listed(found[-1])]
    expect(digests, "digests on the list", whole(found[-1])).equals([driven["listed"]])
