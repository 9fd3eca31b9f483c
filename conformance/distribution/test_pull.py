"""spec.md, "Pull": manifests and blobs that are there, and those that are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, expect_success, media_type_of, require
from pytest_oci.fixtures.registry.scenarios.pull import (
    PART,
    elsewhere,
    media_types,
    moved_tag,
    other_bytes,
    pulled,
    unknown,
    unknown_repository,
)

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

MANIFEST_200, MANIFEST_CONTENT = "dist.manifest.get.status-200", "dist.manifest.get.expected-content"
BLOB_200, BLOB_CONTENT = "dist.blob.get.status-200", "dist.blob.get.expected-content"
REFERENCES = pytest.mark.parametrize("reference", ["tag", "digest"])
ABSENT = ("tag", "manifest")
DIGEST = "Docker-Content-Digest"


def manifest_exchange(observe: Observe, reference: str, how: str = "got") -> Exchange:
    """How the manifest of `pulled` was got, or asked for by HEAD."""
    found: Exchange = observe(pulled())["manifests"][reference][how]
    return found


def blobs(seen: Seen, how: str) -> Iterator[tuple[dict[str, Any], Exchange]]:
    """The blobs of `pulled`, each with how it was got or asked for by HEAD."""
    for blob in seen["blobs"]:
        yield blob, blob[how]


def expect_digest_of_body(told: str | None, exchange: Exchange) -> None:
    """Hold if the digest that a header tells is that of the body, by its algorithm; nothing is known of others."""
    algorithm, _, _ = (told or "").partition(":")
    computed = exchange.body.digest(algorithm)
    if told is not None and (computed is not None or ":" not in told):
        expect(told, DIGEST, exchange_lines(exchange)).equals(computed or exchange.body.sha256)


def expect_manifest(observe: Observe, exchange: Exchange, digest: str, text: str | None) -> None:
    """Hold if an answer brings a manifest.

    From 1.1 on another clause asks for its very bytes; here the same JSON value does, where it is known.
    """
    require(exchange, MANIFEST_200)
    evidence = exchange_lines(exchange)
    expect(exchange.failure, "what kept the body from coming whole", evidence).equals("")
    if exchange.body.sha256 == digest or exchange.body.sha512 == digest:
        return
    if text is None or observe.version.startswith("1.0"):
        raise Violation(f"the manifest {digest}", f"a body with the digest {exchange.body.sha256}", evidence)
    try:
        value = exchange.body.json()
    except ValueError as error:
        raise Violation(f"the manifest {digest}", f"a body that is no such JSON: {error}", evidence) from None
    expect(value, "the manifest", evidence).equals(json.loads(text))


@clause(MANIFEST_200)
@REFERENCES
def test_manifest_is_got_with_200(observe: Observe, reference: str) -> None:
    """GET of a manifest that is there."""
    expect_status(manifest_exchange(observe, reference), 200, f"GET of a manifest by {reference}")


@clause(MANIFEST_200)
@pytest.mark.parametrize("kind", ["image", "index", "docker"])
def test_manifest_of_any_type_is_got_with_200(observe: Observe, kind: str) -> None:
    """GET of a manifest that was accepted, with its type in Accept."""
    seen = observe(media_types())[kind]
    if not seen["put"].ok:
        not_applicable(f"the registry does not take such a manifest: {seen['put'].answer}")
    expect_status(seen["got"], 200, f"GET of a manifest of the type {seen['media_type']}")


@clause("dist.manifest.head.status-200")
@REFERENCES
def test_manifest_is_found_with_200(observe: Observe, reference: str) -> None:
    """HEAD of a manifest that is there."""
    expect_status(manifest_exchange(observe, reference, "head"), 200, f"HEAD of a manifest by {reference}")


@clause(MANIFEST_CONTENT)
@REFERENCES
def test_manifest_is_the_one_pushed(observe: Observe, reference: str) -> None:
    """GET of a manifest that is there brings it."""
    seen = observe(pulled())
    expect_manifest(observe, seen["manifests"][reference]["got"], seen["manifest"]["digest"], seen["text"])


@clause(MANIFEST_CONTENT)
def test_moved_tag_gives_the_new_manifest(observe: Observe) -> None:
    """What was put last to a tag is what the tag gives; that a tag may be moved is not promised."""
    seen = observe(moved_tag())
    if not seen["moved"].ok:
        not_applicable(f"the registry does not move tags: {seen['moved'].answer}")
    expect_manifest(observe, seen["after"], **seen["second"])


@clause(MANIFEST_CONTENT)
def test_manifest_without_a_tag_is_itself(observe: Observe) -> None:
    """The digest of a manifest whose tag was moved gives that manifest, as long as it gives one."""
    seen = observe(moved_tag())
    if not 200 <= seen["former"].status < 300:
        not_applicable(f"the registry does not keep it: {seen['former'].answer}")
    expect_manifest(observe, seen["former"], **seen["first"])


@clause("dist.manifest.get.docker-content-digest")
@REFERENCES
def test_manifest_comes_with_its_digest(observe: Observe, reference: str) -> None:
    """Docker-Content-Digest is there, and right."""
    seen = observe(pulled())
    got = seen["manifests"][reference]["got"]
    require(got, MANIFEST_200, MANIFEST_CONTENT)
    expect_announced(seen, got)


def expect_announced(seen: Seen, exchange: Exchange) -> None:
    """Hold if the registry's answer, or the one that it redirects to, tells the digest of the body."""
    told = announced(seen, exchange)
    if told is None:
        raise Violation(f"{DIGEST}", "no such header", exchange_lines(exchange))
    expect_digest_of_body(told, exchange)


def announced(seen: Seen, exchange: Exchange) -> str | None:
    """Docker-Content-Digest of the last answer that has it: the registry's, or where that redirects to."""
    return next((told for one in reversed(seen.answers(exchange)) if (told := one.header(DIGEST)) is not None), None)


@clause("dist.manifest.get.content-type-no-parameters")
def test_manifest_type_has_no_parameters(observe: Observe) -> None:
    """Content-Type is the media type alone."""
    got = manifest_exchange(observe, "tag")
    require(got, MANIFEST_200)
    expect(got.header("Content-Type") or "", "Content-Type", exchange_lines(got)).satisfies(
        lambda value: ";" not in value, "no parameters"
    )


@clause("dist.manifest.get.content-type-as-pushed")
@pytest.mark.parametrize("kind", ["image", "index", "docker"])
def test_manifest_type_is_the_one_pushed(observe: Observe, kind: str) -> None:
    """Content-Type is what was given when the manifest was pushed."""
    seen = observe(media_types())[kind]
    if not seen["put"].ok:
        not_applicable(f"the registry does not take the type {seen['media_type']}: {seen['put'].answer}")
    require(seen["got"], MANIFEST_200)
    expect(media_type_of(seen["got"]), "Content-Type", exchange_lines(seen["got"])).equals(seen["media_type"])


@clause(BLOB_200)
def test_blob_is_got_with_200(observe: Observe) -> None:
    """GET of a blob that is there, whatever its size; redirects are followed."""
    for blob, got in blobs(observe(pulled()), "got"):
        expect_status(got, 200, f"GET of a blob of {blob['size']} bytes")


@clause("dist.blob.head.status-200")
def test_blob_is_found_with_200(observe: Observe) -> None:
    """HEAD of a blob that is there; where the registry redirects it, of what it redirects to."""
    for blob, head in blobs(observe(pulled()), "head"):
        expect_status(head, 200, f"HEAD of a blob of {blob['size']} bytes")


@clause(BLOB_CONTENT)
def test_blob_is_the_one_pushed(observe: Observe) -> None:
    """GET of a blob that is there brings its bytes."""
    for blob, got in blobs(observe(pulled()), "got"):
        require(got, BLOB_200)
        evidence = exchange_lines(got)
        expect(got.failure, "what kept the body from coming whole", evidence).equals("")
        algorithm = blob["digest"].partition(":")[0]
        expect(got.body.digest(algorithm), f"digest of a body of {got.body.length} bytes", evidence).equals(
            blob["digest"]
        )


@clause(BLOB_CONTENT)
def test_other_bytes_are_not_given_for_a_digest(observe: Observe) -> None:
    """Bytes that were sent with the digest of others never come back for that digest, accepted or not."""
    seen = observe(other_bytes())
    got = seen["got"]
    if 200 <= got.status < 300:
        evidence = exchange_lines(seen["put"], got)
        expect(got.body.sha256, f"digest of what is got for {seen['digest']}", evidence).equals(seen["digest"])


@clause("dist.blob.get.docker-content-digest")
def test_blob_comes_with_its_digest(observe: Observe) -> None:
    """Docker-Content-Digest is there."""
    seen = observe(pulled())
    for _, got in blobs(seen, "got"):
        require(got, BLOB_200)
        if announced(seen, got) is None:
            raise Violation(DIGEST, "no such header", exchange_lines(got))


@clause("dist.blob.get.docker-content-digest-matches")
def test_digest_told_of_a_blob_is_right(observe: Observe) -> None:
    """Docker-Content-Digest is that of the body, by whatever algorithm, on the answer and on redirects to it."""
    seen = observe(pulled())
    told = 0
    for _, got in blobs(seen, "got"):
        require(got, BLOB_200, BLOB_CONTENT)
        for answer in seen.answers(got):
            value = answer.header(DIGEST)
            told += value is not None
            expect_digest_of_body(value, got)
    if not told:
        not_applicable(f"no answer has {DIGEST}")


@clause("dist.blob.get.range")
def test_part_of_a_blob_is_got(observe: Observe) -> None:
    """Range: bytes=2-5 gives 206 and these four bytes."""
    part = observe(pulled())["part"]
    if part is None:
        not_testable("product: it holds no blob of six bytes that can be pulled")
    got = part["got"]
    require(got, BLOB_200)
    evidence = exchange_lines(got)
    expect(got.status, f"status of GET with Range: {PART}", evidence).equals(206)
    expect(got.header("Content-Range"), "Content-Range", evidence).equals(f"bytes 2-5/{part['size']}")
    expect(got.body.length, "length of the part", evidence).equals(4)


@clause("dist.head.docker-content-digest")
@pytest.mark.parametrize("kind", ["manifest", "blob"])
def test_head_tells_the_digest(observe: Observe, kind: str) -> None:
    """Docker-Content-Digest of an answer to HEAD is there, and right where it is of the algorithm asked by."""
    seen = observe(pulled())
    for part, head in heads(seen, kind):
        require(head, f"dist.{kind}.head.status-200")
        told, evidence = announced(seen, head), exchange_lines(head)
        if told is None:
            raise Violation(DIGEST, "no such header", evidence)
        if told.partition(":")[0] == part["digest"].partition(":")[0]:
            expect(told, DIGEST, evidence).equals(part["digest"])


@clause("dist.head.content-length")
@pytest.mark.parametrize("kind", ["manifest", "blob"])
def test_head_tells_the_size(observe: Observe, kind: str) -> None:
    """Content-Length of an answer to HEAD is the size of the content."""
    for part, head in heads(observe(pulled()), kind):
        require(head, f"dist.{kind}.head.status-200")
        expect(head.header("Content-Length"), "Content-Length", exchange_lines(head)).equals(str(part["size"]))


def heads(seen: Seen, kind: str) -> list[tuple[dict[str, Any], Exchange]]:
    """What was asked for by HEAD: a manifest in two ways, or every blob."""
    if kind == "blob":
        return list(blobs(seen, "head"))
    return [(seen["manifest"], exchanges["head"]) for exchanges in seen["manifests"].values()]


UNKNOWN = [
    pytest.param("tag", "got", marks=clause("dist.manifest.get.unknown-404"), id="get-tag"),
    pytest.param("manifest", "got", marks=clause("dist.manifest.get.unknown-404"), id="get-manifest"),
    pytest.param("blob", "got", marks=clause("dist.blob.get.unknown-404"), id="get-blob"),
    pytest.param("tag", "head", marks=clause("dist.manifest.head.unknown-404"), id="head-tag"),
    pytest.param("manifest", "head", marks=clause("dist.manifest.head.unknown-404"), id="head-manifest"),
    pytest.param("blob", "head", marks=clause("dist.blob.head.unknown-404"), id="head-blob"),
]


@pytest.mark.parametrize(("kind", "how"), UNKNOWN)
def test_unknown_content_is_not_found(observe: Observe, kind: str, how: str) -> None:
    """404 for a tag, a manifest or a blob that nobody pushed, in a repository that there is."""
    exchange = observe(unknown())[kind][how]
    expect_status(exchange, 404, f"{exchange.method} of an unknown {kind}")


@pytest.mark.parametrize(("kind", "how"), [case for case in UNKNOWN if case.values[0] != "tag"])
def test_content_of_another_repository_is_not_found(observe: Observe, kind: str, how: str) -> None:
    """404 for what is in another repository only; 1.0 said `not found in the registry`."""
    if observe.version.startswith("1.0"):
        not_applicable("distribution-spec 1.0 asks only about what is nowhere in the registry")
    seen = observe(elsewhere(), whole=False)
    if seen.trouble is not None and seen.trouble.limit:
        not_applicable(f"the account has no second repository: {seen.trouble.text}")
    exchange = seen[kind][how]
    expect_status(exchange, 404, f"{exchange.method} of a {kind} that is in another repository only")


@clause("dist.repository.unknown-404")
@pytest.mark.parametrize("kind", ["tag", "manifest", "blob"])
def test_unknown_repository_is_not_found(observe: Observe, kind: str) -> None:
    """404 for pulling from a repository that nothing was pushed to."""
    expect_status(observe(unknown_repository())[kind], 404, f"GET of a {kind} in an unknown repository")


@clause("dist.categories.pull-required")
@pytest.mark.parametrize("what", ["manifest-got", "manifest-head", "blob-got", "blob-head"])
def test_pulling_is_supported(observe: Observe, what: str) -> None:
    """GET and HEAD of manifests and blobs that are there succeed; how is asked by clauses of their own."""
    seen = observe(pulled())
    kind, _, how = what.partition("-")
    answers = [seen["manifests"]["digest"]] if kind == "manifest" else seen["blobs"][:1]
    for answer in answers:
        exchange = answer[how]
        expect_success(exchange, f"{exchange.method} of a {kind}")
