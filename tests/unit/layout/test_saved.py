"""Facts about a layout survive JSON exactly."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from layouts import MANIFEST, as_json, descriptor, digest_of, layout_files, path_of, write_files

from pytest_oci.targets.layout import facts
from pytest_oci.targets.layout.facts import Blob, Entry, File, Layout, Places, Tar, Unpacked
from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.saved import from_json, to_json
from pytest_oci.targets.layout.target import Narrowed, from_saved, open_layout, to_saved

if TYPE_CHECKING:
    from pathlib import Path

PLACES = Places(("a/.wh.b", "name with \udcff no UTF-8", "\n"), 250)
TAR = Tar(
    entries=3,
    problem="byte 512: no header",
    ended="zero blocks",
    types={"0": 2, "\0": 1},
    trailing=7,
    unseen="limit: tar-entries=3 was reached",
    **{field.name: PLACES for field in fields(Tar) if isinstance(field.default, Places)},
)
BLOB = Blob(
    "blobs/sha256/ab",
    10,
    "sha256:ab",
    head=b"\x1f\x8b\0\xff",
    data=b"",
    withheld="limit: a",
    unpacked=Unpacked("gzip", 5, {"sha256": "sha256:cd", "sha512": "sha512:ef"}, TAR, 2, "cut off", "limit: b"),
    unseen="host: c",
)
FULL = Layout(
    "some/where",
    "tar+gzip",
    (Entry("blobs", facts.DIRECTORY), Entry("\udcfe", "a FIFO")),
    File("oci-layout", facts.REGULAR, b"\xef\xbb\xbf{}"),
    File("index.json", "a FIFO", None, "host: d"),
    {BLOB.named: BLOB, "x:y": Blob("blobs/x/y", 0, "")},
    "limit: files=2 was reached",
)


def through_json(layout: Layout) -> Layout:
    return from_json(json.loads(json.dumps(to_json(layout))))


def test_everything_survives() -> None:
    assert through_json(FULL) == FULL


def test_no_fact_has_its_default_in_what_is_tried() -> None:
    """So that whatever is added to the facts has to be thought of here."""
    assert BLOB.unpacked is not None
    for value in (FULL, FULL.index, FULL.oci_layout, BLOB, BLOB.unpacked, TAR):
        for field in fields(value):
            assert getattr(value, field.name) != field.default or (value, field.name) in (
                (FULL.index, "data"),
                (FULL.oci_layout, "unseen"),
            )


def test_no_bytes_and_empty_bytes_are_told_apart() -> None:
    without = replace(FULL, index=replace(FULL.index, data=None))
    empty = replace(FULL, index=replace(FULL.index, data=b""))
    assert through_json(without) == without
    assert through_json(empty) == empty
    assert through_json(empty) != through_json(without)


def test_what_was_read_survives(tmp_path: Path) -> None:
    layout = read_layout(write_files(layout_files([b"a", b"b" * 5000]), tmp_path / "layout"))
    assert through_json(layout) == layout


@pytest.mark.parametrize("saved", [{}, {"entries": 1}, {**to_json(FULL), "further": 1}, {**to_json(FULL), "blobs": []}])
def test_anything_else_is_a_value_error(saved: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not the saved facts"):
        from_json(saved)


def test_bytes_that_are_no_base64() -> None:
    saved = to_json(FULL)
    saved["oci_layout"]["data"] = "%"
    with pytest.raises(ValueError):
        from_json(saved)


def test_what_stands_behind_entries_survives_narrowing(tmp_path: Path) -> None:
    """An index is judged by all of its entries, whichever name was asked for; a process of xdist has what is saved."""
    files = layout_files()
    manifest = as_json({"schemaVersion": 2, "config": {"mediaType": "text/plain"}, "layers": []})
    listed = json.loads(files["index.json"])["manifests"]
    (named,) = ({**entry, "annotations": {"org.opencontainers.image.ref.name": "a"}} for entry in listed)
    files["index.json"] = as_json({"schemaVersion": 2, "manifests": [named, descriptor(manifest, MANIFEST)]})
    files[path_of(digest_of(manifest))] = manifest
    target = open_layout(str(write_files(files, tmp_path)), narrowed=Narrowed(ref="a"))

    (index,) = from_saved(json.loads(json.dumps(to_saved(target))), subjects=True).tree.indexes
    assert [entry.blob is not None and entry.blob.data is not None for entry in index.entries] == [True, True]
    assert len(target.tree.manifests) == 1
