"""spec.md, "Pushing blobs", and "Mounting a blob from another repository": how clients upload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import (
    Session,
    expect_none,
    followed,
    of_kind,
    sent_header,
    sent_manifests,
    sent_query,
    sessions,
)
from pytest_oci.fixtures.client.drive import whole
from pytest_oci.fixtures.client.scenarios import plain, uploads

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.client.drive import Drive, Ran

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.client

RANGE = re.compile(r"[0-9]+-[0-9]+")
NO_RANGES = "no chunk has a Content-Range: blobs are sent in one piece"


def uploaded(ran: Ran) -> list[Session]:
    """The sessions of a push; ends the test if there are none."""
    found = sessions(ran)
    if not found:
        if not ran.exchanges:
            not_testable("product: nothing arrived at the registry", ran.ended)
        not_applicable("no upload session was begun")
    return found


def ranged(session: Session) -> Iterator[tuple[Exchange, int, int]]:
    """The parts of a session with a well-formed Content-Range, and its two numbers."""
    for part in session.parts:
        value = sent_header(part, "Content-Range") or ""
        if RANGE.fullmatch(value):
            first, _, last = value.partition("-")
            yield part, int(first), int(last)


def all_ranged(ran: Ran) -> list[tuple[Exchange, int, int]]:
    """The same of all sessions; ends the test if there are none."""
    found = [one for session in uploaded(ran) for one in ranged(session)]
    if not found:
        not_applicable(NO_RANGES)
    return found


def single_posts(ran: Ran) -> list[Exchange]:
    """The POSTs with a whole blob; ends the test if there are none."""
    found = [
        one for one in of_kind(ran, "POST", "uploads") if "digest" in sent_query(one) and "mount" not in sent_query(one)
    ]
    if not found:
        not_applicable("no blob is pushed by a single POST")
    return found


@clause("dist.client.put-url-as-given")
def test_locations_keep_their_query(drive: Drive) -> None:
    """What goes to an upload location goes to its path, with its parameters."""
    expect_followed(drive(uploads.located_with_query()).ran())


def expect_followed(ran: Ran) -> None:
    """Hold if every request of a session went to the location that was given last, and there was one."""
    found = uploaded(ran)
    ran.must_end()
    if not any(session.parts for session in found):
        raise Violation("uploads to go to their Location", f"nothing was uploaded: {ran.ended}", ran.lines())
    expect_none(
        (
            (step, f"{step.method} {step.url} after Location: {location}")
            for session in found
            for step, location in session.steps
            if step.method in ("PATCH", "PUT") and not followed(step, location)
        ),
        "uploads to go to their Location, as it was given",
    )


@clause("dist.client.put-url-not-assembled")
@pytest.mark.parametrize("other_port", [False, True], ids=["other-path", "other-port"])
def test_locations_may_be_anywhere(drive: Drive, other_port: bool) -> None:
    """A location that is not where the API is."""
    expect_followed(drive(uploads.located_elsewhere(other_port=other_port)).ran())


@clause("dist.client.single-post.content-length")
def test_single_posts_tell_their_length(drive: Drive) -> None:
    """Content-Length is there, and is that of the blob."""
    expect_none(
        (
            (one, f"Content-Length: {sent_header(one, 'Content-Length')} for {one.sent.length} bytes")
            for one in single_posts(drive(plain.pushed()).ran())
            if sent_header(one, "Content-Length") != str(one.sent.length)
        ),
        "Content-Length of a POST with a blob to be the blob's",
    )


@clause("dist.client.single-post.digest")
def test_single_posts_have_the_digest_of_the_blob(drive: Drive) -> None:
    """Of what is sent."""
    expect_none(
        (
            (one, f"digest={digest} for {one.sent.digest(digest.partition(':')[0])}")
            for one in single_posts(drive(plain.pushed()).ran())
            for digest in sent_query(one)["digest"]
            if one.sent.digest(digest.partition(":")[0]) != digest
        ),
        "the digest of a POST with a blob to be the blob's",
    )


@clause("dist.client.single-post.fallback-put")
def test_single_posts_that_begin_a_session_are_ended(drive: Drive) -> None:
    """202 instead of 201."""
    ran = drive(uploads.not_in_one_post()).ran()
    posts = single_posts(ran)
    begun = [session for session in sessions(ran) if session.begun in posts]
    ended = {
        digest for session in sessions(ran) for one in session.closing for digest in sent_query(one).get("digest", ())
    }
    expect_none(
        (
            (session.begun, f"no PUT after 202 for {sent_query(session.begun)['digest'][0]}")
            for session in begun
            if not session.closing and sent_query(session.begun)["digest"][0] not in ended
        ),
        "a PUT after a POST with a blob was answered by 202",
    )


@clause("dist.client.chunked.post-content-length-0")
def test_sessions_for_chunks_begin_without_a_body(drive: Drive) -> None:
    """Content-Length: 0."""
    chunked = [session for session in uploaded(drive(plain.pushed()).ran()) if session.chunks]
    if not chunked:
        not_applicable("no blob is pushed in chunks")
    expect_none(
        (
            (session.begun, f"Content-Length: {sent_header(session.begun, 'Content-Length')}")
            for session in chunked
            if sent_header(session.begun, "Content-Length") != "0"
        ),
        "Content-Length: 0 in the POST of an upload in chunks",
    )


@clause("dist.client.chunked.range-format")
def test_ranges_have_their_form(drive: Drive) -> None:
    """Two numbers and a hyphen."""
    values = [
        (part, value)
        for session in uploaded(drive(plain.pushed()).ran())
        for part in session.parts
        if (value := sent_header(part, "Content-Range")) is not None
    ]
    if not values:
        not_applicable(NO_RANGES)
    wrong = ((part, f"Content-Range: {value}") for part, value in values if not RANGE.fullmatch(value))
    expect_none(wrong, "Content-Range to match ^[0-9]+-[0-9]+$")


@clause("dist.client.chunked.range-inclusive")
def test_ranges_are_inclusive(drive: Drive) -> None:
    """A chunk has as many bytes as its range."""
    expect_none(
        (
            (part, f"Content-Range: {first}-{last} for {part.sent.length} bytes")
            for part, first, last in all_ranged(drive(plain.pushed()).ran())
            if last - first + 1 != part.sent.length
        ),
        "Content-Range to give the first and the last byte of a chunk",
    )


@clause("dist.client.chunked.first-range-zero")
def test_first_range_begins_with_zero(drive: Drive) -> None:
    """Of every session."""
    ran = drive(plain.pushed()).ran()
    all_ranged(ran)
    expect_none(
        (
            (part, f"the first chunk has Content-Range: {first}-{last}")
            for session in uploaded(ran)
            for part, first, last in list(ranged(session))[:1]
            if first != 0 and part is session.parts[0]
        ),
        "the first range to begin with 0",
    )


@clause("dist.client.chunked.in-order")
def test_chunks_come_in_order(drive: Drive) -> None:
    """Each begins after the end of the one before."""
    ran = drive(plain.pushed()).ran()
    if not any(session.chunks for session in uploaded(ran)):
        not_applicable("no blob is pushed in chunks")
    wrong: list[tuple[Exchange, str]] = []
    for session in uploaded(ran):
        end = -1
        for part in session.parts:
            value = sent_header(part, "Content-Range") or ""
            if RANGE.fullmatch(value):
                first = int(value.partition("-")[0])
                if end >= 0 and first != end + 1:
                    wrong.append((part, f"a chunk that begins with byte {first} after one that ends with {end}"))
                end = int(value.partition("-")[2])
    expect_none(wrong, "chunks in order, each beginning after the end of the one before")


@clause("dist.client.chunked.min-length")
def test_chunks_are_long_enough(drive: Drive) -> None:
    """All but the last of a session have at least the length that the registry asks for."""
    driven = drive(uploads.in_large_chunks())
    least = driven["least"]
    if not any(session.chunks for session in uploaded(driven.ran())):
        not_applicable("no blob is pushed in chunks")
    expect_none(
        (
            (part, f"a chunk of {part.sent.length} bytes that is not the last")
            for session in sessions(driven.ran())
            for part in session.parts[:-1]
            if part.sent.length < least
        ),
        f"chunks of at least {least} bytes, as OCI-Chunk-Min-Length says",
    )


@clause("dist.client.chunked.uses-new-location")
def test_chunks_go_to_the_newest_location(drive: Drive) -> None:
    """Each answer gives another one."""
    ran = drive(uploads.located_anew()).ran()
    if not any(session.chunks for session in uploaded(ran)):
        not_applicable("no blob is pushed in chunks")
    stale = [one for one in of_kind(ran, "PATCH PUT", "upload") if one.status == 404]
    wrong = [(one, f"{one.method} to a location that was replaced") for one in stale]
    expect_none(wrong, "each chunk, and the end, to go to the Location of the answer before")


@clause("dist.client.chunked.closed-with-put")
def test_sessions_are_closed(drive: Drive) -> None:
    """Before the manifest is pushed."""
    ran = drive(plain.pushed()).ran()
    manifests = [place for place, one in enumerate(ran.exchanges) if one in of_kind(ran, "PUT", "manifest")]
    chunked = [session for session in uploaded(ran) if session.chunks and session.chunks[-1].status == 202]
    if not manifests or not chunked:
        not_applicable("no manifest was pushed after an upload in chunks")
    expect_none(
        (
            (session.chunks[-1], "a manifest was pushed while this upload was open")
            for session in chunked
            if not [one for one in session.closing if ran.exchanges.index(one) < manifests[0]]
            and ran.exchanges.index(session.chunks[-1]) < manifests[0]
            and not _given_up(session)
        ),
        "a PUT that ends each upload in chunks",
    )


def _given_up(session: Session) -> bool:
    return any(step.method == "DELETE" for step, _ in session.steps)


@clause("dist.client.chunked.put-digest")
def test_sessions_are_closed_with_the_digest_of_the_blob(drive: Drive) -> None:
    """Not of its last chunk: the registry computes it."""
    closing = [one for session in uploaded(drive(plain.pushed()).ran()) if session.chunks for one in session.closing]
    if not closing:
        not_applicable("no upload in chunks was closed")
    expect_none(
        (
            (one, f"digest={', '.join(sent_query(one).get('digest', ())) or '(none)'}: {one.answer}")
            for one in closing
            if "digest" not in sent_query(one) or "DIGEST_INVALID" in one.codes
        ),
        "the digest of the whole blob in the PUT that ends an upload in chunks",
    )


@clause("dist.client.chunked.resume-location")
def test_uploads_are_resumed_at_the_new_location(drive: Drive) -> None:
    """After 416, the client asks where the upload is."""
    ran = drive(uploads.interrupted()).ran()
    asked_again = [session for session in uploaded(ran) if any(step.method == "GET" for step, _ in session.steps)]
    if not asked_again:
        not_applicable("after 416 the client does not ask for the state of the upload")
    expect_followed(ran)


@clause("dist.client.mount-digest-header-verified")
def test_digest_of_a_mount_is_not_believed(drive: Drive) -> None:
    """The manifest does not call the blob by the digest in the answer to the mount."""
    driven = drive(uploads.mounted())
    ran = driven.ran()
    mounts = [one for one in of_kind(ran, "POST", "uploads") if "mount" in sent_query(one) and one.status == 201]
    if not mounts:
        not_applicable("the client mounts no blob")
    for exchange, document in sent_manifests(ran):
        if driven["other"] in str(document):
            raise Violation("a manifest with the digests of its blobs", driven["other"], whole(mounts[0], exchange))
    expect(
        ran.tells(driven["other"]) if ran.ok else [], "where the digest of the answer to the mount is told"
    ).is_empty()
