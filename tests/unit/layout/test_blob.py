"""One blob in one pass: its digests, what it unpacks to, whether it may be a document, and where reading it ends."""

from __future__ import annotations

import gzip
import hashlib
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from generating import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from pytest_oci.fixtures.image import compression as packing
from pytest_oci.fixtures.image import layers

from pytest_oci.targets.layout import blob as reading
from pytest_oci.targets.layout import compression
from pytest_oci.targets.layout.blob import DocumentsAllowance, read_blob
from pytest_oci.targets.layout.compression import NO_ZSTD, ZSTD_ENGINES, engine
from pytest_oci.targets.layout.facts import Tar, Unpacked
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, MIB

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from pytest_oci.targets.layout.facts import Blob
    from pytest_oci.targets.layout.limits import LayoutLimits

PATH = f"blobs/sha256/{'ab' * 32}"
LAYER = layers.layer([layers.directory("d"), layers.file("d/f", b"content" * 1000), layers.whiteout("d/g")])
DOCUMENT = b'{"schemaVersion": 2}'
UNLIMITED = 1 << 62

needs_zstd = pytest.mark.skipif(engine(ZSTD_ENGINES) is None, reason="without zstd")


def read(
    data: bytes,
    *algorithms: str,
    path: str = PATH,
    step: int = 0,
    limits: LayoutLimits = DEFAULT_LIMITS,
    deadline: float = math.inf,
    allowance: DocumentsAllowance | None = None,
) -> Blob:
    return read_blob(
        path,
        portions(data, step or max(1, len(data))),
        len(data),
        algorithms=algorithms,
        limits=limits,
        deadline=deadline,
        allowance=allowance,
    )


def portions(data: bytes, step: int) -> Iterator[bytes]:
    for start in range(0, len(data), step):
        yield data[start : start + step]


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def sha512(data: bytes) -> str:
    return f"sha512:{hashlib.sha512(data).hexdigest()}"


def cause(name: str, value: int) -> str:
    return f"limit: {name}={value} was reached; --oci-limit={name}=NUMBER sets it"


# --- Digests


@pytest.mark.parametrize("step", [0, 1, 100])
@pytest.mark.parametrize("suffix", ["", "gzip", pytest.param("zstd", marks=needs_zstd)])
def test_layers_are_digested_and_walked(step: int, suffix: str) -> None:
    """As they are and unpacked, in one pass."""
    data = {"": LAYER, "gzip": packing.gzip(LAYER, members=3), "zstd": packing.zstd(LAYER, frames=2)}[suffix]

    seen = read(data, step=step)

    assert (seen.path, seen.size, seen.digest, seen.head) == (PATH, len(data), sha256(data), data[:64])
    assert (seen.data, seen.withheld, seen.unseen) == (None, "", "")
    tar = Tar(entries=3, ended="zero blocks", types={"0": 2, "5": 1})
    assert seen.unpacked
    assert replace(
        seen.unpacked, tar=replace(seen.unpacked.tar, whiteouts=tar.whiteouts, late_whiteouts=tar.late_whiteouts)
    ) == Unpacked(suffix, len(LAYER), {"sha256": sha256(LAYER)}, tar, members={"": 0, "gzip": 3, "zstd": 2}[suffix])
    assert seen.unpacked.tar.late_whiteouts.names == ("d/.wh.g",)


@pytest.mark.parametrize("packed", [False, True])
def test_digests_by_other_algorithms(packed: bool) -> None:
    """Of the blob by that of its directory, of what it unpacks to by those that are asked for."""
    data = packing.gzip(LAYER) if packed else LAYER
    path = f"blobs/sha512/{'ab' * 64}"

    assert read(data, path=path).digest == sha512(data)
    unpacked = read(data, "sha512", "sha256", "md5", "unknown").unpacked
    assert unpacked
    assert unpacked.digests == {"sha256": sha256(LAYER), "sha512": sha512(LAYER)}


@pytest.mark.parametrize("algorithm", ["md5", "sha384", "blake3", "multihash+base58", ""])
def test_algorithms_that_are_not_registered(algorithm: str) -> None:
    """The blob is read all the same, and no digest of it is given."""
    seen = read(DOCUMENT, path=f"blobs/{algorithm}/abc")

    assert (seen.digest, seen.data, seen.unseen) == ("", DOCUMENT, "")


# --- Documents


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("data", [DOCUMENT, b"", b"\xef\xbb\xbf{}", b"\xff" * 600, b" " * 1000, b"{" + b" " * 2000])
def test_documents_are_kept(data: bytes, step: int) -> None:
    """Whatever is neither compressed nor tar, exactly as it is."""
    seen = read(data, step=step)

    assert (seen.data, seen.withheld, seen.digest, seen.size) == (data, "", sha256(data), len(data))
    assert seen.unpacked
    assert seen.unpacked.digests == {"sha256": sha256(data)}
    assert (seen.unpacked.tar.problem != "") == (data != b"")


@pytest.mark.parametrize("data", [LAYER, bytes(1024), packing.gzip(DOCUMENT), packing.zstd(DOCUMENT)])
def test_what_is_no_document(data: bytes) -> None:
    """Is not kept, and nothing was withheld."""
    seen = read(data)

    assert (seen.data, seen.withheld) == (None, "")


def test_large_documents_are_withheld() -> None:
    """They are digested all the same."""
    limits = replace(DEFAULT_LIMITS, document_bytes=1000)
    allowance = DocumentsAllowance(replace(limits, documents_bytes=1000))

    assert read(b"x" * 1000, limits=limits).withheld == ""
    for step in (0, 1, 600):
        seen = read(b"x" * 1001, step=step, limits=limits, allowance=allowance)
        assert (seen.data, seen.withheld) == (None, cause("document-bytes", 1000))
        assert seen.digest == sha256(b"x" * 1001)
    assert read(b"x" * 1000, limits=limits, allowance=allowance).data


def test_documents_share_an_allowance() -> None:
    """What does not fit any more is withheld; smaller ones may still do."""
    limits = replace(DEFAULT_LIMITS, documents_bytes=1000)
    allowance = DocumentsAllowance(limits)

    assert read(b"x" * 700, limits=limits, allowance=allowance).data
    assert read(b"x" * 301, limits=limits, allowance=allowance).withheld == cause("documents-bytes", 1000)
    assert read(b"x" * 300, limits=limits, allowance=allowance).data
    assert read(b"x", limits=limits, allowance=allowance).withheld == cause("documents-bytes", 1000)
    assert read(LAYER, limits=limits, allowance=allowance).withheld == ""


# --- Broken streams


@pytest.mark.parametrize("step", [0, 1, 100])
def test_broken_streams(step: int) -> None:
    """The blob has its digest; what it unpacks to has none, and the archive in it did not end."""
    data = packing.gzip(LAYER)[:-1]

    seen = read(data, step=step)

    assert seen.digest == sha256(data)
    assert seen.unpacked
    assert seen.unpacked.problem == f"the gzip member that begins at byte 0 is cut off at byte {len(data)}"
    assert (seen.unpacked.digests, seen.unpacked.unseen, seen.unpacked.tar.unseen) == ({}, "", "")
    broken = packing.gzip(LAYER[:1000])[:-1]
    unpacked = read(broken, step=step).unpacked
    assert unpacked
    assert (unpacked.tar.problem, unpacked.tar.ended, unpacked.tar.unseen) == ("", "", "")


def test_what_follows_a_stream_is_a_problem() -> None:
    """What came before is digested and walked to its end."""
    unpacked = read(packing.gzip(LAYER) + b"more").unpacked

    assert unpacked
    assert unpacked.problem.startswith("4 bytes follow the end of the gzip data")
    assert unpacked.digests == {"sha256": sha256(LAYER)}
    assert unpacked.tar.ended == "zero blocks"


def test_compressed_data_that_are_no_archive() -> None:
    """That is said of the archive, with the place in the unpacked bytes."""
    unpacked = read(packing.gzip(DOCUMENT)).unpacked

    assert unpacked
    assert (unpacked.problem, unpacked.digests) == ("", {"sha256": sha256(DOCUMENT)})
    assert unpacked.tar.problem == f"the header at byte 0 is cut off at byte {len(DOCUMENT)}"


def test_zstd_on_a_host_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The blob itself is read; what is in it is not seen."""
    monkeypatch.setattr(compression, "ZSTD_ENGINES", ())
    data = packing.zstd(LAYER)

    seen = read(data, step=100)

    assert (seen.digest, seen.size, seen.unseen) == (sha256(data), len(data), "")
    assert seen.unpacked == Unpacked("zstd", 0, {}, Tar(unseen=NO_ZSTD), unseen=NO_ZSTD)


# --- Limits


@pytest.mark.parametrize("step", [0, 100])
def test_large_blobs_are_not_read(step: int) -> None:
    """Be it that their size is known to be too large, or that it shows."""
    limits = replace(DEFAULT_LIMITS, blob_bytes=1000)
    data = packing.gzip(LAYER, level=0)

    def chunks() -> Iterator[bytes]:
        yield from portions(data, step or len(data))
        raise AssertionError("read to the end")

    known = read_blob(PATH, chunks(), len(data), limits=limits)
    shows = read_blob(PATH, chunks(), 5, limits=limits)

    assert (known.unseen, known.digest, known.unpacked) == (cause("blob-bytes", 1000), "", None)
    assert (shows.unseen, shows.digest) == (cause("blob-bytes", 1000), "")
    assert shows.unpacked
    assert shows.unpacked.unseen == shows.unpacked.tar.unseen == shows.unseen


def test_documents_of_blobs_that_are_too_large() -> None:
    """Nothing of them is kept."""
    limits = replace(DEFAULT_LIMITS, blob_bytes=1000)
    allowance = DocumentsAllowance(replace(limits, documents_bytes=1000))

    seen = read_blob(PATH, portions(b"x" * 2000, 600), 5, limits=limits, allowance=allowance)

    assert (seen.data, seen.withheld, seen.unseen) == (None, "", cause("blob-bytes", 1000))
    assert allowance.take(1000)


@pytest.mark.parametrize("kind", ["gzip", pytest.param("zstd", marks=needs_zstd)])
def test_unpacked_bytes_are_limited(kind: str) -> None:
    """The blob itself is digested to its end."""
    limits = replace(DEFAULT_LIMITS, unpacked_bytes=MIB)
    data = gzip.compress(bytes(20 * MIB)) if kind == "gzip" else packing.zstd_run(b"\0", 20 * MIB)

    seen = read(data, step=1000, limits=limits)

    assert (seen.digest, seen.unseen) == (sha256(data), "")
    assert seen.unpacked
    assert seen.unpacked.unseen == seen.unpacked.tar.unseen == cause("unpacked-bytes", MIB)
    assert seen.unpacked.digests == {}
    assert MIB < seen.unpacked.size < 2 * MIB


@pytest.mark.parametrize("kind", ["gzip", pytest.param("zstd", marks=needs_zstd)])
def test_bombs_are_not_unpacked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What expands beyond all reason, once it is large."""
    monkeypatch.setattr(reading, "GIB", MIB)
    data = gzip.compress(bytes(40 * MIB)) if kind == "gzip" else packing.zstd_run(b"\0", 1 << 30)

    seen = read(data)

    assert seen.digest == sha256(data)
    assert seen.unpacked
    assert seen.unpacked.unseen == cause("unpacked-ratio", 250)
    assert seen.unpacked.size < 20 * MIB
    small = gzip.compress(bytes(MIB))
    unpacked = read(small).unpacked
    assert unpacked
    assert unpacked.unseen == ""


def test_a_limit_of_the_archive_leaves_the_rest() -> None:
    """Digests are those of all bytes."""
    seen = read(packing.gzip(LAYER), limits=replace(DEFAULT_LIMITS, tar_entries=1)).unpacked

    assert seen
    assert (seen.tar.unseen, seen.unseen) == (cause("tar-entries", 1), "")
    assert seen.digests == {"sha256": sha256(LAYER)}


@pytest.mark.parametrize("data", [DOCUMENT, LAYER, packing.gzip(LAYER)])
def test_time_is_limited(data: bytes) -> None:
    """What was seen until then is there, and nothing is said to be whole."""
    seen = read(data, deadline=time.monotonic() - 1)

    assert seen.unseen == cause("seconds", DEFAULT_LIMITS.seconds)
    assert (seen.digest, seen.data) == ("", None)
    assert seen.unpacked
    assert (seen.unpacked.unseen, seen.unpacked.digests) == (seen.unseen, {})
    assert seen.unpacked.tar.unseen == seen.unseen


def test_time_is_limited_while_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small portion may unpack to very much."""
    ticks = iter(range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    data = gzip.compress(bytes(100 * MIB))

    seen = read(data, deadline=10)

    assert seen.unpacked
    assert seen.unpacked.unseen == cause("seconds", DEFAULT_LIMITS.seconds)
    assert seen.unpacked.size < 10 * MIB


def test_errors_of_reading_are_the_callers() -> None:
    """They are not caught."""

    def chunks() -> Iterator[bytes]:
        yield LAYER[:700]
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        read_blob(PATH, chunks(), len(LAYER))


# --- In any portions, in any thread


@fuzzed(100)
@given(st.randoms(use_true_random=False), st.integers(1, 5000))
def test_any_portions_give_the_same(randomness: random.Random, step: int) -> None:
    """Of whole blobs all of it, of broken ones what does not depend on how far it was unpacked."""
    content = bytearray(randomness.choice([LAYER, DOCUMENT, b"", bytes(3000)]))
    packed = randomness.choice([packing.NONE, packing.GZIP, packing.ZSTD]).compress(bytes(content))
    data = bytearray(packed)
    if data and randomness.random() < 0.5:
        data[randomness.randrange(len(data))] ^= 1 << randomness.randrange(8)
    one, other = read(bytes(data)), read(bytes(data), step=step)

    if one.unpacked and one.unpacked.problem:
        assert other.unpacked
        assert (other.unpacked.problem, other.unpacked.members) == (one.unpacked.problem, one.unpacked.members)
        one, other = replace(one, unpacked=None), replace(other, unpacked=None)
    assert one == other


def test_blobs_are_read_in_threads() -> None:
    """At the same time, with nothing in common."""
    blobs = [
        packing.gzip(layers.layer([layers.file(f"f{n}", bytes(n * 10_000))]), members=1 + n % 3) for n in range(40)
    ]
    alone = [read(data, step=1000) for data in blobs]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda data: read(data, step=1000), blobs))

    assert together == alone
