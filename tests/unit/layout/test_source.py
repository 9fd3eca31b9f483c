"""What `--oci-layout` may name, and the one line that refuses anything else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import zipfile
from typing import TYPE_CHECKING

import pytest
from layouts import FORMS, layout_files, packed_as, tar_of, write_files

from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.source import LayoutError, open_source
from pytest_oci.targets.layout.tar import is_tar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD_DOCKER = {
    "0123/VERSION": b"1.0",
    "0123/json": b"{}",
    "0123/layer.tar": tar_of({"file": b"x"}),
    "4567.json": b"{}",
    "manifest.json": b"[]",
    "repositories": b"{}",
}


def refused(path: Path) -> str:
    """The one line by which a path is refused."""
    with pytest.raises(LayoutError) as caught:
        read_layout(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    return text


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_an_archive_is_told_by_its_bytes(form: str, tmp_path: Path) -> None:
    path = tmp_path / "misleading.zip"
    path.write_bytes(packed_as(form, tar_of(layout_files())))
    source = open_source(path)
    source.close()
    assert source.form == form
    assert read_layout(path).form == form


def test_a_directory_is_one_also_behind_a_link(tmp_path: Path) -> None:
    write_files(layout_files(), tmp_path / "layout")
    (tmp_path / "link").symlink_to("layout")
    layout = read_layout(tmp_path / "link")
    assert layout.form == "directory"
    assert layout.path == str(tmp_path / "link")
    assert len(layout.blobs) == 3


@pytest.mark.parametrize("magic", [b"ustar\x0000", b"ustar  \0", bytes(8)])
def test_headers_of_old_and_new_tars_are_known_by_their_checksum(magic: bytes) -> None:
    block = bytearray(tar_of({"index.json": b"{}"})[:512])
    block[257:265] = magic
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    assert is_tar(bytes(block))
    block[0] ^= 1
    assert not is_tar(bytes(block))


NO_LAYOUTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty; a layout is a directory, or a tar archive plain, gzip or zstd"),
    "text": (b"hello\n", "is no tar archive; a layout is"),
    "half-a-block": (b"\0" * 100, "is no tar archive; a layout is"),
    "zip": (zipped(layout_files()), "is a zip archive: unpack it and give the directory"),
    "empty-zip": (zipped({}), "is an empty zip archive"),
    "bzip2": (bz2.compress(tar_of(layout_files())), "is bzip2 data: decompress it first"),
    "xz": (lzma.compress(tar_of(layout_files())), "is xz data: decompress it first"),
    "json": (b'{"schemaVersion": 2}', "looks like a JSON document: give the layout, not a file of it"),
    "gzip-of-text": (gzip.compress(b"hello"), "is no tar+gzip archive that can be read: "),
    "gzip-of-nothing": (gzip.compress(b""), "is no tar+gzip archive that can be read: "),
    "cut-gzip": (gzip.compress(tar_of(layout_files()))[:12], "is no tar+gzip archive that can be read: "),
    "zstd-of-text": (packed_as("tar+zstd", b"hello"), "is no tar+zstd archive that can be read: "),
    "empty-tar": (bytes(10240), "is a tar archive without oci-layout, index.json and blobs: no image layout"),
    "other-tar": (tar_of({"a/b": b"", "c": b""}), "is a tar archive without oci-layout, index.json and blobs"),
}


@pytest.mark.parametrize("name", NO_LAYOUTS)
def test_files_that_are_no_layouts_are_named(name: str, tmp_path: Path) -> None:
    data, said = NO_LAYOUTS[name]
    path = tmp_path / "layout.tar"
    path.write_bytes(data)
    assert said in refused(path)


def listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.getcwd()  # noqa: PTH109
        os.chdir(path.parent)  # the path of a socket is short, that of a temporary directory is not
        try:
            listening.bind(path.name)
        finally:
            os.chdir(before)


SPECIAL: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "cannot be opened: No such file or directory; a layout is a directory"),
    "dangling": (lambda path: path.symlink_to("nowhere"), "cannot be opened: No such file or directory"),
    "circle": (lambda path: path.symlink_to(path.name), "cannot be opened: Too many levels of symbolic links"),
    "fifo": (os.mkfifo, "is a FIFO; a layout is a directory"),
    "socket": (listen, "is a socket; a layout is a directory"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a character device; a layout is a directory"),
    "long": (lambda path: None, "cannot be opened: File name too long"),
    "directory": (
        lambda path: path.mkdir(),
        "is a directory without oci-layout, index.json and blobs: no image layout",
    ),
}


@pytest.mark.skipif(os.name != "posix", reason="kinds of files of POSIX")
@pytest.mark.parametrize("name", SPECIAL)
def test_paths_that_hold_no_file_are_named_and_never_waited_for(name: str, tmp_path: Path) -> None:
    make, said = SPECIAL[name]
    path = tmp_path / ("l" * 300 if name == "long" else "layout")
    make(path)
    assert said in refused(path)


def test_a_path_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="is no path"):
        read_layout(tmp_path / "with\0nul")


def test_a_name_with_a_newline_stays_in_its_line(tmp_path: Path) -> None:
    with pytest.raises(LayoutError) as caught:
        read_layout(tmp_path / "two\nlines")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "layout.tar"
    path.write_bytes(tar_of(layout_files()))
    path.chmod(0)
    assert "cannot be opened: Permission denied" in refused(path)


@pytest.mark.parametrize("form", FORMS)
def test_an_older_docker_save_is_told_how_to_be_converted(form: str, tmp_path: Path) -> None:
    path = tmp_path / "old image.tar"
    path.write_bytes(packed_as(form, tar_of(OLD_DOCKER)))
    assert refused(path).endswith(
        "is no OCI layout but an archive of an older `docker save`: convert it with "
        f"`skopeo copy docker-archive:'{path}' oci:DIR:REF`, then give --oci-layout=DIR"
    )


def test_an_older_docker_save_that_was_unpacked(tmp_path: Path) -> None:
    assert "skopeo copy docker-archive:FILE oci:DIR:REF" in refused(write_files(OLD_DOCKER, tmp_path / "image"))


@pytest.mark.parametrize("form", FORMS)
def test_a_newer_docker_save_is_a_layout(form: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(packed_as(form, tar_of({"manifest.json": b"[]", "repositories": b"{}", **layout_files()})))
    layout = read_layout(path)
    assert len(layout.blobs) == 3
    assert "manifest.json" in [entry.path for entry in layout.entries]


@pytest.mark.parametrize("form", FORMS)
def test_a_layout_within_a_directory_of_an_archive(form: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(packed_as(form, tar_of({f"./app v1/{name}": data for name, data in layout_files().items()})))
    assert refused(path).endswith(
        "holds a layout in its directory app v1, not at its top: unpack it and give the directory, "
        "or make the archive with `tar -C 'app v1' -cf FILE .`"
    )


def test_a_layout_within_a_directory_of_a_directory(tmp_path: Path) -> None:
    write_files(layout_files(), tmp_path / "app")
    assert refused(tmp_path).endswith(f"holds a layout in app: give {tmp_path / 'app'}")


@pytest.mark.parametrize("form", ["directory", *FORMS])
@pytest.mark.parametrize("left", ["oci-layout", "index.json", "blobs"])
def test_what_has_anything_of_a_layout_is_judged(left: str, form: str, tmp_path: Path) -> None:
    files = {name: data for name, data in layout_files().items() if name.startswith(left)}
    path = tmp_path / "layout"
    if form == "directory":
        write_files(files, path)
    else:
        path.write_bytes(packed_as(form, tar_of(files)))
    layout = read_layout(path)
    assert (layout.index.kind == "a regular file") == (left == "index.json")
    assert (layout.oci_layout.kind == "missing") == (left != "oci-layout")
    assert bool(layout.blobs) == (left == "blobs")
    assert layout.unseen == ""
