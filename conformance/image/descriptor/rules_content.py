"""Rules about what descriptors say of their content: its size, and the content itself (descriptor.md)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pytest_oci.conformance.image import digests
from pytest_oci.conformance.image.descriptor import base64_strict
from pytest_oci.conformance.image.descriptor.rules_digests import cause_of
from pytest_oci.conformance.image.judged import ALTERED, Doubtful, Unseen, depends_on, where
from pytest_oci.conformance.image.members import (
    ABSENT,
    INT64_MAX,
    describe,
    integer,
    is_plainly_written,
    member,
)
from pytest_oci.conformance.image.parts import in_descriptors

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.facts import Blob
    from pytest_oci.targets.layout.tree import Described

SIZE = "an integer from 0 to 9223372036854775807, in bytes"


@in_descriptors
def size_required(described: Described) -> Iterator[Seen]:
    """Sizes that are absent, null, no integers, or no int64 of bytes; one written as 2.0 or 2e0 is doubtful."""
    value = member(described.value, "size")
    size = integer(value)
    if size is None or not 0 <= size <= INT64_MAX:
        yield Finding(where(described, "size"), describe(value), SIZE)
    elif not is_plainly_written(value):
        yield Doubtful(Finding(where(described, "size"), describe(value), f"{size}, as an integer is written"))


@in_descriptors
def size_equals_content(described: Described) -> Iterator[Seen]:
    """Sizes that are not the length of the content: of the blob, or of what is embedded and has this digest."""
    size = integer(member(described.value, "size"))
    if size is None or not 0 <= size <= INT64_MAX:
        yield depends_on("descriptor.size.required", where(described, "size"))
        return
    blob = described.blob
    if blob is None:
        embedded = _embedded(described)
        digest = described.member("digest")
        if embedded is not None and isinstance(digest, str) and _is_digest_of(embedded, digest):
            yield from _compared(described, size, len(embedded), "what is embedded in its data")
        return
    cause = cause_of(described.member("digest")) or blob.unseen
    if cause or _is_altered(blob):
        yield Unseen(cause or f"depends-on: {ALTERED}", where(described, "size"))
    else:
        yield from _compared(described, size, blob.size, blob.path)


@in_descriptors
def data_is_base64(described: Described) -> Iterator[Seen]:
    """Embedded contents that are no strings, or no base 64; null, which may be taken for absent, is doubtful."""
    value = member(described.value, "data")
    place = where(described, "data")
    if value is None:
        yield Doubtful(Finding(place, "null", "absent or base 64"))
    elif isinstance(value, str):
        fault = base64_strict.fault(value)
        if fault:
            yield Finding(place, f"{describe(value)}: {fault}", "base 64 as RFC 4648 section 4 writes it")
    elif value is not ABSENT:
        yield Finding(place, describe(value), "a string of base 64")


@in_descriptors
def data_is_content(described: Described) -> Iterator[Seen]:
    """Embedded contents that are not those that the digest is of."""
    value = member(described.value, "data")
    if value is None or value is ABSENT:
        return
    place = where(described, "data")
    embedded = _embedded(described)
    if embedded is None:
        yield depends_on("descriptor.data.base64", place)
        return
    digest = described.member("digest")
    cause = cause_of(digest)
    if cause or not isinstance(digest, str):
        yield Unseen(cause, place)
    elif _algorithm(digest) in digests.HEX_DIGITS:
        if not _is_digest_of(embedded, digest):
            actual = f"{len(embedded)} bytes with the digest {_digest_of(embedded, _algorithm(digest))}"
            yield Finding(place, actual, f"the content of {describe(digest)}")
    else:
        yield from _compared_with_blob(described, embedded, digest)


def _compared_with_blob(described: Described, embedded: bytes, digest: str) -> Iterator[Seen]:
    """For digests of algorithms that are not known here."""
    blob, place = described.blob, where(described, "data")
    if blob is None:
        yield Unseen(f"host: digests of {_algorithm(digest)} are not known here", place)
    elif blob.unseen:
        yield Unseen(blob.unseen, place)
    elif len(embedded) != blob.size or not embedded.startswith(blob.head):
        yield Finding(place, f"{len(embedded)} bytes that are not those of {blob.path}", "the same content")
    elif blob.data is None and blob.size > len(blob.head):
        yield Unseen(blob.withheld or f"host: digests of {_algorithm(digest)} are not known here", place)
    elif blob.data is not None and embedded != blob.data:
        yield Finding(place, f"{len(embedded)} bytes that are not those of {blob.path}", "the same content")


def _compared(described: Described, size: int, length: int, what: str) -> Iterator[Finding]:
    if size != length:
        yield Finding(where(described, "size"), describe(size), f"{length}, the length of {what}")


def _is_altered(blob: Blob) -> bool:
    """Whether the content is not what the blob's name says, as far as the algorithm is known here."""
    return bool(blob.digest) and blob.digest != blob.named


def _embedded(described: Described) -> bytes | None:
    value = described.member("data")
    return base64_strict.decode(value) if isinstance(value, str) else None


def _algorithm(digest: str) -> str:
    return digest.partition(":")[0]


def _digest_of(content: bytes, algorithm: str) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()}"


def _is_digest_of(content: bytes, digest: str) -> bool:
    algorithm = _algorithm(digest)
    return algorithm in digests.HEX_DIGITS and _digest_of(content, algorithm) == digest
