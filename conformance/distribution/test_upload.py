"""spec.md, "Pushing a blob monolithically": upload sessions, POST and PUT, single POST."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status
from pytest_oci.conformance.distribution.storing import BLOB_CONTENT, expect_created, expect_location, there
from pytest_oci.fixtures.registry.scenarios.uploads import claimed_digest, sessions, single_post, whole_blobs

from pytest_oci import clause, expect, not_applicable, not_testable, unsupported
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

POST_202, POST_LOCATION, PUT_201 = (
    *("dist.upload.post.status-202", "dist.upload.post.location", "dist.upload.put.status-201"),
)
SINGLE_201 = "dist.upload.single-post.status-201"
BLOBS = ("one-byte", "large")
OTHERS = {"empty": "an empty blob", "sha512": "a blob by its sha512"}
"""Blobs that a registry need not take."""
LONG_ENOUGH = re.compile(r"[A-Za-z0-9_.~+=-]{22,}")
"""A token that may hold the 128 bits of a UUID: 22 characters in base64url, more in all other alphabets."""
UUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")


@clause(POST_202)
@pytest.mark.parametrize("place", [0, 1], ids=["first", "second"])
def test_upload_is_begun_with_202(observe: Observe, place: int) -> None:
    """POST without a body."""
    expect_status(observe(sessions())["begun"][place], 202, "POST that begins an upload")


@clause(POST_LOCATION)
def test_upload_has_a_location(observe: Observe) -> None:
    """POST is answered with a Location; that it takes the upload is seen by what ends it."""
    for begun in observe(sessions())["begun"]:
        if begun.header("Location") is None:
            raise Violation("Location", "no such header", exchange_lines(begun))


def locations(seen: Seen) -> list[str]:
    """Where the two uploads of `sessions` were to be sent to."""
    return [urllib.parse.urljoin(begun.url, begun.header("Location") or "") for begun in seen["begun"]]


@clause("dist.upload.location.contains-uuid")
def test_location_holds_a_uuid(observe: Observe) -> None:
    """What differs between two locations is a UUID in one of its forms, or a token that may encode one."""
    seen = observe(sessions())
    words = [_words(location) for location in locations(seen)]
    own = words[0] - words[1]
    found = [word for word in own if UUID.search(word) or LONG_ENOUGH.search(word)]
    if not found:
        raise Violation("a UUID in Location", ", ".join(sorted(own)) or "nothing", exchange_lines(*seen["begun"]))


def _words(location: str) -> set[str]:
    """Segments of the path and values of the query."""
    parts = urllib.parse.urlsplit(location)
    values = [value for _, value in urllib.parse.parse_qsl(parts.query, keep_blank_values=True)]
    return {*map(urllib.parse.unquote, parts.path.split("/")), *values}


@clause("dist.upload.location.unique-session")
def test_sessions_are_apart(observe: Observe) -> None:
    """Two uploads have locations of their own, and neither knows of the other."""
    seen = observe(sessions())
    one, other = locations(seen)
    expect(other, "Location of a second upload", exchange_lines(*seen["begun"])).differs_from(one)
    for blob in seen["blobs"]:
        answer, got = blob["answer"], blob["got"]
        evidence = exchange_lines(answer, got)
        if not answer.ok:
            raise Violation("an upload that ends beside another one", answer.line, evidence)
        if got.ok:
            expect(got.body.sha256, "digest of what was uploaded beside something else", evidence).equals(
                blob["digest"]
            )


@clause(PUT_201)
@pytest.mark.parametrize("name", BLOBS)
def test_upload_is_ended_with_201(observe: Observe, name: str) -> None:
    """PUT of a whole blob."""
    expect_created(observe(whole_blobs())[name], f"PUT of the blob {name}")


@clause(PUT_201)
@pytest.mark.parametrize("name", OTHERS)
def test_upload_that_is_taken_is_ended_with_201(observe: Observe, name: str) -> None:
    """PUT of what need not be taken: if it is, then with 201."""
    expect_created(observe(whole_blobs())[name], OTHERS[name], optional=True)


@clause("dist.upload.put.location")
@pytest.mark.parametrize("name", [*BLOBS, *OTHERS])
def test_uploaded_blob_has_a_location(observe: Observe, name: str) -> None:
    """The Location of the answer to PUT gives the blob."""
    blob = observe(whole_blobs())[name]
    if name in OTHERS and 400 <= blob["answer"].status < 500:
        not_applicable(f"the registry does not take {OTHERS[name]}: {blob['answer'].answer}")
    expect_location(blob, PUT_201)


def single(observe: Observe) -> Seen:
    """The scenario of a single POST, where the blob was stored by it."""
    seen = observe(single_post())
    if there(seen["before"]):
        not_testable("product: a blob that nobody pushed to the repository is there", *exchange_lines(seen["before"]))
    if seen["answer"].status != 201 and not there(seen["after"]):
        unsupported(
            f"the registry does not store a blob by a single POST: {seen['answer'].answer}",
            *exchange_lines(seen["answer"], seen["after"]),
        )
    return seen


@clause(SINGLE_201)
def test_single_post_that_stores_has_201(observe: Observe) -> None:
    """What was stored by one POST was answered with 201."""
    expect_status(single(observe)["answer"], 201, "POST that has stored a blob")


@clause("dist.upload.single-post.location")
def test_single_post_has_a_location(observe: Observe) -> None:
    """The Location of the answer to a single POST gives the blob."""
    seen = single(observe)
    expect_location(seen, SINGLE_201)


@clause("dist.upload.single-post.unsupported-202")
def test_single_post_that_is_not_supported_begins_an_upload(observe: Observe) -> None:
    """202 with a Location, which takes the blob; or the blob is stored."""
    seen = observe(single_post())
    answer, then = seen["answer"], seen["then"]
    if there(seen["after"]):
        not_applicable("the registry stores blobs by a single POST")
    expect_status(answer, 202, "POST with a digest and a blob")
    evidence = exchange_lines(answer, *([then] if then is not None else []))
    if then is None:
        raise Violation("Location", "no such header", evidence)
    if not then.ok:
        raise Violation("the upload that was begun takes the blob", then.line, evidence)


@clause(BLOB_CONTENT)
@pytest.mark.parametrize("how", ["single", "chunks"])
def test_other_bytes_are_not_kept_for_a_digest(observe: Observe, how: str) -> None:
    """Bytes that were sent with the digest of others, in one POST or in chunks, never come back for that digest."""
    seen = observe(claimed_digest(how))
    got: Exchange = seen["got"]
    if 200 <= got.status < 300:
        expect(got.body.sha256, "digest of what is got", exchange_lines(seen["answer"], got)).equals(seen["digest"])
