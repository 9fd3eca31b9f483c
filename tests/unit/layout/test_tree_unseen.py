"""Documents that were not read: there may be more below them, and nothing that asks for all may pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_oci.fixtures.image.rendering import path_at, render
from pytest_oci.fixtures.image.shapes import shape
from pytest_oci.fixtures.image.writing import write_directory

from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.tree import grow

CAUSE = "limit: document-bytes=1 was reached"


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    directory = tmp_path_factory.mktemp("layouts") / "full"
    write_directory(render(shape("full")), directory)
    return read_layout(directory)


def without(layout, place):
    path = path_at(shape("full"), place)
    blobs = {
        name: replace(blob, data=None, withheld=CAUSE) if blob.path == path else blob
        for name, blob in layout.blobs.items()
    }
    return replace(layout, blobs=blobs)


def test_all_is_seen(full):
    assert grow(full).unseen == ""
    assert grow(full, platform="linux/arm").unseen == ""


def test_below_an_index_there_may_be_more(full):
    assert grow(without(full, "3")).unseen == CAUSE


def test_index_json(full):
    assert grow(replace(full, index=replace(full.index, data=None, unseen=CAUSE))).unseen == CAUSE


def test_a_manifest_is_a_part_that_says_so_itself(full):
    tree = grow(without(full, "1"))
    assert tree.unseen == ""
    assert [part.text.unseen for part in tree.manifests if part.text.unseen] == [CAUSE]


def test_a_manifest_may_be_for_the_platform_asked_for(full):
    assert grow(without(full, "1"), platform="linux/amd64").unseen == ""  # its descriptor says for which it is
    assert grow(without(full, "4"), platform="linux/amd64").unseen == CAUSE
