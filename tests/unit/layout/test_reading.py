"""Layouts read from directories and archives: the same facts of either, and what cannot be seen is said."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import tarfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from layouts import (
    COMPRESSED,
    FORMS,
    MANIFEST,
    as_json,
    descriptor,
    digest_of,
    layout_files,
    packed_as,
    path_of,
    stored_zstd,
    tar_of,
    write_files,
)  # fmt: skip

from pytest_oci.targets.layout import beneath, reading
from pytest_oci.targets.layout.archive import Archive
from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR, Entry
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS
from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.source import LayoutError
from pytest_oci.targets.layout.tree import grow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_oci.targets.layout.facts import Blob, Layout

NAME = "ab" * 32
BLOB = f"blobs/sha256/{NAME}"
DIGEST = f"sha256:{NAME}"
posix = pytest.mark.skipif(os.name != "posix", reason="kinds of files of POSIX")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write_files(layout_files([b"one", b"two" * 200_000]), tmp_path / "layout")


def in_form(form: str, files: dict[str, bytes], where: Path) -> Path:
    path = where / f"made.{form}"
    if form == "directory":
        return write_files(files, path)
    path.write_bytes(packed_as(form, tar_of(files)))
    return path


def archive(members: Iterable[tuple[str, bytes | dict[str, Any]]], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of files, and of members with such attributes of TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as made:
        for name, what in members:
            member = tarfile.TarInfo(name)
            if isinstance(what, bytes):
                member.size = len(what)
                made.addfile(member, io.BytesIO(what))
            else:
                for attribute, value in what.items():
                    setattr(member, attribute, value)
                made.addfile(member)
    return out.getvalue()


def alike(layout: Layout) -> Layout:
    """The facts without what says where they are from."""
    return replace(layout, path="", form="")


def kinds(layout: Layout) -> dict[str, str]:
    return {entry.path: entry.kind for entry in layout.entries}


def wholly_seen(layout: Layout) -> bool:
    return not (
        layout.unseen or layout.index.unseen or layout.oci_layout.unseen or any(b.unseen for b in layout.blobs.values())
    )


def without(layout: Layout, digest: str) -> Layout:
    return replace(layout, blobs={name: blob for name, blob in layout.blobs.items() if name != digest})


# What is read


def test_the_facts_about_a_directory(directory: Path) -> None:
    layout = read_layout(directory)
    assert layout.form == "directory"
    assert layout.path == str(directory)
    assert layout.oci_layout.data == (directory / "oci-layout").read_bytes()
    assert layout.index.data == (directory / "index.json").read_bytes()
    assert [blob.digest for blob in layout.blobs.values()] == list(layout.blobs)
    assert list(layout.blobs) == sorted(layout.blobs)
    assert sorted(path.name for path in (directory / "blobs/sha256").iterdir()) == sorted(
        digest.removeprefix("sha256:") for digest in layout.blobs
    )
    assert kinds(layout)["blobs/sha256"] == DIRECTORY
    assert len(layout.entries) == 4 + len(layout.blobs)
    assert wholly_seen(layout)
    [manifest] = grow(layout).manifests
    assert [layer.blob.unpacked.tar.entries for layer in manifest.layers if layer.blob and layer.blob.unpacked] == [
        1,
        1,
    ]


@pytest.mark.parametrize("dots", ["", "./", ".//./"])
@pytest.mark.parametrize("form", FORMS)
def test_an_archive_gives_the_same_facts(form: str, dots: str, directory: Path, tmp_path: Path) -> None:
    files = {
        f"{dots}{path.relative_to(directory)}": path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }
    assert alike(read_layout(in_form(form, files, tmp_path))) == alike(read_layout(directory))


@pytest.mark.parametrize("name", ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"])
def test_every_format_of_tar_is_read(name: str, tmp_path: Path) -> None:
    """With names too long for a header's own field, and entries of directories."""
    files = layout_files()
    # ustar splits a long name at a slash.
    long_name = "blobs/" + "a" * 90 + "/" + "b" * 60
    members: list[tuple[str, bytes | dict[str, Any]]] = [("./", {"type": tarfile.DIRTYPE})]
    members += [(f"./{name}/", {"type": tarfile.DIRTYPE}) for name in ("blobs", "blobs/sha256", "blobs/" + "a" * 90)]
    members += [(f"./{name}", data) for name, data in {**files, long_name: b"long"}.items()]
    path = tmp_path / "layout.tar"
    path.write_bytes(archive(members, getattr(tarfile, name)))
    write_files({**files, long_name: b"long"}, tmp_path / "layout")
    assert alike(read_layout(path)) == alike(read_layout(tmp_path / "layout"))


def test_sizes_in_binary_are_read(tmp_path: Path) -> None:
    data = bytearray(archive(layout_files().items()))
    data[124:136] = b"\x80" + int(bytes(data[124:135]), 8).to_bytes(11, "big")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    (tmp_path / "layout.tar").write_bytes(data)
    layout = read_layout(tmp_path / "layout.tar")
    assert len(layout.blobs) == 3
    assert wholly_seen(layout)


def test_other_algorithms_and_names(tmp_path: Path) -> None:
    data = b"some data"
    names = (path_of(digest_of(data, "sha512")), "blobs/blake3/0123", "blobs/sha256/UPPER", "blobs/sha256/.tmp")
    layout = read_layout(write_files({**layout_files(), **dict.fromkeys(names, data)}, tmp_path / "layout"))
    assert layout.blobs[digest_of(data, "sha512")].digest == digest_of(data, "sha512")
    assert layout.blobs["blake3:0123"].digest == ""
    assert layout.blobs["sha256:UPPER"].digest == layout.blobs["sha256:.tmp"].digest == digest_of(data)
    assert wholly_seen(layout)


def test_what_lies_elsewhere(tmp_path: Path) -> None:
    """Only the top, and all that is below `blobs`."""
    files = {**layout_files(), "other/below": b"", "blobs/stray": b"", f"{BLOB}/below/deeper": b"", "README": b""}
    expected = {"other", "README", "blobs/stray", BLOB, f"{BLOB}/below", f"{BLOB}/below/deeper"}
    for form in ("directory", *FORMS):
        layout = read_layout(in_form(form, files, tmp_path))
        seen = kinds(layout)
        if form != "directory":  # where directories need no entries of their own, and those below a blob are odd anyway
            seen.setdefault(f"{BLOB}/below", DIRECTORY)
        assert set(seen) == expected | {"blobs", "blobs/sha256", *layout_files()}, form
        assert seen["other"] == seen[BLOB] == DIRECTORY
        assert len(layout.blobs) == 3
        assert wholly_seen(layout)


def test_an_empty_blobs_directory(tmp_path: Path) -> None:
    files = {"oci-layout": b"{}", "index.json": b"{}"}
    (write_files(files, tmp_path / "layout") / "blobs").mkdir()
    (tmp_path / "layout.tar").write_bytes(archive([*files.items(), ("blobs", {"type": tarfile.DIRTYPE})]))
    for name in ("layout", "layout.tar"):
        layout = read_layout(tmp_path / name)
        assert layout.blobs == {}
        assert kinds(layout) == {"blobs": DIRECTORY, "index.json": REGULAR, "oci-layout": REGULAR}


@posix
def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"blobs/sha256/\xff")
    write_files(layout_files(), tmp_path / "layout")
    (tmp_path / "layout" / name).write_bytes(b"x")
    (tmp_path / "layout.tar").write_bytes(archive([*layout_files().items(), (name, b"x")], tarfile.GNU_FORMAT))
    for source in ("layout", "layout.tar"):
        layout = read_layout(tmp_path / source)
        assert layout.blobs["sha256:\udcff"].size == 1


def test_sha512_is_computed_where_a_diff_id_asks_for_it(tmp_path: Path) -> None:
    """Also for a small layer, which was read before that was known; a compressed archive is read a second time."""
    contents = [b"small", random.Random(0).randbytes(1_100_000)]
    files = layout_files(contents, diff_algorithm="sha512")
    layers = [tar_of({"file": content}) for content in contents]
    digests = [digest_of(gzip.compress(layer, mtime=0)) for layer in layers]
    for form in ("directory", *FORMS):
        layout = read_layout(in_form(form, files, tmp_path))
        for layer, digest in zip(layers, digests, strict=True):
            blob = layout.blobs[digest]
            assert blob.unpacked is not None
            assert blob.unpacked.digests == {name: digest_of(layer, name) for name in ("sha256", "sha512")}
        assert wholly_seen(layout)
        assert len(layout.blobs) == 4


@pytest.mark.parametrize("form", COMPRESSED)
def test_a_second_pass_only_for_sha512(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []

    class Counted(Archive):
        def members(self) -> Any:
            passes.append(self)
            return super().members()

    monkeypatch.setattr(reading, "Archive", Counted)
    read_layout(in_form(form, {**layout_files(), BLOB: b'{"sha512": "sha512:"}'}, tmp_path))
    assert len(passes) == 1
    read_layout(in_form(form, layout_files(diff_algorithm="sha512"), tmp_path))
    assert len(passes) == 3


def test_sha512_that_is_asked_for_in_other_letters(tmp_path: Path) -> None:
    """In an escaped form, by a configuration larger than those that are read first."""
    config = as_json({"rootfs": {"diff_ids": ["SHA512:"]}, "padding": " " * 2_000_000}).replace(b"SHA", rb"\u0073ha")
    layer = gzip.compress(tar_of({"a": b"b"}))
    blobs = {path_of(digest_of(data)): data for data in (config, layer)}
    for form in ("directory", *FORMS):
        blob = read_layout(in_form(form, {**layout_files(), **blobs}, tmp_path)).blobs[digest_of(layer)]
        assert blob.unpacked is not None
        assert set(blob.unpacked.digests) == {"sha256", "sha512"}, form


# Links, devices, what leads out


def link_to_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("f"))
    path.symlink_to("f")


def link_to(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


INSIDE = ("../../index.json", "../../blobs/../index.json", "./../../index.json", "to-index", "../linked/index.json")


@posix
@pytest.mark.parametrize("target", [*INSIDE, "/index.json"])
def test_links_within_the_layout_are_followed(target: str, directory: Path) -> None:
    (directory / "blobs/linked").symlink_to("..")
    (directory / "blobs/sha256/to-index").symlink_to("../../index.json")
    (directory / BLOB).symlink_to(f"{directory}{target}" if target.startswith("/") else target)
    layout = read_layout(directory)
    assert layout.blobs[DIGEST].data == layout.index.data
    assert kinds(layout)[BLOB] == REGULAR
    assert layout.unseen == ""


@posix
def test_a_link_within_a_layout_that_is_named_by_a_link(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to("layout")
    for number, base in enumerate((tmp_path / "named", directory)):
        (directory / f"blobs/sha256/{number}").symlink_to(base / "index.json")
    layout = read_layout(tmp_path / "named")
    assert layout.blobs["sha256:0"].data == layout.blobs["sha256:1"].data == layout.index.data


STRANGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "out": (link_to("../../../secret"), "a symbolic link that leads out of the layout"),
    "out-and-in": (link_to("../../../layout/index.json"), "a symbolic link that leads out of the layout"),
    "absolute": (link_to("/etc/hostname"), "a symbolic link that leads out of the layout"),
    "nowhere": (link_to("nothing"), "a symbolic link that leads nowhere"),
    "through-a-file": (link_to("../../index.json/x"), "a symbolic link that leads nowhere"),
    "itself": (link_to(NAME), "a symbolic link that leads in a circle"),
    "fifo": (os.mkfifo if hasattr(os, "mkfifo") else print, "a FIFO"),
    "link-to-fifo": (link_to_fifo, "a symbolic link to a FIFO"),
}


@posix
@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_file_is_named_and_not_opened(name: str, directory: Path) -> None:
    make, kind = STRANGE[name]
    (directory.parent / "secret").write_bytes(b"secret")
    make(directory / BLOB)
    layout = read_layout(directory)
    assert kinds(layout)[BLOB] == kind
    blob = layout.blobs[DIGEST]
    assert (blob.size, blob.digest, blob.data, blob.unpacked) == (0, "", None, None)
    assert blob.unseen == f"host: {BLOB} is {kind}, which is not read"
    assert layout.unseen == ""


@posix
@pytest.mark.parametrize("name", ["index.json", "oci-layout"])
@pytest.mark.parametrize("strange", STRANGE)
def test_the_same_at_the_top(strange: str, name: str, directory: Path) -> None:
    """A link that leads out might lead to a good file: that is not seen. All others are none, and that is seen."""
    make, kind = STRANGE[strange]
    if "leads" in kind and strange not in ("absolute", "itself"):
        make = link_to({"out": "../secret", "out-and-in": "../layout/x"}.get(strange, "nothing"))
    make = link_to(name) if strange == "itself" else make
    (directory / name).unlink()
    make(directory / name)
    layout = read_layout(directory)
    file = layout.index if name == "index.json" else layout.oci_layout
    assert (file.kind, file.data) == (kind, None)
    assert bool(file.unseen) == ("leads out" in kind)


@posix
@pytest.mark.parametrize("where", ["blobs", "blobs/sha256"])
def test_directories_behind_links(where: str, directory: Path) -> None:
    before = read_layout(directory)
    (directory / where).rename(directory / "moved")
    (directory / where).symlink_to("moved" if where == "blobs" else "../moved")
    layout = read_layout(directory)
    assert layout.blobs == before.blobs
    assert kinds(layout)[where] == DIRECTORY
    (directory / "moved").rename(directory.parent / "moved")
    (directory / where).unlink()
    (directory / where).symlink_to(f"{'' if where == 'blobs' else '../'}../moved")
    layout = read_layout(directory)
    assert layout.blobs == {}
    assert layout.unseen == f"host: {where} is a symbolic link that leads out of the layout, which is not read"


@posix
def test_directories_in_circles_end(directory: Path) -> None:
    count = len(read_layout(directory).entries)
    (directory / "blobs/round").symlink_to(".")
    (directory / "blobs/sha256/up").symlink_to("../..")
    layout = read_layout(directory)
    assert wholly_seen(layout)
    # `round` holds what `blobs` does, and `sha256` in that what it does; from there on no link is followed any more.
    assert len(layout.entries) == count + 4 + 5
    assert kinds(layout)["blobs/round/round"] == kinds(layout)["blobs/sha256/up"] == DIRECTORY


@posix
def test_directories_that_are_too_deep_are_said(directory: Path) -> None:
    (directory / f"blobs/{'deep/' * 10}").mkdir(parents=True)
    layout = read_layout(directory)
    assert layout.unseen == "host: blobs/deep/deep/deep/deep/deep lies deeper than directories are listed here"
    assert len(layout.blobs) == 4


@posix
def test_a_link_put_there_meanwhile_is_not_followed(directory: Path, tmp_path: Path) -> None:
    """Whatever is looked at first, a file or a directory above it."""
    (tmp_path / "elsewhere").mkdir()
    victim = next((directory / "blobs/sha256").iterdir())
    (tmp_path / "elsewhere" / victim.name).write_bytes(b"secret")
    below = beneath.Beneath(directory)
    path = f"blobs/sha256/{victim.name}"
    seen = below.look(path)
    victim.unlink()
    victim.symlink_to(tmp_path / "elsewhere" / victim.name)
    with pytest.raises(beneath.ChangedError):
        below.open(path, seen.stamp)
    below.close()
    below = beneath.Beneath(directory)
    (directory / "blobs/sha256").rename(tmp_path / "moved")
    (directory / "blobs/sha256").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(beneath.ChangedError):
        below.open(path, seen.stamp)
    below.close()


@pytest.mark.parametrize("form", FORMS)
def test_entries_of_an_archive_that_are_no_files(form: str, tmp_path: Path) -> None:
    strange: dict[str, tuple[dict[str, Any], str]] = {
        "hard": ({"type": tarfile.LNKTYPE, "linkname": "index.json"}, "a hard link"),
        "symbolic": ({"type": tarfile.SYMTYPE, "linkname": "../../index.json"}, "a symbolic link"),
        "character": ({"type": tarfile.CHRTYPE}, "a character device"),
        "block": ({"type": tarfile.BLKTYPE}, "a block device"),
        "fifo": ({"type": tarfile.FIFOTYPE}, "a FIFO"),
        "sparse": ({"type": tarfile.GNUTYPE_SPARSE}, "a sparse file"),
        "pax-sparse": ({"pax_headers": {"GNU.sparse.major": "1"}}, "a sparse file"),
        "unknown": ({"type": b"Z"}, "a file of unknown kind"),
    }
    members: list[tuple[str, bytes | dict[str, Any]]] = [*layout_files().items()]
    members += [(f"blobs/sha256/{name}", what) for name, (what, _) in strange.items()]
    path = tmp_path / "layout.tar"
    path.write_bytes(packed_as(form, archive(members)))
    layout = read_layout(path)
    for name, (_, kind) in strange.items():
        assert kinds(layout)[f"blobs/sha256/{name}"] == kind
        assert layout.blobs[f"sha256:{name}"].unseen == f"host: blobs/sha256/{name} is {kind}, which is not read"
    assert layout.unseen == ""
    assert len(layout.blobs) == len(strange) + 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name", ["../index.json", "/index.json", "blobs/../../x", "blobs/sha256/../../index.json", ".."]
)
def test_names_in_an_archive_that_lead_out(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "layout.tar"
    path.write_bytes(packed_as(form, archive([(name, b"bad"), *layout_files().items()])))
    layout = read_layout(path)
    assert kinds(layout)[name] == "a name that leads out of the layout"
    assert layout.index.data == layout_files()["index.json"]
    assert wholly_seen(layout)
    assert [path.name for path in tmp_path.iterdir()] == ["layout.tar"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["index.json", "oci-layout", BLOB, f"./{BLOB}"])
def test_members_that_are_repeated(name: str, form: str, tmp_path: Path) -> None:
    """Some readers take the first and some the last: no fault of the layout's, but what it holds is not known."""

    def read(second: bytes | dict[str, Any]) -> Layout:
        path = tmp_path / "layout.tar"
        path.write_bytes(packed_as(form, archive([*{**layout_files(), name: b"first"}.items(), (name, second)])))
        return read_layout(path)

    def seen(layout: Layout) -> tuple[bytes | None, str]:
        clean = name.removeprefix("./")
        top = {"index.json": layout.index, "oci-layout": layout.oci_layout}.get(clean) or layout.blobs[DIGEST]
        return top.data, top.unseen

    clean = name.removeprefix("./")
    said = f"host: {clean} is more than once in the archive, not always the same: readers take one or the other"
    assert seen(read(b"first")) == (b"first", "")
    assert seen(read(b"other")) == (None, said)
    assert seen(read(b"first, longer")) == (None, said)
    data, unseen = seen(read({"type": tarfile.SYMTYPE, "linkname": "x"}))
    assert data is None
    assert unseen


# What breaks meanwhile, and limits


def whenever(happens: Callable[[], object]) -> Callable[[int, int], None]:
    """A callback of progress with which something happens once, as soon as something was read."""
    todo = [happens]

    def progress(done: int, whole: int) -> None:
        if todo:
            todo.pop()()

    return progress


def large_blob(directory: Path) -> Path:
    """A blob that takes several reads."""
    data = random.Random(0).randbytes(3 * reading.SMALL)
    path = directory / path_of(digest_of(data))
    path.write_bytes(data)
    return path


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(1, 1))


CHANGES: dict[str, Callable[[Path], object]] = {
    "grows": append,
    "shrinks": lambda path: os.truncate(path, 100),
    "vanishes": Path.unlink,
    "written": rewrite,
    "replaced": lambda path: (
        path.rename(path.parent / "other"),
        path.write_bytes(path.with_name("other").read_bytes()),
    ),
}


@posix
@pytest.mark.parametrize("when", ["before", "within"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_blob_that_changes_while_it_is_read(change: str, when: str, directory: Path) -> None:
    path = large_blob(directory)
    name = f"sha256:{path.name}"
    size = path.stat().st_size
    happened: list[int] = []

    def progress(done: int, whole: int) -> None:
        # All the others are smaller and read before; until all are known, the whole is not.
        if whole and not happened and (when == "before" or done > whole - size + 500_000):
            happened.append(done)
            CHANGES[change](path)

    layout = read_layout(directory, progress=progress)
    assert happened
    assert layout.blobs[name].unseen == f"host: blobs/sha256/{path.name} changed while it was read"
    assert wholly_seen(without(layout, name))


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_that_changes_while_it_is_read(form: str, tmp_path: Path) -> None:
    path = in_form(form, layout_files([b"x" * 1000]), tmp_path)
    layout = read_layout(path, progress=whenever(lambda: append(path)))
    said = f"host: {path} changed while it was read"
    assert layout.unseen == layout.index.unseen == layout.oci_layout.unseen == said
    assert {blob.unseen for blob in layout.blobs.values()} == {said}
    assert layout.index.data is None


@posix
@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EAGAIN])
def test_what_the_system_does_not_let_be_read(number: int, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = large_blob(directory)
    inode, read = path.stat().st_ino, os.read

    def failing(descriptor: int, size: int) -> bytes:
        if os.fstat(descriptor).st_ino == inode:
            raise OSError(number, os.strerror(number))
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", failing)
    layout = read_layout(directory)
    said = f"host: blobs/sha256/{path.name} cannot be read: {os.strerror(number)}"
    assert layout.blobs[f"sha256:{path.name}"].unseen == said
    assert wholly_seen(without(layout, f"sha256:{path.name}"))


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_that_is_cut_off(form: str, tmp_path: Path) -> None:
    """Wherever that is: what was whole is kept, the rest is unseen, and nothing seems to be missing."""
    files = layout_files([b"x", b"y" * 5000])
    whole = in_form(form, files, tmp_path)
    data, complete = whole.read_bytes(), read_layout(whole)
    for length in range(1024, len(data.rstrip(b"\0")), 97):
        whole.write_bytes(data[:length])
        try:
            layout = read_layout(whole)
        except LayoutError:
            assert form != "tar"
            continue
        for blob in layout.blobs.values():
            assert blob == complete.blobs[blob.named] or blob.unseen
        assert layout.unseen
        for file in (layout.index, layout.oci_layout):
            assert file.data in (None, files[file.path])
            assert file.data or file.unseen or not layout.unseen


def test_an_archive_that_is_broken_in_the_middle(tmp_path: Path) -> None:
    data = bytearray(tar_of(layout_files()))
    second = 512 + 512  # behind oci-layout, whose content takes a block
    data[second + 148] ^= 1
    (tmp_path / "layout.tar").write_bytes(data)
    layout = read_layout(tmp_path / "layout.tar")
    assert layout.oci_layout.data == layout_files()["oci-layout"]
    assert layout.unseen == "host: the archive is broken at byte 1024: there is no header of an entry"
    assert (layout.index.kind, layout.index.unseen) == ("not seen", layout.unseen)


def test_a_wrong_checksum_of_gzip_is_said_and_what_follows_its_end_is_not(tmp_path: Path) -> None:
    path = in_form("tar+gzip", layout_files([b"x", random.Random(0).randbytes(2_000_000)]), tmp_path)
    data = path.read_bytes()
    path.write_bytes(data + bytes(512))
    assert wholly_seen(read_layout(path))
    path.write_bytes(data[:-8] + b"12345678")
    layout = read_layout(path)
    assert layout.unseen.startswith("host: the archive's gzip data: ")
    assert layout.index.data


def test_an_archive_in_several_gzip_members(tmp_path: Path) -> None:
    data = tar_of(layout_files())
    (tmp_path / "layout").write_bytes(b"".join(gzip.compress(data[i : i + 700]) for i in range(0, len(data), 700)))
    assert wholly_seen(read_layout(tmp_path / "layout"))


@pytest.mark.parametrize("form", ["directory", *FORMS])
def test_the_limit_of_files(form: str, tmp_path: Path) -> None:
    files = layout_files([bytes([number]) for number in range(20)])
    layout = read_layout(in_form(form, files, tmp_path), replace(DEFAULT_LIMITS, files=10))
    assert len(layout.entries) <= 12
    assert layout.unseen == "limit: files=10 was reached; --oci-limit=files=NUMBER sets it"
    assert wholly_seen(replace(layout, unseen=""))


@pytest.mark.parametrize("form", ["directory", *FORMS])
def test_the_limit_of_time(form: str, tmp_path: Path) -> None:
    """Nothing is read, and nothing is missing."""
    layout = read_layout(in_form(form, layout_files(), tmp_path), replace(DEFAULT_LIMITS, seconds=0))
    said = "limit: seconds=0 was reached; --oci-limit=seconds=NUMBER sets it"
    assert layout.unseen == layout.index.unseen == layout.oci_layout.unseen == said
    assert grow(layout).indexes[0].text.unseen == said


def test_the_time_ends_within_reading(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = large_blob(directory)
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def progress(done: int, whole: int) -> None:
        clock[0] = 5000.0 if done > whole // 2 else 0.0

    layout = read_layout(directory, progress=progress)
    said = "limit: seconds=3600 was reached; --oci-limit=seconds=NUMBER sets it"
    assert layout.blobs[f"sha256:{path.name}"].unseen == said
    assert wholly_seen(without(layout, f"sha256:{path.name}"))


@pytest.mark.parametrize("form", ["directory", *FORMS])
def test_a_blob_that_is_not_read_holds_nothing_up(form: str, tmp_path: Path) -> None:
    data = random.Random(0).randbytes(6_000_000)
    path = in_form(form, {BLOB: data, **layout_files()}, tmp_path)
    layout = read_layout(path, replace(DEFAULT_LIMITS, blob_bytes=1_000_000))
    assert layout.blobs[DIGEST].unseen.startswith("limit: blob-bytes=1000000 ")
    assert wholly_seen(without(layout, DIGEST))


@pytest.mark.parametrize("form", ["directory", *FORMS])
def test_nor_does_one_of_which_only_the_beginning_is_read(form: str, tmp_path: Path) -> None:
    data = gzip.compress(random.Random(0).randbytes(6_000_000), 1)
    path = in_form(form, {BLOB: data, **layout_files()}, tmp_path)
    layout = read_layout(path, replace(DEFAULT_LIMITS, unpacked_bytes=1_000_000))
    unpacked = layout.blobs[DIGEST].unpacked
    assert unpacked is not None
    assert unpacked.unseen.startswith("limit: unpacked-bytes=1000000 ")
    assert wholly_seen(without(layout, DIGEST))


@pytest.mark.parametrize("form", COMPRESSED)
def test_the_time_ends_within_a_stream(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def progress(done: int, whole: int) -> None:
        clock[0] = 5000.0 if done > whole // 2 else 0.0

    files = {**layout_files(), BLOB: random.Random(0).randbytes(6_000_000)}
    layout = read_layout(in_form(form, files, tmp_path), progress=progress)
    assert layout.unseen == "limit: seconds=3600 was reached; --oci-limit=seconds=NUMBER sets it"
    assert layout.blobs[DIGEST].unseen == layout.unseen


@pytest.mark.parametrize("form", ["directory", *FORMS])
def test_limits_of_documents(form: str, tmp_path: Path) -> None:
    files = {**layout_files(), BLOB: b"{" + b" " * 1000}
    path = in_form(form, files, tmp_path)
    layout = read_layout(path, replace(DEFAULT_LIMITS, document_bytes=900))
    assert (
        layout.blobs[DIGEST].withheld
        == "limit: document-bytes=900 was reached; --oci-limit=document-bytes=NUMBER sets it"
    )
    layout = read_layout(path, replace(DEFAULT_LIMITS, document_bytes=150))
    said = "limit: document-bytes=150 was reached; --oci-limit=document-bytes=NUMBER sets it"
    assert (layout.index.data, layout.index.unseen) == (None, said)
    layout = read_layout(path, replace(DEFAULT_LIMITS, documents_bytes=900))
    assert {blob.withheld[:27] for blob in layout.blobs.values()} == {"", "limit: documents-bytes=900 "}


@pytest.mark.parametrize("form", COMPRESSED)
def test_the_limit_of_unpacking_an_archive(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_oci.targets.layout.archive.GIB", 1_000_000)
    files = {**layout_files(), "blobs/sha256/zeros": bytes(3_000_000)}
    data = tar_of(files)
    # A frame of one run of a single byte is the smallest there is, but zstd's blocks are of 128 KiB at most.
    path = tmp_path / "layout"
    path.write_bytes(gzip.compress(data) if form == "tar+gzip" else stored_zstd(data))
    layout = read_layout(path, replace(DEFAULT_LIMITS, unpacked_ratio=1))
    if form == "tar+zstd":  # stored: as many bytes as there are
        assert wholly_seen(layout)
        return
    assert layout.unseen == "limit: unpacked-ratio=1 was reached; --oci-limit=unpacked-ratio=NUMBER sets it"
    assert layout.blobs["sha256:zeros"].unseen == layout.unseen
    assert len(layout.blobs) == 4


def test_a_large_extended_header(tmp_path: Path) -> None:
    members: list[tuple[str, bytes | dict[str, Any]]] = [
        *layout_files().items(),
        ("x", {"pax_headers": {"comment": "c" * 5000}}),
        ("blobs/sha256/behind", b""),
    ]
    (tmp_path / "layout").write_bytes(archive(members))
    layout = read_layout(tmp_path / "layout", replace(DEFAULT_LIMITS, tar_header_bytes=4000))
    assert layout.unseen == "limit: tar-header-bytes=4000 was reached; --oci-limit=tar-header-bytes=NUMBER sets it"
    assert len(layout.blobs) == 3
    assert wholly_seen(read_layout(tmp_path / "layout"))


def test_names_in_an_archive_that_are_too_long(tmp_path: Path) -> None:
    (tmp_path / "layout").write_bytes(archive([("blobs/" + "n" * 10_000, b"x"), *layout_files().items()]))
    layout = read_layout(tmp_path / "layout")
    assert [entry for entry in layout.entries if "…" in entry.path] == [
        Entry(f"blobs/{'n' * 94}…", "a name of 10006 characters")
    ]
    assert len(layout.blobs) == 3


# How it is read


@pytest.mark.parametrize("form", ["directory", *FORMS])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_progress_comes_to_all(form: str, algorithm: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    files = layout_files([b"x", b"y" * 3_000_000], diff_algorithm=algorithm)
    read_layout(in_form(form, files, tmp_path), progress=lambda done, whole: seen.append((done, whole)))
    assert seen
    assert all(done <= whole or not whole for done, whole in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] > 0


@pytest.mark.parametrize("form", ["directory", *FORMS])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_goes_on_after_an_interruption(error: type[BaseException], form: str, tmp_path: Path) -> None:
    threads = threading.active_count()

    def progress(done: int, whole: int) -> None:
        if done > 1000:
            raise error

    path = in_form(form, layout_files([random.Random(0).randbytes(2_000_000)]), tmp_path)
    with pytest.raises(error):
        read_layout(path, progress=progress)
    assert threading.active_count() == threads


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_nothing_is_left_open(directory: Path, tmp_path: Path) -> None:
    (directory / BLOB).symlink_to("../../index.json")
    for number in range(50):
        (directory / f"blobs/{number}").mkdir()
        (directory / f"blobs/{number}/x").write_bytes(b"x")
    paths = [directory, *(in_form(form, layout_files(), tmp_path) for form in FORMS)]
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in paths:
        read_layout(path)
        read_layout(path, replace(DEFAULT_LIMITS, files=5, document_bytes=20, blob_bytes=50))
    with pytest.raises(LayoutError):
        read_layout(tmp_path / "missing")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_systems_without_opening_by_descriptor(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_layout(directory)
    monkeypatch.setattr(beneath, "BY_DESCRIPTOR", False)
    assert read_layout(directory) == expected
    if os.name == "posix":
        (directory / BLOB).symlink_to("../../../outside")
        (directory / "blobs/sha256/inside").symlink_to("../../index.json")
        layout = read_layout(directory)
        assert kinds(layout)[BLOB] == "a symbolic link that leads out of the layout"
        assert layout.blobs["sha256:inside"].data == layout.index.data


def test_one_processor_is_enough(directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [
        read_layout(path) for path in (directory, in_form("tar+gzip", layout_files([b"z" * 900_000]), tmp_path))
    ]
    monkeypatch.setattr("pytest_oci.targets.layout.crew.workers", lambda: 1)
    assert [read_layout(Path(layout.path)) for layout in expected] == expected


def blob_of(layout: Layout, data: bytes) -> Blob:
    return layout.blobs[digest_of(data)]


def test_an_index_of_two_manifests_by_its_tree(tmp_path: Path) -> None:
    files = layout_files()
    [manifest] = [data for data in files.values() if b'"layers": [' in data]
    index = as_json({"schemaVersion": 2, "manifests": [descriptor(manifest, MANIFEST)] * 2})
    layout = read_layout(write_files({**files, "index.json": index}, tmp_path / "layout"))
    assert blob_of(layout, manifest).data == manifest
    assert len(grow(layout).manifests) == 1
