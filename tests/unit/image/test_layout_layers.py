"""Tar archives made by hand: read back by tarfile, and each fault where it was asked for."""

from __future__ import annotations

import gzip as stdlib_gzip
import io
import tarfile
import zlib
from typing import Any, Literal

import pytest
from pytest_oci.fixtures.image.compression import (
    gzip,
    gzip_member,
    gzip_run,
    zstd,
    zstd_run,
    zstd_skippable,
)
from pytest_oci.fixtures.image.layers import (
    BLOCK,
    RECORD,
    Entry,
    Form,
    block_device,
    character_device,
    directory,
    entry_bytes,
    fifo,
    file,
    global_records,
    hard_link,
    layer,
    opaque_whiteout,
    setting,
    sparse_file,
    symlink,
    whiteout,
    with_parents,
)

FORMS: tuple[Form, ...] = ("pax", "ustar", "gnu", "v7")
EVERY_TYPE = (
    directory("bin", 0o1777),
    file("bin/tool", b"x" * 513, 0o4755).having(uid=11, gid=12, mtime=1_700_000_000),
    hard_link("bin/other", "bin/tool"),
    symlink("bin/link", "tool"),
    character_device("null", 1, 3),
    block_device("disk", 7, 255),
    fifo("pipe"),
    whiteout("bin/gone"),
    opaque_whiteout("bin"),
    opaque_whiteout(""),
)


def read(archive: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        return tar.getmembers()


def contents(archive: bytes) -> list[bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        return [found.read() for each in tar.getmembers() if (found := tar.extractfile(each))]


def one(entry: Entry, form: Form = "pax") -> tarfile.TarInfo:
    (found,) = read(layer([entry], form))
    return found


@pytest.mark.parametrize("form", FORMS)
def test_every_type_in_every_form(form: Form) -> None:
    """Type, name, mode, owner, time and content are read as they were meant."""
    archive = layer(EVERY_TYPE, form)
    found = read(archive)

    assert len(archive) % BLOCK == 0
    assert archive.endswith(bytes(2 * BLOCK))
    assert [
        (each.name, each.type.decode(), each.mode, each.uid, each.gid, each.mtime, each.linkname) for each in found
    ] == [
        (each.name.rstrip("/"), each.type, each.mode, each.uid, each.gid, each.mtime, each.link) for each in EVERY_TYPE
    ]
    assert found[1].size == 513
    assert contents(archive)[0] == b"x" * 513
    if form != "v7":
        assert (found[4].devmajor, found[4].devminor, found[5].devminor) == (1, 3, 255)
    assert [each.name for each in found[-3:]] == ["bin/.wh.gone", "bin/.wh..wh..opq", ".wh..wh..opq"]


@pytest.mark.parametrize(
    ("form", "number"),
    [("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)],
    ids=["ustar", "gnu", "pax"],
)
def test_every_header_is_what_tarfile_would_write(form: Form, number: Literal[0, 1, 2]) -> None:
    """Byte by byte."""
    entry = file("etc/marker", b"m", 0o640).having(uid=5, gid=6, mtime=7, uname="u", gname="g")
    info = tarfile.TarInfo(entry.name)
    info.size, info.mode, info.uid, info.gid, info.mtime, info.uname, info.gname = 1, 0o640, 5, 6, 7, "u", "g"

    assert entry_bytes(entry, form)[:BLOCK] == info.tobuf(number)


@pytest.mark.parametrize("form", ["pax", "gnu"])
@pytest.mark.parametrize(
    "given",
    [
        {"name": "n" * 101},
        {"name": "d/" * 200 + "f"},
        {"name": "größe"},
        {"name": "not-utf-8-\udcff"},
        {"type": "2", "link": "l" * 300},
        {"uid": 2**21, "gid": 2**31},
        {"mtime": -5},
        {"mtime": 2**40},
        {"uname": "größe", "gname": "g" * 31},
    ],
    ids=lambda given: "-".join(given),
)
def test_what_ustar_cannot_hold(form: Form, given: dict[str, Any]) -> None:
    """Extended headers and base 256."""
    found = one(Entry(**{"name": "file", **given}), form)

    names = {"link": "linkname"}
    assert {name: getattr(found, names.get(name, name)) for name in given if name != "type"} == {
        name: value for name, value in given.items() if name != "type"
    }


def test_pax_records() -> None:
    """Fractions, extended attributes of any bytes, records of one's own, and a length that counts itself."""
    entry = file("f", b"c").having(
        mtime=1.25, xattrs={"user.a": b"\0\n=\xff"}, records={"EXAMPLE.long": "l" * 985, "comment": "c"}
    )
    found = one(entry)

    assert found.mtime == 1.25
    assert found.pax_headers["SCHILY.xattr.user.a"].encode("utf-8", "surrogateescape") == b"\0\n=\xff"
    assert found.pax_headers["EXAMPLE.long"] == "l" * 985
    assert one(file("n" * 200)).name == "n" * 200


def test_global_records() -> None:
    """They are no entry, and hold for all."""
    found = read(layer([global_records({"comment": "all"}), file("f")]))

    assert [(each.name, each.pax_headers) for each in found] == [("f", {"comment": "all"})]


@pytest.mark.parametrize("form", ["gnu", "pax-0.1", "pax-1.0"])
def test_sparse_files(form: str) -> None:
    """A hole of a mebibyte and four bytes behind it."""
    archive = layer([sparse_file("holes", form=form)], "gnu" if form == "gnu" else "pax")

    assert len(archive) < 4096
    assert [(each.name, each.size, each.issparse()) for each in read(archive)] == [("holes", (1 << 20) + 4, True)]
    assert contents(archive) == [bytes(1 << 20) + b"end\n"]


@pytest.mark.parametrize("form", ["ustar", "v7"])
@pytest.mark.parametrize(
    "given", [{"name": "n" * 101}, {"uid": 2**21}, {"xattrs": {"a": b""}}, {"mtime": 0.5}, {"link": "l" * 101}], ids=str
)
def test_a_form_says_what_it_cannot_express(form: Form, given: dict[str, Any]) -> None:
    """Rather than to cut it off."""
    with pytest.raises(ValueError):
        layer([Entry(**{"name": "f", **given})], form)


def test_the_end_and_what_it_is_filled_up_to() -> None:
    """None, one block, records of 10 KiB."""
    assert layer([]) == bytes(2 * BLOCK)
    assert len(layer([file("f")], zero_blocks=0)) == BLOCK
    assert len(layer([file("f")], zero_blocks=1)) == 2 * BLOCK
    assert len(layer([file("f")], record=RECORD)) == RECORD


def test_faults_of_a_header() -> None:
    """A wrong checksum, a size that is not the content's, no padding, a type of one's own."""
    broken = file("f").having(header=setting("checksum", b"000000\0 ", checksum=False))
    with pytest.raises(tarfile.ReadError):
        read(layer([broken]))
    assert one(file("f").having(size=0o17)).size == 15
    assert len(layer([file("f", b"abc").having(padded=False)], zero_blocks=0)) == BLOCK + 3
    assert one(file("f").having(header=setting("type", b"Z"))).type == b"Z"
    assert one(file("f").having(header=setting("uname", b"someone"))).uname == "someone"


def test_parents_are_added_once() -> None:
    """Before what is in them, unless they are there."""
    entries = with_parents((directory("a", 0o700), file("a/b/c"), file("a/b/d"), file("e")))

    assert [each.name for each in entries] == ["a/", "a/b/", "a/b/c", "a/b/d", "e"]
    assert entries[0].mode == 0o700


def test_gzip_is_the_same_every_time() -> None:
    """No time in it; several members, empty ones, names and comments are one stream."""
    content = bytes(range(256)) * 9

    assert gzip(content) == gzip(content)
    assert gzip(content)[4:8] == bytes(4)
    for made in (gzip(content), gzip(content, members=7), gzip(content, level=0)):
        assert stdlib_gzip.decompress(made) == content
    mixed = gzip_member(content, name="größe", comment="c") + gzip_member(b"") + gzip(content)
    assert stdlib_gzip.decompress(mixed) == content * 2
    assert gzip(content, members=7).count(b"\x1f\x8b\x08\0\0\0\0\0") == 7
    assert stdlib_gzip.decompress(gzip(b"", members=2)) == b""


def test_runs_are_small() -> None:
    """Many times one byte, for readers that have to bound what they unpack."""
    run = gzip_run(b"r", 3_000_001)

    assert len(run) < 4000
    assert zlib.decompress(run, zlib.MAX_WBITS | 16) == b"r" * 3_000_001
    assert len(zstd_run(b"r", 1 << 30)) < 40_000


def test_zstd_without_a_library() -> None:
    """Frames of stored blocks are what libraries read: several, skippable ones, empty content, more than a block."""
    zstandard = pytest.importorskip("zstandard")

    def unpacked(data: bytes) -> bytes:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True) as stream:
            found: bytes = stream.read()
            return found

    content = bytes(range(256)) * 2000
    for made in (zstd(content), zstd(content, frames=5), zstd_skippable(b"s") + zstd(content)):
        assert unpacked(made) == content
    assert unpacked(zstd(b"")) == b""
    assert unpacked(zstd_run(b"r", 300_001)) == b"r" * 300_001
