"""The files of a layout (image-layout.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.image_layout import rules_image_layout as rules
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Tree

pytestmark = pytest.mark.image


@clause("image-layout.blobs.exists")
def test_there_is_a_directory_of_blobs(layout: Layout) -> None:
    """There is a directory `blobs`."""
    judge(rules.blobs_exist, [layout])


@clause("image-layout.oci-layout.exists")
def test_there_is_an_oci_layout(layout: Layout) -> None:
    """There is a file `oci-layout`."""
    judge(rules.oci_layout_exists, [layout])


@clause("image-layout.oci-layout.json-object")
def test_oci_layout_is_an_object(layout: Layout) -> None:
    """`oci-layout` is a JSON object."""
    judge(rules.oci_layout_is_object, [layout])


@clause("image-layout.oci-layout.image-layout-version")
def test_oci_layout_has_a_version(layout: Layout) -> None:
    """`oci-layout` has an imageLayoutVersion."""
    judge(rules.version_present, [layout])


@clause("image-layout.oci-layout.version-value")
def test_the_version_is_the_only_one(layout: Layout) -> None:
    """The imageLayoutVersion had better be 1.0.0."""
    judge(rules.version_value, [layout])


@clause("image-layout.index.exists", "image-layout.index.required-entry-point")
def test_there_is_an_index(layout: Layout) -> None:
    """There is a file `index.json`."""
    judge(rules.index_exists, [layout])


@clause("image-layout.index.is-image-index")
def test_index_json_is_an_index(layout: Layout, tree: Tree) -> None:
    """`index.json` is an image index, a JSON object."""
    judge(lambda files: rules.index_is_image_index(files, tree), [layout])


@clause("image-layout.blobs.content-matches-name", "image-layout.blobs.content-matches-name-example")
def test_blobs_are_what_their_names_say(layout: Layout) -> None:
    """The content of every blob has the digest by which it is named."""
    judge(rules.contents_match_names, [layout], layout.unseen)


@clause("image-layout.blobs.name-characters")
def test_blobs_are_named_by_digests(layout: Layout) -> None:
    """Directories and files below `blobs` are named by the grammar of digests."""
    judge(rules.names_follow_grammar, [layout], layout.unseen)
