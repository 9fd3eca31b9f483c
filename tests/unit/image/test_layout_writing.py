"""Layouts on disk."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.image.files import Directory, Fifo, Hole, Symlink
from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.image.shapes import shape
from pytest_oci.fixtures.image.writing import archive_bytes, write_archive, write_directory

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.image.files import Files

SPECIAL: Files = {
    "blobs": Directory(),
    "blobs/sha256/pipe": Fifo(),
    "index.json": Symlink("elsewhere"),
    "hole": Hole(1 << 20),
    "oci-layout": b"{}",
}


def test_a_directory(tmp_path: Path) -> None:
    """Files, and what is none."""
    write_directory(SPECIAL, tmp_path / "layout")
    found = {str(path.relative_to(tmp_path / "layout")): path for path in (tmp_path / "layout").rglob("*")}

    assert set(found) == {*SPECIAL, "blobs/sha256"}
    assert stat.S_ISFIFO(found["blobs/sha256/pipe"].lstat().st_mode)
    assert str(found["index.json"].readlink()) == "elsewhere"
    assert (found["hole"].stat().st_size, found["oci-layout"].read_bytes()) == (1 << 20, b"{}")


def test_special_files_in_an_archive() -> None:
    """Each as the entry that it is."""
    with tarfile.open(fileobj=io.BytesIO(archive_bytes(SPECIAL)), mode="r:") as tar:
        found = {each.name: each.type for each in tar}

    assert found == {
        "index.json": tarfile.SYMTYPE,
        "oci-layout": tarfile.REGTYPE,
        "blobs": tarfile.DIRTYPE,
        "blobs/sha256": tarfile.DIRTYPE,
        "blobs/sha256/pipe": tarfile.FIFOTYPE,
        "hole": tarfile.REGTYPE,
    }


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize(("index", "place"), [("first", 0), ("last", -2)])
def test_an_archive_has_its_index_first_or_last(index: str, place: int, dotted: bool, tmp_path: Path) -> None:
    """With or without `./` before names; the contents are those of the files."""
    files = render(shape("one-layer"))
    write_archive(files, tmp_path / "layout.tar", index=index, dotted=dotted)

    with tarfile.open(tmp_path / "layout.tar", "r:") as tar:
        members = [each for each in tar if each.name != "."]
        names = [each.name.removeprefix("./") for each in members]
        assert names[place : place + 2 or None] == ["index.json", "oci-layout"]
        contents = {
            each.name.removeprefix("./"): found.read()
            for each in members
            if (found := tar.extractfile(each)) is not None
        }
    assert contents == {path: what for path, what in files.items() if isinstance(what, bytes)}


def test_an_archive_is_compressed_if_wanted() -> None:
    """gzip, zstd, and the same every time."""
    files = render(shape("one-layer"))
    plain = archive_bytes(files)

    assert gzip.decompress(archive_bytes(files, "tar+gzip")) == plain
    assert archive_bytes(files, "tar+zstd")[:4] == b"\x28\xb5\x2f\xfd"
    assert plain in archive_bytes(files, "tar+zstd")
    assert archive_bytes(files, "tar+gzip") == archive_bytes(files, "tar+gzip")
