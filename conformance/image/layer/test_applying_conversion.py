"""Layers as unpackers apply them (layer.md, Applying Changesets and Whiteouts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import NO_XATTRS, expect_absent, expect_file, expect_type, listing
from pytest_oci.fixtures.conversion import layers
from pytest_oci.fixtures.conversion.control import CONTROL

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("layer.apply.whiteout-removes")
def test_whiteouts_remove(convert: Convert) -> None:
    """A file, a directory and a symbolic link are gone; their neighbours and the link's target are not."""
    tree = convert.tree(layers.WHITEOUTS)
    expect_absent(tree, "srv/file", "srv/tree", "srv/link")
    expect_file(tree, "srv/file-too", "2")
    expect_file(tree, "srv/tree-too/leaf", "4")
    expect_type(tree, "srv/link-too", "symlink")


@clause("layer.apply.whiteout-hidden")
def test_whiteouts_are_hidden(convert: Convert) -> None:
    """No file of the result is called as a whiteout is."""
    tree = convert.tree(layers.HIDDEN)
    seen = [path for path in tree.nodes if path.rpartition("/")[2].startswith(".wh.")]
    expect(seen, "whiteouts in the result", listing(tree)).is_empty()


@clause("layer.apply.whiteout-lower-only")
@pytest.mark.parametrize("order", layers.SAME_LAYER)
def test_whiteouts_spare_their_own_layer(convert: Convert, order: str) -> None:
    """A file, and what is in a directory, of the whiteout's own layer stay; what is below does not."""
    tree = convert.tree(layers.SAME_LAYER[order])
    expect_file(tree, "file", "upper")
    expect_file(tree, "a/b/upper", "upper")
    expect_absent(tree, "a/b/lower")


@clause("layer.apply.explicit-whiteout-accepted")
def test_explicit_whiteouts_are_accepted(convert: Convert) -> None:
    """A directory all of whose children are removed one by one is empty."""
    tree = convert.tree(layers.EXPLICIT)
    expect_type(tree, "bin", "directory")
    expect([path for path in tree.nodes if path.startswith("bin/")], "children of bin", listing(tree)).is_empty()


@clause("layer.apply.opaque-whiteout-accepted")
@pytest.mark.parametrize("order", layers.OPAQUE)
def test_opaque_whiteouts_are_accepted(convert: Convert, order: str) -> None:
    """Of what lower layers have in the directory nothing is left; what is new stays, before and behind it."""
    tree = convert.tree(layers.OPAQUE[order])
    expect_type(tree, "a", "directory")
    expect_absent(tree, "a/other", "a/b/c/lower")
    if order == "alone":
        expect_absent(tree, "a/b")
    else:
        expect_file(tree, "a/b/c/upper", "3")


@clause("layer.apply.replace.file-over-dir")
def test_file_replaces_directory(convert: Convert) -> None:
    """With all that was in it."""
    tree = convert.tree(layers.FILE_OVER_DIR)
    expect_file(tree, "path", "new")
    expect_absent(tree, "path/child")
    expect_file(tree, "kept", "kept")


@clause("layer.apply.replace.dir-over-file")
def test_directory_replaces_file(convert: Convert) -> None:
    """It can hold files then."""
    tree = convert.tree(layers.DIR_OVER_FILE)
    expect_type(tree, "path", "directory")
    expect_file(tree, "path/child", "new")


@clause("layer.apply.replace.file-over-symlink")
def test_file_replaces_symlink(convert: Convert) -> None:
    """Nothing is written through the link."""
    tree = convert.tree(layers.FILE_OVER_SYMLINK)
    expect_file(tree, "path", "new")
    expect_file(tree, "kept", "kept")


@clause("layer.apply.replace.dir-over-symlink")
def test_directory_replaces_symlink(convert: Convert) -> None:
    """Nothing is put into the directory to which the link led."""
    tree = convert.tree(layers.DIR_OVER_SYMLINK)
    expect_type(tree, "path", "directory")
    expect_file(tree, "path/added", "new")
    expect_absent(tree, "real/added", "path/child")
    expect_file(tree, "real/child", "old")


@clause("layer.apply.replace.file-over-hardlink")
def test_file_replaces_one_name_of_another(convert: Convert) -> None:
    """The other name still has the old content."""
    tree = convert.tree(layers.FILE_OVER_HARDLINK)
    expect_file(tree, "path", "new")
    expect_file(tree, "kept", "kept")


@clause("layer.apply.replace.file-over-file")
def test_file_replaces_file(convert: Convert) -> None:
    """Content and mode are those of the new one."""
    node = expect_file(convert.tree(layers.FILE_OVER_FILE), "path", "new")
    expect(oct(node.mode), "mode of path").equals("0o600")


@clause("layer.apply.replace.file-over-file")
def test_file_replaces_file_with_extended_attributes(convert: Convert) -> None:
    """Which the new one does not have."""
    if not convert(CONTROL)["xattrs"]:
        not_testable(NO_XATTRS)
    node = expect_file(convert.tree(layers.FILE_OVER_EXTENDED), "path", "new")
    expect(sorted(node.xattrs), "extended attributes of path").lacks("user.old")


@clause("layer.apply.dir-over-dir-attributes")
def test_directory_takes_new_attributes(convert: Convert) -> None:
    """Mode and owner are those of the new entry; what is in it stays."""
    tree = convert.tree(layers.DIR_OVER_DIR)
    node = expect_type(tree, "path", "directory")
    expect((oct(node.mode), node.uid, node.gid), "mode and owner of path").equals(("0o1751", 7, 8))
    expect_file(tree, "path/child", "kept")
