"""What stands behind symbolic links that lead out of a layout is not looked at, so nothing is said of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from layouts import layout_files, write_files
from pytest_oci.conformance.image.image_layout import rules_image_layout as rules
from pytest_oci.conformance.image.judged import Unseen

from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.tree import grow

if TYPE_CHECKING:
    from pathlib import Path

RULES = {
    "blobs": [rules.blobs_exist],
    "oci-layout": [rules.oci_layout_exists, rules.oci_layout_is_object, rules.version_present, rules.version_value],
    "index.json": [rules.index_exists, lambda layout: rules.index_is_image_index(layout, grow(layout))],
}


@pytest.mark.parametrize("name", RULES)
def test_links_that_lead_out_leave_it_open(name: str, tmp_path: Path) -> None:
    place = write_files(layout_files(), tmp_path / "layout")
    shutil.move(place / name, tmp_path / name)
    (place / name).symlink_to(f"../{name}")
    layout = read_layout(place)
    for rule in RULES[name]:
        (seen,) = rule(layout)
        assert isinstance(seen, Unseen)
        assert seen.cause == f"host: {name} is a symbolic link that leads out of the layout, which is not read"


@pytest.mark.parametrize("name", RULES)
def test_links_that_lead_nowhere_are_faults(name: str, tmp_path: Path) -> None:
    place = write_files(layout_files(), tmp_path / "layout")
    shutil.move(place / name, tmp_path / name)
    (place / name).symlink_to("nowhere")
    (seen,) = RULES[name][0](read_layout(place))
    assert not isinstance(seen, Unseen)
