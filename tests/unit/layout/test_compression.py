"""gzip and zstd, unpacked in pieces: members and frames, what is broken, what follows, what is too large."""

from __future__ import annotations

import gzip
import importlib
import io
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from generating import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from pytest_oci.fixtures.image import compression as packing

from pytest_oci.targets.layout import compression
from pytest_oci.targets.layout.compression import (
    GZIP_ENGINES,
    NO_ZSTD,
    PIECE,
    ZSTD_ENGINES,
    GzipInflater,
    ZstdInflater,
    compression_of,
    engine,
    inflater_for,
)
from pytest_oci.targets.layout.limits import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.targets.layout.compression import Inflater

WINDOW = 8 * MIB
MOST_HEADER = 2000
CONTENT = random.Random(1).randbytes(3000) + b"0123456789" * 3000
"""Some that cannot be compressed, some that can."""


def having(names: tuple[str, ...]) -> list[Any]:
    """These modules as parameters; those that are not there are skipped."""
    return [pytest.param(name, marks=() if _has(name) else pytest.mark.skip(f"without {name}")) for name in names]


def _has(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


gzip_engines = pytest.mark.parametrize("module", having(GZIP_ENGINES))
zstd_engines = pytest.mark.parametrize("module", having(ZSTD_ENGINES))
HAS_ZSTD = engine(ZSTD_ENGINES) is not None


def gzip_inflater(module: str) -> GzipInflater:
    return GzipInflater(importlib.import_module(module), MOST_HEADER)


def zstd_inflater(module: str, window: int = WINDOW) -> ZstdInflater:
    return ZstdInflater(importlib.import_module(module), window)


def unpacked(inflater: Inflater, data: bytes, step: int = 0) -> bytes:
    """All that comes out."""
    out = bytearray()
    step = step or max(1, len(data))
    for start in range(0, len(data), step):
        for piece in inflater.feed(data[start : start + step]):
            assert piece
            out += piece
    inflater.finish()
    return bytes(out)


def outcome(inflater: Inflater, data: bytes, step: int = 0) -> tuple[object, ...]:
    """What comes out if the stream is whole, and all that is said about it."""
    out = unpacked(inflater, data, step)
    return (out if inflater.whole else None, inflater.whole, inflater.members, inflater.problem, inflater.unseen)


# --- Which it is


@pytest.mark.parametrize(
    ("opening", "shown"),
    [
        (b"", ""),
        (b"\x1f", ""),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x1f\x8b", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x28\xb5\x2f", ""),
        (b"\x50\x2a\x4d\x18", "zstd"),
        (b"\x5f\x2a\x4d\x18\0\0", "zstd"),
        (b"\x60\x2a\x4d\x18", ""),
        (b"\x50\x2a\x4d", ""),
        (b"{}\n", ""),
        (b"BZh9", ""),
    ],
)
def test_compression_is_told_by_the_first_bytes(opening: bytes, shown: str) -> None:
    """A zstd stream may begin with a skippable frame."""
    assert compression_of(opening) == shown


def test_gzip_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library does where nothing faster is installed."""
    monkeypatch.setattr(compression, "GZIP_ENGINES", ("no.such.module", "zlib"))
    inflater = inflater_for("gzip")

    assert inflater
    assert unpacked(inflater, gzip.compress(CONTENT)) == CONTENT


def test_zstd_needs_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one there is nothing that could unpack it, and the cause says how to come by one."""
    monkeypatch.setattr(compression, "ZSTD_ENGINES", ("no.such.module",))

    assert inflater_for("zstd") is None
    assert NO_ZSTD.startswith("host: ")
    assert "pytest-oci[zstd]" in NO_ZSTD


# --- gzip


def header_of_all_fields() -> bytes:
    """A member with text flag, extra field, name, comment and a checksum of its header."""
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, 0x1F, 1, 0, 3)
    head += struct.pack("<H", 4) + b"abcd" + b"name\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    plain = packing.gzip_member(b"content")
    return head + plain[10:]


GZIPS = {
    "one member": (packing.gzip(CONTENT), CONTENT, 1),
    "several members": (packing.gzip(CONTENT, members=7), CONTENT, 7),
    "stored": (packing.gzip(CONTENT, level=0), CONTENT, 1),
    "fixed codes": (gzip.compress(b"a" * 20), b"a" * 20, 1),
    "nothing": (packing.gzip(b""), b"", 1),
    "nothing several times": (packing.gzip(b"") * 3 + packing.gzip(b"a") + packing.gzip(b""), b"a", 5),
    "all fields": (header_of_all_fields() * 2, b"content" * 2, 2),
}


@gzip_engines
@pytest.mark.parametrize("name", GZIPS)
@pytest.mark.parametrize("step", [0, 1, 2, 7, 1000])
def test_gzip_is_unpacked(module: str, name: str, step: int) -> None:
    """However it is written and fed."""
    data, content, members = GZIPS[name]

    assert outcome(gzip_inflater(module), data, step) == (content, True, members, "", "")


@gzip_engines
@pytest.mark.parametrize("step", [0, 1, 100_000])
def test_pieces_are_bounded(module: str, step: int) -> None:
    """However much the stream expands."""
    content = bytes(20 * MIB + 1)
    inflater = gzip_inflater(module)
    data = gzip.compress(content)
    sizes = [
        len(piece)
        for start in range(0, len(data), step or len(data))
        for piece in inflater.feed(data[start : start + (step or len(data))])
    ]
    inflater.finish()

    assert (max(sizes) <= PIECE, sum(sizes), inflater.whole) == (True, len(content), True)


@gzip_engines
@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
@pytest.mark.parametrize("level", [0, 6])
def test_contents_about_as_large_as_a_piece(module: str, size: int, level: int) -> None:
    """What an engine holds back because a piece is full is not lost, and the member behind it is found."""
    content = random.Random(2).randbytes(size // 2) + bytes(size - size // 2)
    data = packing.gzip_member(content, level=level) * 2

    for step in (0, 1000, 65536):
        assert outcome(gzip_inflater(module), data, step) == (content * 2, True, 2, "", ""), step


SHORT = packing.gzip_member(b"some content, some more content")


@gzip_engines
@pytest.mark.parametrize("step", [0, 1])
def test_gzip_may_be_cut_anywhere(module: str, step: int) -> None:
    """It is whole behind a member alone."""
    data = SHORT * 2
    for size in range(2, len(data)):
        inflater = gzip_inflater(module)
        _, whole, members, problem, _ = outcome(inflater, data[:size], step)
        start = 0 if size < len(SHORT) else len(SHORT)
        expected = f"the gzip member that begins at byte {start} is cut off at byte {size}"
        if size == len(SHORT) + 1:
            expected = f"1 bytes follow the end of the gzip data, from byte {len(SHORT)} on"

        assert members == size // len(SHORT)
        assert whole == (not problem or size == len(SHORT) + 1)
        assert problem == ("" if size == len(SHORT) else expected), size


@gzip_engines
@pytest.mark.parametrize("step", [0, 1, 5])
@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (b"\0", "1 zero bytes follow the end of the gzip data, from byte {} on"),
        (bytes(1000), "1000 zero bytes follow the end of the gzip data, from byte {} on"),
        (b"\x1f", "1 bytes follow the end of the gzip data, from byte {} on"),
        (b"\x1f\x8c", "2 bytes follow the end of the gzip data, from byte {} on"),
        (b"garbage" + SHORT, "{1} bytes follow the end of the gzip data, from byte {0} on"),
        (bytes(9) + SHORT, "{1} bytes follow the end of the gzip data, from byte {0} on"),
    ],
)
def test_what_follows_gzip(module: str, step: int, rest: bytes, words: str) -> None:
    """It is counted; what came before is whole all the same."""
    problem = words.format(len(SHORT), len(rest))

    assert outcome(gzip_inflater(module), SHORT + rest, step) == (
        b"some content, some more content",
        True,
        1,
        problem,
        "",
    )


@gzip_engines
@pytest.mark.parametrize("step", [0, 1, 5])
@pytest.mark.parametrize(
    ("place", "words"),
    [
        (2, "its header is invalid"),
        (3, "its header is invalid"),
        (10, "its deflate data are wrong"),
        (-8, "its CRC-32 or its length is wrong"),
        (-5, "its CRC-32 or its length is wrong"),
        (-4, "its CRC-32 or its length is wrong"),
        (-1, "its CRC-32 or its length is wrong"),
    ],
)
def test_broken_gzip(module: str, step: int, place: int, words: str) -> None:
    """Said in our words, whatever the engine's are; nothing behind it is looked at."""
    broken = bytearray(SHORT)
    broken[place] = 0xFF
    problem = f"the gzip member that begins at byte {len(SHORT)} is broken: {words}"

    assert outcome(gzip_inflater(module), SHORT + bytes(broken) + SHORT, step) == (None, False, 1, problem, "")


@gzip_engines
@pytest.mark.parametrize("step", [0, 1, 999])
def test_headers_of_gzip_are_limited(module: str, step: int) -> None:
    """A name may be as long as it likes."""
    data = packing.gzip_member(b"content", name="n" * (MOST_HEADER - 11))
    larger = packing.gzip_member(b"content", name="n" * (MOST_HEADER - 10))
    cause = f"limit: tar-header-bytes={MOST_HEADER} was reached; --oci-limit=tar-header-bytes=NUMBER sets it"

    assert outcome(gzip_inflater(module), data + data, step) == (b"content" * 2, True, 2, "", "")
    assert outcome(gzip_inflater(module), data + larger + data, step) == (None, False, 1, "", cause)


@gzip_engines
@pytest.mark.parametrize("step", [0, 1, 5])
def test_checksums_of_gzip_headers(module: str, step: int) -> None:
    """They are verified where there are some."""
    broken = bytearray(header_of_all_fields())
    broken[5] ^= 1
    problem = "the gzip member that begins at byte 0 is broken: its header is invalid"

    assert outcome(gzip_inflater(module), bytes(broken), step) == (None, False, 0, problem, "")


@gzip_engines
def test_many_small_members_are_cheap(module: str) -> None:
    """Though an engine copies all that it does not use."""
    data = packing.gzip_member(b"") * 20_000

    assert outcome(gzip_inflater(module), data) == (b"", True, 20_000, "", "")


@fuzzed(100)
@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(0, 9), st.integers(1, 400), st.data())
def test_engines_agree(contents: list[bytes], level: int, step: int, data: st.DataObject) -> None:
    """On what is whole and on what is changed somewhere; not always on what the fault is."""
    stream = bytearray(b"".join(packing.gzip_member(content, level=level) for content in contents))
    for _ in range(data.draw(st.integers(0, 2)) if stream else 0):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    modules = [name for name in GZIP_ENGINES if _has(name)]

    seen = [outcome(gzip_inflater(name), bytes(stream), step)[:3] for name in modules]
    known = [outcome(gzip_inflater(name), bytes(stream))[:3] for name in modules]

    assert seen == known
    assert seen == [seen[0]] * len(seen)
    if not stream or seen[0][1]:
        try:
            assert gzip.decompress(bytes(stream)) == seen[0][0]
        except (EOFError, zlib.error, gzip.BadGzipFile):
            assert bytes(stream[:2]) != b"\x1f\x8b" or outcome(gzip_inflater("zlib"), bytes(stream))[3]


# --- zstd


def frame(content: bytes, *, level: int = 3, checksum: bool = True, size: bool = True) -> bytes:
    """A frame as the library makes it; skips the test where there is none."""
    zstandard = pytest.importorskip("zstandard")
    packer = zstandard.ZstdCompressor(level=level, write_checksum=checksum, write_content_size=size)
    return bytes(packer.compress(content))


def streamed(content: bytes) -> bytes:
    """A frame of unknown size, in many blocks."""
    zstandard = pytest.importorskip("zstandard")
    out = io.BytesIO()
    with zstandard.ZstdCompressor(write_checksum=True).stream_writer(out, closefd=False) as writer:
        for start in range(0, len(content), 1000):
            writer.write(content[start : start + 1000])
            writer.flush()
    return out.getvalue()


SKIPPED = packing.zstd_skippable(b"abc")
LARGE = random.Random(3).randbytes(300_000) + bytes(300_000)
ZSTDS: dict[str, tuple[Callable[[], bytes], bytes, int]] = {
    "one frame": (lambda: frame(CONTENT), CONTENT, 1),
    "without checksum": (lambda: frame(CONTENT, checksum=False), CONTENT, 1),
    "without size": (lambda: frame(CONTENT, size=False), CONTENT, 1),
    "small": (lambda: frame(b"a" * 100), b"a" * 100, 1),
    "nothing": (lambda: frame(b""), b"", 1),
    "large": (lambda: frame(LARGE), LARGE, 1),
    "streamed": (lambda: streamed(CONTENT), CONTENT, 1),
    "several frames": (lambda: frame(CONTENT) + frame(b"") + streamed(LARGE), CONTENT + LARGE, 3),
    "stored": (lambda: packing.zstd(LARGE, frames=3), LARGE, 3),
    "runs": (lambda: packing.zstd_run(b"a", 300_000), b"a" * 300_000, 1),
    "skippable frames": (lambda: SKIPPED + frame(CONTENT) + SKIPPED * 2 + frame(b"b") + SKIPPED, CONTENT + b"b", 2),
    "skippable frames alone": (lambda: SKIPPED + packing.zstd_skippable(b""), b"", 0),
}


@zstd_engines
@pytest.mark.parametrize("name", ZSTDS)
@pytest.mark.parametrize("step", [0, 1, 7, 1000, 100_000])
def test_zstd_is_unpacked(module: str, name: str, step: int) -> None:
    """However it is written and fed."""
    make, content, members = ZSTDS[name]
    data = make()
    if step == 1 and len(data) > 100_000:
        pytest.skip("takes long")

    assert outcome(zstd_inflater(module), data, step) == (content, True, members, "", "")


@zstd_engines
@pytest.mark.parametrize("step", [0, 1])
def test_zstd_pieces_are_bounded(module: str, step: int) -> None:
    """Four bytes stand for 128 KiB in runs: a piece has a block more than others have, at most."""
    size = 40 * MIB
    data = packing.zstd_run(b"\0", size)
    inflater = zstd_inflater(module)
    step = step or len(data)
    sizes = [len(piece) for start in range(0, len(data), step) for piece in inflater.feed(data[start : start + step])]
    inflater.finish()

    assert (sum(sizes), inflater.whole) == (size, True)
    assert max(sizes) <= PIECE + compression.LARGEST_BLOCK


@zstd_engines
@pytest.mark.parametrize("step", [0, 1])
def test_zstd_may_be_cut_anywhere(module: str, step: int) -> None:
    """It is whole behind a frame alone."""
    first, second = frame(b"some content" * 20), frame(b"b", checksum=False)
    data = first + SKIPPED + second
    ends = (len(first), len(first + SKIPPED))
    for size in range(4, len(data)):
        _, whole, members, problem, _ = outcome(zstd_inflater(module), data[:size], step)
        start = max((end for end in (0, *ends) if end <= size), default=0)
        if size in ends:
            assert (whole, members, problem) == (True, 1, "")
        elif size - start < 4:
            assert (whole, problem) == (
                True,
                f"{size - start} bytes follow the end of the zstd data, from byte {start} on",
            )
        else:
            assert (whole, problem) == (False, f"the zstd frame that begins at byte {start} is cut off at byte {size}")


@zstd_engines
@pytest.mark.parametrize("step", [0, 1, 5])
@pytest.mark.parametrize("rest", [b"\0", bytes(100), b"abc", b"garbage", b"\x28\xb5\x2f\xfc\0\0\0"])
def test_what_follows_zstd(module: str, step: int, rest: bytes) -> None:
    """It is counted; what came before is whole all the same."""
    data = frame(b"content")
    kind = "bytes" if rest.strip(b"\0") else "zero bytes"
    problem = f"{len(rest)} {kind} follow the end of the zstd data, from byte {len(data)} on"

    assert outcome(zstd_inflater(module), data + rest, step) == (b"content", True, 1, problem, "")


@zstd_engines
@pytest.mark.parametrize("step", [0, 1, 5])
@pytest.mark.parametrize(
    "fault",
    ["checksum", "content", "size", "size of nothing", "empty block", "reserved block", "reserved bit", "large block"],
)
def test_broken_zstd(module: str, step: int, fault: str) -> None:
    """A checksum that is wrong, a block that is none."""
    good = frame(CONTENT[:4000])
    broken = bytearray(good)
    if fault == "checksum":
        broken[-1] ^= 1
    elif fault == "content":
        broken[2000] ^= 1
    elif fault == "reserved bit":
        broken[4] |= 8
    elif fault == "size":
        broken[5] ^= 1
    elif fault == "size of nothing":
        broken = bytearray(frame(b""))
        broken[5] = 1
    elif fault == "empty block":
        broken = bytearray(frame(b""))
        broken[6] = 5
    elif fault == "reserved block":
        broken = bytearray(packing.zstd(b"abc"))
        broken[-6] |= 6
    elif step:
        pytest.skip("takes long")
    else:
        broken = bytearray(packing.zstd(bytes(MIB))[:14]) + (MIB << 3 | 1).to_bytes(3, "little") + bytes(MIB)
    problem = f"the zstd frame that begins at byte {len(good)} is broken"

    assert outcome(zstd_inflater(module), good + bytes(broken) + good, step) == (None, False, 1, problem, "")


@zstd_engines
def test_windows_are_limited(module: str) -> None:
    """A frame says how much memory it asks for."""
    large = b"\x28\xb5\x2f\xfd\x00" + bytes([(24 - 10) << 3]) + b"\x01\0\0"
    small = b"\x28\xb5\x2f\xfd\x00" + bytes([(23 - 10) << 3]) + b"\x01\0\0"
    single = b"\x28\xb5\x2f\xfd\xe0" + (WINDOW + 1).to_bytes(8, "little") + b"\x01\0\0"
    cause = f"limit: window-bytes={WINDOW} was reached; --oci-limit=window-bytes=NUMBER sets it"

    assert outcome(zstd_inflater(module), small) == (b"", True, 1, "", "")
    assert outcome(zstd_inflater(module), large) == (None, False, 0, "", cause)
    assert outcome(zstd_inflater(module), single, 1) == (None, False, 0, "", cause)


@zstd_engines
def test_headers_of_frames(module: str) -> None:
    """Every form of sizes and windows is measured as the library does."""
    sizes = {1: 40, 2: 300, 4: 70_000, 8: 70_000}
    for length, size in sizes.items():
        flag = {1: 0, 2: 1, 4: 2, 8: 3}[length]
        content = b"a" * size
        stated = (size - (256 if length == 2 else 0)).to_bytes(length, "little")
        head = b"\x28\xb5\x2f\xfd" + bytes([flag << 6 | 0x20]) + stated
        data = head + (size << 3 | 2 | 1).to_bytes(3, "little") + b"a"

        assert outcome(zstd_inflater(module), data, 1) == (content, True, 1, "", ""), length


@pytest.mark.skipif(not HAS_ZSTD, reason="without zstd")
@fuzzed(100)
@given(st.lists(st.binary(max_size=300), max_size=4), st.booleans(), st.integers(1, 400), st.data())
def test_changed_zstd_never_crashes(contents: list[bytes], checksum: bool, step: int, data: st.DataObject) -> None:
    """In any portions the same is seen."""
    stream = bytearray(b"".join(frame(content, checksum=checksum) for content in contents))
    for _ in range(data.draw(st.integers(0, 2)) if stream else 0):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    for module in (name for name in ZSTD_ENGINES if _has(name)):
        seen = outcome(zstd_inflater(module), bytes(stream), step)

        assert outcome(zstd_inflater(module), bytes(stream)) == seen
        assert not (seen[3] and seen[4])
