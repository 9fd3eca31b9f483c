"""spec.md, "Pushing a blob in chunks"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.conformance.distribution.storing import expect_created, expect_location
from pytest_oci.fixtures.registry.scenarios.chunks import chunked, end_of, out_of_order, small_chunks, statuses
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

PATCH_202, PATCH_LOCATION = "dist.upload.patch.status-202", "dist.upload.patch.location"
CLOSED_201 = "dist.upload.chunked.put.status-201"
STATUS_204 = "dist.upload.status.status-204"
LAST = pytest.mark.parametrize("last", ["patch", "put"])


@clause(PATCH_202)
@LAST
def test_chunk_is_taken_with_202(observe: Observe, last: str) -> None:
    """PATCH of every chunk, in order."""
    for chunk in observe(chunked(last))["chunks"]:
        expect_status(chunk["answer"], 202, "PATCH of a chunk")


@clause(PATCH_LOCATION)
@LAST
def test_chunk_has_a_location(observe: Observe, last: str) -> None:
    """PATCH is answered with a Location."""
    for chunk in observe(chunked(last))["chunks"]:
        if chunk["answer"].header("Location") is None:
            raise Violation("Location", "no such header", exchange_lines(chunk["answer"]))


@clause("dist.upload.patch.range")
@LAST
def test_chunk_tells_the_range(observe: Observe, last: str) -> None:
    """Range of the answer to PATCH tells where the last byte is.

    A registry may hold less than it was sent; the upload has gone on from there then, and has to give the whole blob.
    """
    seen = observe(chunked(last))
    for chunk in seen["chunks"]:
        answer, told = chunk["answer"], end_of(chunk["answer"])
        evidence = exchange_lines(answer)
        if told is None or told > chunk["end"]:
            raise Violation(f"Range: 0-{chunk['end']}", answer.header("Range") or "no Range", evidence)
        if told < chunk["end"] and (seen["misled"] or not seen["answer"].ok):
            expected = f"Range: 0-{chunk['end']}, or a shorter one from where the upload can go on"
            raise Violation(expected, f"{answer.header('Range')}, from where it cannot", evidence)


@clause("dist.upload.patch.out-of-order-416")
def test_gap_is_refused_with_416(observe: Observe) -> None:
    """A chunk that begins three bytes too late."""
    expect_status(observe(out_of_order("gap"))["answer"], 416, "PATCH of a chunk after a gap")


@clause("dist.upload.patch.out-of-order-416")
def test_first_chunk_does_not_begin_later(observe: Observe) -> None:
    """A first chunk at 5 is not taken; which refusal it gets is left open."""
    answer = observe(out_of_order("first"))["answer"]
    if outside(answer):
        not_testable(f"{outside(answer)}: {answer.answer}", *exchange_lines(answer))
    expect(answer.status, "status of a first chunk that begins at 5", exchange_lines(answer)).satisfies(
        lambda status: 400 <= status < 500, "a refusal, which is 416"
    )


@clause("dist.upload.patch.out-of-order-416")
def test_repeated_chunk_is_not_appended(observe: Observe) -> None:
    """A chunk that was sent before is not in the blob twice; it may be taken for the answer that got lost."""
    seen = observe(out_of_order("repeated"))
    doubled = seen["doubled"]
    if doubled is not None and doubled.ok:
        raise Violation(
            "416, or the same bytes once", "202, and then a blob with both", exchange_lines(seen["answer"], doubled)
        )


@clause("dist.upload.chunk-min-length-announced")
def test_least_length_of_chunks_is_announced(observe: Observe) -> None:
    """OCI-Chunk-Min-Length is there, as a number, where small chunks are refused and large ones are not."""
    seen = observe(small_chunks())
    told = seen["announced"]
    if told is not None:
        expect(told, "OCI-Chunk-Min-Length", exchange_lines(seen["begun"])).satisfies(
            lambda value: value.isascii() and value.isdigit(), "a number"
        )
        return
    refused: Exchange = seen["answers"][-1]
    if seen["control"] is None:
        return
    if outside(refused) or not seen["control"][-1].ok:
        not_testable(f"depends-on: {PATCH_202}", *exchange_lines(refused, seen["control"][-1]))
    raise Violation(
        "OCI-Chunk-Min-Length", f"no such header, and to a small chunk {refused.answer}", exchange_lines(refused)
    )


@clause(CLOSED_201)
@LAST
def test_chunks_are_ended_with_201(observe: Observe, last: str) -> None:
    """PUT after the last chunk, or with it."""
    expect_created(observe(chunked(last)), "PUT that ends an upload in chunks")


@clause(CLOSED_201)
@LAST
def test_chunks_are_joined(observe: Observe, last: str) -> None:
    """A successful end means that the blob is there, of all chunks."""
    seen = observe(chunked(last))
    require(seen["answer"], CLOSED_201)
    got = seen["got"]
    require(got, "dist.blob.get.status-200", "dist.blob.get.expected-content")
    expect(got.body.sha256, "digest of the chunks together", exchange_lines(got)).equals(seen["digest"])


@clause("dist.upload.chunked.put.location")
@LAST
def test_blob_of_chunks_has_a_location(observe: Observe, last: str) -> None:
    """The Location of the answer to the closing PUT gives the blob."""
    seen = observe(chunked(last))
    expect_location(seen, CLOSED_201)


@clause(STATUS_204)
@pytest.mark.parametrize("when", ["begun", "chunk"])
def test_status_of_an_upload_is_204(observe: Observe, when: str) -> None:
    """GET of an upload at its newest location, before any chunk and after one."""
    expect_status(observe(statuses())[when], 204, "GET of an upload")


@clause("dist.upload.status.location")
@pytest.mark.parametrize("when", ["begun", "chunk"])
def test_status_has_a_location(observe: Observe, when: str) -> None:
    """Location is there, and the next chunk can be sent to it."""
    seen = observe(statuses())
    answer = seen[when]
    require(answer, STATUS_204)
    if answer.header("Location") is None:
        raise Violation("Location", "no such header", exchange_lines(answer))
    if when == "chunk" and not seen["next"].ok:
        raise Violation("a Location that takes the next chunk", seen["next"].line, exchange_lines(answer, seen["next"]))


@clause("dist.upload.status.range")
def test_status_has_a_range(observe: Observe) -> None:
    """Range tells where the last byte is, as the answer to the chunk told it."""
    seen = observe(statuses())
    require(seen["chunk"], STATUS_204)
    expect_range(seen["chunk"], seen["end"], end_of(seen["patch"]))


@clause("dist.upload.status.range")
def test_status_has_a_range_after_a_refusal(observe: Observe) -> None:
    """Range after 416 tells where the last byte is that was taken; that the upload lives on is not judged here."""
    seen = observe(out_of_order("gap"))
    if seen["status"] is None:
        not_applicable(f"there was no 416 to ask after: {seen['answer'].answer}")
    if seen["status"].status != 204:
        not_applicable(f"the upload is no more: {seen['status'].answer}")
    expect_range(seen["status"], seen["end"], None)


def expect_range(status: Exchange, end: int, told: int | None) -> None:
    """Hold if Range of a status tells of the last byte sent, or of the one that was told before if that was less."""
    expected = told if told is not None and told < end else end
    found = end_of(status)
    if found is None or not expected <= found <= end:
        raise Violation(f"Range: 0-{expected}", status.header("Range") or "no Range", exchange_lines(status))
