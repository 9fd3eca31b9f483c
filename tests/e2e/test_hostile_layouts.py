"""Layouts that are made to break their reader: each is read soon, in bounded memory, and what was not seen is said.

Each is read in a process of its own, so that what it costs can be told; some are judged by a whole run as well.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import socket
import stat
import subprocess
import sys
import tarfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from layouts import (
    CONFIG,
    LAYER,
    MANIFEST,
    as_json,
    descriptor,
    digest_of,
    layout_files,
    path_of,
    stored_zstd,
    tar_of,
    write_files,
)
from measured import Ended, run

from pytest_oci.targets.layout.compression import ZSTD_ENGINES, engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MIB, GIB = 1024**2, 1024**3
INDEX = "application/vnd.oci.image.index.v1+json"
ROOT = os.getuid() == 0
SETPRIV = shutil.which("setpriv")
AS_ORDINARY_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if ROOT else ()
needs_zstd = pytest.mark.skipif(engine(ZSTD_ENGINES) is None, reason="needs zstd: pip install zstandard")
needs_setpriv = pytest.mark.skipif(ROOT and SETPRIV is None, reason="root reads everything: apt-get install util-linux")

READ = """
import json, sys
from collections import Counter
from pathlib import Path
from pytest_oci.targets.layout.limits import LayoutLimits
from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.tree import grow

limits = LayoutLimits().with_given(sys.argv[2:])
layout = read_layout(Path(sys.argv[1]), limits)
tree = grow(layout, limits)
blobs = layout.blobs.values()
json.dump({
    "unseen": layout.unseen,
    "index": [layout.index.kind, layout.index.unseen, layout.index.data is not None],
    "tree": [len(tree.indexes), len(tree.manifests), tree.unseen],
    "texts": Counter(part.text.unseen or part.text.problem for part in tree.parts),
    "kinds": Counter(entry.kind for entry in layout.entries),
    "blobs": len(layout.blobs),
    "blobs_unseen": Counter(blob.unseen for blob in blobs if blob.unseen),
    "withheld": Counter(blob.withheld for blob in blobs if blob.withheld),
    "unpacked_unseen": Counter(blob.unpacked.unseen for blob in blobs if blob.unpacked and blob.unpacked.unseen),
    "tar_unseen": Counter(blob.unpacked.tar.unseen for blob in blobs if blob.unpacked and blob.unpacked.tar.unseen),
    "sizes": sum(blob.size for blob in blobs),
}, sys.stdout)
"""


def state_of(place: Path) -> dict[str, tuple[int, ...]]:
    """All that lies at a place, and when it was written."""
    found = [place]
    for above, directories, files in os.walk(place):
        found += [Path(above, name) for name in (*directories, *files)]
    return {str(path): (s.st_mode, s.st_size, s.st_mtime_ns) for path in found for s in [path.lstat()]}


@dataclass
class Made:
    """Where a layout is made, and where it is reported."""

    layout: Path
    work: Path
    limits: list[str] = field(default_factory=list)

    def read(self, *before: str) -> dict[str, Any]:
        """What reading it gives; it changes nothing, neither there nor beside it."""
        state = state_of(self.layout.parent)
        ended = run([*before, sys.executable, "-c", READ, str(self.layout), *self.limits], self.work)
        assert ended.status == 0, ended.errors
        assert state_of(self.layout.parent) == state
        assert sorted(path.name for path in self.work.iterdir()) == ["errors", "output"]
        facts: dict[str, Any] = json.loads(ended.output)
        return facts


@pytest.fixture
def made(tmp_path: Path) -> Made:
    (tmp_path / "work").mkdir()
    (tmp_path / "given").mkdir()
    return Made(tmp_path / "given/layout", tmp_path / "work")


def reached(name: str, value: int) -> str:
    return f"limit: {name}={value} was reached; --oci-limit={name}=NUMBER sets it"


# What it takes to make large things at once


def header(name: str, size: int = 0, kind: bytes = b"0") -> bytearray:
    """One header of a tar archive."""
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[100:156] = b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"0" * 11 + b"\0" + b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return block


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def many(names: Iterable[str]) -> bytes:
    """Headers of empty files whose names are of the same length."""
    return b"".join(bytes(header(name)) for name in names)


def zeros_gzip(size: int) -> bytes:
    """So many zeros, a multiple of 64 MiB, in gzip members that are all the same."""
    packer = zlib.compressobj(9, wbits=31)
    member = packer.compress(bytes(64 * MIB)) + packer.flush()
    return member * (size // (64 * MIB))


def zeros_zstd(size: int) -> bytes:
    """So many zeros, a multiple of 128 KiB, in one zstd frame of blocks that repeat a byte (RFC 8878)."""
    block = 128 * 1024
    count = size // block
    start = b"\x28\xb5\x2f\xfd\x00\x38"  # no checksum, no size, a window of 128 KiB
    repeated = (block << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (block << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return start + repeated * (count - 1) + last


def with_layer(layer: bytes, media_type: str = LAYER) -> dict[str, bytes]:
    """A layout with such a layer, all of whose digests are right but for the diff_id."""
    config = as_json(
        {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest_of(b"")]}}
    )
    manifest = as_json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(config, CONFIG),
            "layers": [descriptor(layer, media_type)],
        }
    )
    index = as_json({"schemaVersion": 2, "manifests": [descriptor(manifest, MANIFEST)]})
    blobs = {path_of(digest_of(blob)): blob for blob in (manifest, config, layer)}
    return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index, **blobs}


# Bombs


@pytest.mark.parametrize("pack", [zeros_gzip, pytest.param(zeros_zstd, marks=needs_zstd)])
def test_a_layer_that_unpacks_to_very_much(pack: Callable[[int], bytes], made: Made) -> None:
    write_files(with_layer(pack(8 * GIB)), made.layout)
    facts = made.read()
    assert facts["unpacked_unseen"] == {reached("unpacked-ratio", 250): 1}
    assert facts["blobs"] == 3
    assert facts["unseen"] == ""


@pytest.mark.parametrize("pack", [zeros_gzip, pytest.param(zeros_zstd, marks=needs_zstd)])
def test_an_archive_that_unpacks_to_very_much(pack: Callable[[int], bytes], made: Made) -> None:
    begin = tar_of(layout_files()).rstrip(b"\0")
    begin = padded(begin) + header("blobs/sha256/zeros", 0o77777777777)
    made.layout.write_bytes((gzip.compress(begin) if pack is zeros_gzip else stored_zstd(begin)) + pack(16 * GIB))
    facts = made.read()
    assert facts["unseen"] == reached("unpacked-ratio", 250)
    assert facts["blobs_unseen"] == {reached("unpacked-ratio", 250): 1}
    assert facts["tree"][:2] == [1, 1]


@needs_zstd
def test_a_bomb_in_an_archive(made: Made) -> None:
    made.layout.write_bytes(gzip.compress(tar_of(with_layer(zeros_zstd(8 * GIB))), 1))
    facts = made.read()
    assert facts["unpacked_unseen"] == {reached("unpacked-ratio", 250): 1}
    assert facts["unseen"] == ""


def test_a_blob_of_a_terabyte(made: Made) -> None:
    """It is a hole, and takes no room."""
    write_files(layout_files(), made.layout)
    with (made.layout / f"blobs/sha256/{'0' * 64}").open("wb") as file:
        try:
            file.truncate(1024 * GIB)
        except OSError:
            pytest.skip("no files of this size here")
    assert made.read()["blobs_unseen"] == {reached("blob-bytes", 64 * GIB): 1}


# Documents


@pytest.mark.parametrize("form", ["directory", "tar", "tar+gzip"])
def test_documents_of_200_mb(form: str, made: Made) -> None:
    """index.json and a manifest."""
    filler = b" " * (200 * MIB - 1)
    files = {**layout_files(), "index.json": b"{" + filler, f"blobs/sha256/{'0' * 64}": b"{" + filler}
    if form == "directory":
        write_files(files, made.layout)
    elif form == "tar":
        made.layout.write_bytes(tar_of(files))
    else:
        packer = zlib.compressobj(1, wbits=31)
        made.layout.write_bytes(packer.compress(tar_of(files)) + packer.flush())
    facts = made.read()
    assert facts["index"] == ["a regular file", reached("document-bytes", 16 * MIB), False]
    assert facts["texts"] == {reached("document-bytes", 16 * MIB): 1}
    assert facts["withheld"] == {reached("document-bytes", 16 * MIB): 1}
    assert facts["sizes"] > 200 * MIB


def test_very_many_bytes_of_documents(made: Made) -> None:
    """More than are kept of all together."""
    write_files(layout_files(), made.layout)
    first = made.layout / "blobs/sha256" / ("0" * 64)
    first.write_bytes(b"{" + b" " * 15 * MIB)
    for number in range(40):
        (first.parent / f"{number:064}").hardlink_to(first) if number else None
    made.limits = [f"documents-bytes={100 * MIB}"]
    facts = made.read()
    assert facts["withheld"] == {reached("documents-bytes", 100 * MIB): 40 - 6}
    assert facts["tree"] == [1, 1, ""]


BAD_INDEXES: dict[str, tuple[bytes, str]] = {
    "deep": (b'{"manifests":' * 100_000 + b"1" + b"}" * 100_000, "limit: index.json, "),
    "values": (b'{"manifests": [' + b"{}," * 2_000_000 + b"{}]}", "limit: index.json, "),
    "digits": (b'{"manifests": [' + b"9" * 5_000_000 + b"]}", "limit: index.json, "),
    "members": (b"{" + b",".join(b'"%d": 1' % number for number in range(900_000)) + b"}", "limit: index.json, "),
    "utf8": (b'{"manifests": "\xff"}', "line 1, column "),
}


@pytest.mark.parametrize("name", BAD_INDEXES)
def test_indexes_that_break_readers_of_json(name: str, made: Made) -> None:
    data, said = BAD_INDEXES[name]
    write_files({**layout_files(), "index.json": data}, made.layout)
    facts = made.read()
    assert facts["tree"][:2] == [1, 0]
    [text] = facts["texts"]
    assert text.startswith(said)


# Very many


@pytest.mark.parametrize("name", ["again", "../again", "other/again"])
def test_an_archive_of_a_million_entries(name: str, made: Made) -> None:
    """The same one, in a few bytes."""
    begin = padded(tar_of(layout_files()).rstrip(b"\0"))
    member = gzip.compress(bytes(header(name)) * 1000)
    made.layout.write_bytes(gzip.compress(begin) + member * 1000 + gzip.compress(bytes(1024)))
    most = 200_000 if name == "again" else 20_000
    made.limits = [f"files={most}"]
    facts = made.read()
    assert facts["unseen"] == reached("files", most)
    assert facts["blobs"] == 3
    assert facts["tree"] == [1, 1, reached("files", most)]


def test_an_archive_of_a_million_entries_for_one_blob(made: Made) -> None:
    begin = padded(tar_of(layout_files()).rstrip(b"\0"))
    member = gzip.compress(bytes(header("blobs/sha256/again")) * 1000)
    made.layout.write_bytes(gzip.compress(begin) + member * 1000 + gzip.compress(bytes(1024)))
    made.limits = ["files=20000"]
    facts = made.read()
    assert facts["unseen"] == reached("files", 20_000)
    assert facts["blobs"] == 4


@pytest.mark.parametrize("form", ["tar", "tar+gzip"])
def test_an_archive_of_more_blobs_than_are_read(form: str, made: Made) -> None:
    names = many(f"blobs/sha256/{number:064}" for number in range(30_000))
    data = padded(tar_of(layout_files()).rstrip(b"\0")) + names + bytes(1024)
    made.layout.write_bytes(data if form == "tar" else gzip.compress(data, 1))
    made.limits = ["files=20000"]
    facts = made.read()
    assert facts["unseen"] == reached("files", 20_000)
    assert 19_900 < facts["blobs"] < 20_000


def test_names_that_come_before_all_else(made: Made) -> None:
    """Whether there is a layout at all, is then not known."""
    made.layout.write_bytes(many(f"other/{number:064}" for number in range(1000)) + tar_of(layout_files()))
    made.limits = ["files=1000"]
    facts = made.read()
    assert facts["unseen"] == reached("files", 1000)
    assert facts["index"] == ["not seen", reached("files", 1000), False]
    assert facts["texts"] == {reached("files", 1000): 1}


def test_a_layer_of_a_million_entries(made: Made) -> None:
    """All of the same name: each further one is a repeated path."""
    member = gzip.compress(bytes(header("again")) * 1000)
    write_files(with_layer(member * 1000 + gzip.compress(bytes(1024))), made.layout)
    made.limits = ["tar-entries=500000"]
    assert made.read()["tar_unseen"] == {reached("tar-entries", 500_000): 1}


@pytest.mark.parametrize(
    ("where", "limited"), [("top", True), ("blobs", False), ("algorithm", False), ("algorithms", True)]
)
def test_very_many_files(where: str, limited: bool, made: Made) -> None:
    write_files(layout_files(), made.layout)
    place = {"top": made.layout, "blobs": made.layout / "blobs"}.get(where, made.layout / "blobs/sha256")
    here = os.open(place, os.O_PATH)
    try:
        for number in range(20_000):
            if where == "algorithms":
                os.mkdir(f"../{number:06}", dir_fd=here)
            else:
                os.mknod(f"{number:06}", dir_fd=here)
    finally:
        os.close(here)
    if limited:
        made.limits = ["files=10000"]
    facts = made.read()
    assert facts["unseen"] == (reached("files", 10_000) if limited else "")
    assert facts["index"][2], "what makes a layout comes first"
    if not limited:
        assert sum(facts["kinds"].values()) == 20_000 + len(layout_files()) + 2
        assert facts["tree"] == [1, 1, ""]


def test_a_hundred_thousand_manifests(made: Made) -> None:
    """Below ten indexes; a manifest is as small as it can be."""
    blobs, indexes = [], []
    for number in range(10):
        manifests = [as_json({"schemaVersion": 2, "n": number * 10_000 + one}) for one in range(10_000)]
        blobs += manifests
        indexes.append(as_json({"schemaVersion": 2, "manifests": [descriptor(one, MANIFEST) for one in manifests]}))
    top = as_json({"schemaVersion": 2, "manifests": [descriptor(one, INDEX) for one in indexes]})
    with made.layout.open("wb") as file:
        file.write(header("index.json", len(top)) + padded(top))
        for blob in (*indexes, *blobs):
            file.write(header(path_of(digest_of(blob)), len(blob)) + padded(blob))
        file.write(bytes(1024))
    facts = made.read()
    assert facts["blobs"] == 100_010
    assert facts["unseen"] == ""
    assert facts["tree"][2] == reached("manifests", 20_000)
    assert sum(facts["tree"][:2]) <= 20_002


def test_indexes_in_circles_and_without_end(made: Made) -> None:
    """Names of blobs may lie, most of all in an algorithm that nobody can compute."""
    files = layout_files()

    def index_of(*digests: str) -> bytes:
        return as_json(
            {"schemaVersion": 2, "manifests": [{"mediaType": INDEX, "digest": name, "size": 1} for name in digests]}
        )

    liar = "sha256:" + "0" * 64
    files["index.json"] = index_of("x:self", "x:a", "x:0", liar)
    files["blobs/x/self"] = index_of("x:self")
    files["blobs/x/a"], files["blobs/x/b"] = index_of("x:b"), index_of("x:a", "x:self", liar)
    files[path_of(liar)] = index_of(liar, "x:not-followed")
    files["blobs/x/not-followed"] = index_of()
    for number in range(100):
        files[f"blobs/x/{number}"] = index_of(f"x:{number + 1}")
    write_files(files, made.layout)
    facts = made.read()
    assert facts["tree"] == [1 + 3 + 16 + 1, 0, reached("index-depth", 16)]


# What leads out


SECRET = b'{"schemaVersion": 2, "secret": "found"}'


def test_digests_that_are_paths(made: Made) -> None:
    """No name is ever looked up that was not listed."""
    (made.layout.parent / "secret").write_bytes(SECRET)
    digests = [
        "sha256:../../../secret",
        "../..:secret",
        "..:../secret",
        "/etc:hostname",
        "sha256:/etc/hostname",
        ":",
        "a",
    ]
    manifests = [{"mediaType": MANIFEST, "digest": digest, "size": len(SECRET)} for digest in digests]
    write_files({**layout_files(), "index.json": as_json({"schemaVersion": 2, "manifests": manifests})}, made.layout)
    facts = made.read()
    assert facts["tree"] == [1, 0, ""]
    assert facts["blobs"] == 3


LINKS = {
    "index": ("index.json", "/etc/hostname"),
    "index-zero": ("index.json", "/dev/zero"),
    "blob": (f"blobs/sha256/{'0' * 64}", "../../../secret"),
    "blob-zero": (f"blobs/sha256/{'0' * 64}", "/dev/zero"),
    "algorithm": ("blobs/outside", "../../outside"),
    "algorithm-root": ("blobs/outside", "/"),
    "blobs": ("blobs", "../outside"),
    "blobs-root": ("blobs", "/"),
    "blobs-proc": ("blobs", "/proc/self/root/etc"),
}


@pytest.mark.parametrize("name", LINKS)
def test_links_out_of_a_layout(name: str, made: Made) -> None:
    path, target = LINKS[name]
    write_files({"secret": SECRET, "outside/sha256/secret": SECRET}, made.layout.parent)
    write_files(layout_files(), made.layout)
    link = made.layout / path
    if link.is_dir():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    facts = made.read()
    kind = "a symbolic link that leads out of the layout"
    assert facts["kinds"][kind] == 1
    said = f"host: {path} is {kind}, which is not read"
    assert said in (facts["unseen"], facts["index"][1], *facts["blobs_unseen"])
    assert facts["sizes"] <= sum(map(len, layout_files().values()))


def special_files(layout: Path) -> int:
    """One of each kind that can be made here, as a blob each; the number of them."""
    place = layout / "blobs/sha256"
    os.mkfifo(place / "fifo")
    here = os.open(place, os.O_PATH)
    try:  # the path of a socket is short, that of a temporary directory is not
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"/proc/self/fd/{here}/socket")
    finally:
        os.close(here)
    try:
        os.mknod(place / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod(place / "loop", stat.S_IFBLK | 0o666, os.makedev(7, 0))
    except PermissionError:
        return 2
    return 4


def test_files_that_are_none(made: Made) -> None:
    write_files(layout_files(), made.layout)
    count = special_files(made.layout)
    facts = made.read()
    assert len(facts["blobs_unseen"]) == count
    assert facts["kinds"]["a FIFO"] == facts["kinds"]["a socket"] == 1
    assert facts["tree"] == [1, 1, ""]


@pytest.mark.parametrize("name", ["index.json", "oci-layout", "blobs"])
def test_a_fifo_is_never_waited_for(name: str, made: Made) -> None:
    write_files(layout_files(), made.layout)
    if name == "blobs":
        shutil.rmtree(made.layout / name)
    else:
        (made.layout / name).unlink()
    os.mkfifo(made.layout / name)
    assert made.read()["kinds"]["a FIFO"] == 1


def test_directories_without_end(made: Made) -> None:
    """Deeper than any path can be, and links in circles."""
    write_files(layout_files(), made.layout)
    (made.layout / "blobs/up").symlink_to("..")
    (made.layout / "blobs/sha256/self").symlink_to(".")
    here = os.open(made.layout / "blobs", os.O_RDONLY)
    name = "d" * 250
    for _ in range(30):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        ended = run([sys.executable, "-c", READ, str(made.layout)], made.work)
    finally:
        subprocess.run(["rm", "-rf", str(made.layout / "blobs" / name)], check=True)
    facts = json.loads(ended.output)
    assert facts["unseen"].startswith(f"host: blobs/{name}/{name}/")
    assert facts["tree"][:2] == [1, 1]


# Archives


STRANGE_ENTRIES = [
    ("../outside", tarfile.REGTYPE),
    ("/tmp/pytest-oci-outside", tarfile.REGTYPE),
    ("blobs/sha256/../../../outside", tarfile.REGTYPE),
    ("blobs/sha256/link", tarfile.SYMTYPE),
    ("blobs/sha256/hard", tarfile.LNKTYPE),
    ("blobs/sha256/zero", tarfile.CHRTYPE),
    ("blobs/sha256/fifo", tarfile.FIFOTYPE),
]


@pytest.mark.parametrize("form", ["tar", "tar+gzip"])
def test_entries_that_lead_out(form: str, made: Made) -> None:
    strange = b"".join(bytes(header(name, kind=kind)) for name, kind in STRANGE_ENTRIES)
    data = strange + tar_of(layout_files())
    made.layout.write_bytes(data if form == "tar" else gzip.compress(data))
    facts = made.read()
    assert facts["kinds"]["a name that leads out of the layout"] == 3
    assert len(facts["blobs_unseen"]) == 4
    assert facts["tree"] == [1, 1, ""]


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
@pytest.mark.parametrize("size", [2 * MIB, 0o77777777777])
def test_extended_headers_that_are_too_large(kind: bytes, size: int, made: Made) -> None:
    begin = padded(tar_of(layout_files()).rstrip(b"\0"))
    made.layout.write_bytes(begin + header("x", size, kind) + b"a" * 3 * MIB)
    facts = made.read()
    assert facts["unseen"] == reached("tar-header-bytes", MIB)
    assert facts["tree"][:2] == [1, 1]


def test_sizes_that_cannot_be(made: Made) -> None:
    block = header("blobs/sha256/huge")
    block[124:136] = b"\x80" + b"\xff" * 11
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    made.layout.write_bytes(padded(tar_of(layout_files()).rstrip(b"\0")) + block)
    facts = made.read()
    assert facts["unseen"].startswith("host: the archive is broken at byte ")
    assert facts["blobs"] == 3


# What the system does not let be read


@needs_setpriv
@pytest.mark.parametrize("what", ["index.json", "blob", "blobs", "blobs/sha256"])
def test_what_may_not_be_read(what: str, made: Made) -> None:
    write_files(layout_files(), made.layout)
    blob = next(name for name in layout_files() if name.startswith("blobs/"))
    path = made.layout / (blob if what == "blob" else what)
    path.chmod(0)
    try:
        facts = made.read(*AS_ORDINARY_USER)
    finally:
        path.chmod(0o755)
    said = [facts["unseen"], facts["index"][1], *facts["blobs_unseen"]]
    assert [text for text in said if text.startswith("host: ") and "Permission denied" in text]


@needs_setpriv
@pytest.mark.parametrize("kind", ["directory", "tar"])
def test_a_layout_that_may_not_be_read_at_all(kind: str, made: Made) -> None:
    if kind == "directory":
        write_files(layout_files(), made.layout)
    else:
        made.layout.write_bytes(tar_of(layout_files()))
    made.layout.chmod(0)
    read = (
        "import sys; from pathlib import Path; from pytest_oci.targets.layout.reading import *\n"
        "try: read_layout(Path(sys.argv[1]))\nexcept ValueError as error: print(error)"
    )
    try:
        ended = run([*AS_ORDINARY_USER, sys.executable, "-c", read, str(made.layout)], made.work)
    finally:
        made.layout.chmod(0o755)
    [line] = ended.output.splitlines()
    assert line.startswith(str(made.layout))
    assert "Permission denied" in line


# Whole runs


@dataclass
class Judged(Ended):
    """How a run on a layout went, with its results."""

    results: list[dict[str, str]] = field(default_factory=list)

    def having(self, status: str) -> set[str]:
        """The clauses with this status."""
        return {result["clause"] for result in self.results if result["status"] == status}

    def reasons(self) -> set[str]:
        """Why tests were not testable, but for those that build on others."""
        reasons = {result["reason"] for result in self.results if result["status"] == "not-testable"}
        return {reason for reason in reasons if not reason.startswith("depends-on: ")}


def judge(layout: Path, work: Path, *before: str) -> Judged:
    """A run of the suite on a layout, in a process of its own; `before` are words before its command."""
    ledger = work / "ledger"
    given = ["-m", "image", f"--oci-layout={layout}", f"--oci-ledger={ledger}"]
    ended = run([*before, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *given], work)
    records = [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []
    results = [record for record in records if record["type"] == "result" and record["test"]]
    judged = Judged(ended.status, ended.output, ended.errors, ended.seconds, ended.memory, results)
    assert "INTERNALERROR" not in judged.output
    assert judged.having("error") == set()
    assert len(judged.output) < 100_000
    assert SECRET.decode() not in judged.output
    return judged


def bomb(layout: Path) -> None:
    write_files(with_layer(zeros_zstd(8 * GIB), LAYER.replace("gzip", "zstd")), layout)


def large_index(layout: Path) -> None:
    write_files(layout_files(), layout)
    os.truncate(layout / "index.json", 200 * MIB)


def hidden_layer(target: str) -> Callable[[Path], object]:
    """A layer that is a link, to a file that is none or that lies elsewhere."""

    def make(layout: Path) -> None:
        write_files(layout_files(), layout)
        (layout.parent / "secret").write_bytes(SECRET)
        [layer] = [path for path in layout.glob("blobs/sha256/*") if path.read_bytes().startswith(b"\x1f\x8b")]
        layer.unlink()
        if target:
            layer.symlink_to(target)
        else:
            os.mkfifo(layer)

    return make


def cut_off(layout: Path) -> None:
    data = gzip.compress(tar_of(layout_files([random.Random(0).randbytes(2 * MIB)])))
    layout.write_bytes(data[: -len(data) // 4])


def repeated_index(layout: Path) -> None:
    other = padded(b"{}")
    layout.write_bytes(bytes(header("index.json", 2)) + other + tar_of(layout_files()))


def many_entries(layout: Path) -> None:
    begin = padded(tar_of(layout_files()).rstrip(b"\0"))
    layout.write_bytes(gzip.compress(begin) + gzip.compress(bytes(header("again")) * 1000) * 1000)


UNSEEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "bomb": (bomb, reached("unpacked-ratio", 250)),
    "large-index": (large_index, reached("document-bytes", 16 * MIB)),
    "link-out": (hidden_layer("../../../secret"), "is a symbolic link that leads out of the layout"),
    "link-zero": (hidden_layer("/dev/zero"), "is a symbolic link that leads out of the layout"),
    "fifo": (hidden_layer(""), "is a FIFO, which is not read"),
    "cut-off": (cut_off, "is cut off"),
    "repeated": (repeated_index, "host: index.json is more than once in the archive"),
    "many-entries": (many_entries, reached("files", 200_000)),
}
"""Layouts of which something cannot be seen, and the cause."""


@pytest.mark.parametrize("name", [pytest.param("bomb", marks=needs_zstd), *(name for name in UNSEEN if name != "bomb")])
def test_what_is_not_seen_is_not_praised(name: str, made: Made) -> None:
    make, cause = UNSEEN[name]
    make(made.layout)
    judged = judge(made.layout, made.work)
    assert any(cause in reason for reason in judged.reasons()), judged.reasons()
    assert ": conformant" not in judged.output
    assert judged.having("fail") == set()
    assert judged.having("pass")


@needs_setpriv
def test_a_blob_that_may_not_be_read_is_the_hosts_matter(made: Made) -> None:
    write_files(layout_files(), made.layout)
    [layer] = [path for path in made.layout.glob("blobs/sha256/*") if path.read_bytes().startswith(b"\x1f\x8b")]
    layer.chmod(0)
    judged = judge(made.layout, made.work, *AS_ORDINARY_USER)
    assert judged.having("fail") == set()
    assert {f"host: {layer.relative_to(made.layout)} cannot be read: Permission denied"} == judged.reasons()
    assert ": conformant" not in judged.output


def test_digests_that_are_paths_fail_for_what_they_are(made: Made) -> None:
    (made.layout.parent / "secret").write_bytes(SECRET)
    entry = {"mediaType": MANIFEST, "digest": "sha256:../../../secret", "size": len(SECRET)}
    files = layout_files()
    index = json.loads(files["index.json"])
    index["manifests"].append(entry)
    write_files({**files, "index.json": as_json(index)}, made.layout)
    judged = judge(made.layout, made.work)
    assert judged.status == 1
    assert judged.having("fail")
    assert all(clause.startswith("descriptor.digest.") for clause in judged.having("fail"))


def test_what_is_no_layout_is_a_mistake_of_usage(made: Made) -> None:
    made.layout.write_bytes(b"PK\x03\x04")
    judged = judge(made.layout, made.work)
    assert judged.status == 4
    [line] = [line for line in (judged.output + judged.errors).splitlines() if "zip archive" in line]
    assert (
        line == f"ERROR: --oci-layout={made.layout}: {made.layout} is a zip archive: unpack it and give the directory"
    )
