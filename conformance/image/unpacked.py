"""Looking at what an unpacker made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.fixtures.image.layers import BLOCK_DEVICE, CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK

from pytest_oci import expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.conversion.filetree import FileTree, Node

TYPES: Mapping[str, str] = {
    "file": FILE,
    "directory": DIRECTORY,
    "symlink": SYMLINK,
    "character-device": CHARACTER,
    "block-device": BLOCK_DEVICE,
    "fifo": FIFO,
}
"""Types of files as trees and archives call them."""


NO_XATTRS = "host: the file system of the run's directory keeps no extended attributes of users"
"""Why nothing can be said of them."""


def listing(tree: FileTree) -> list[str]:
    """The tree in lines, for a failure's evidence."""
    return [f"{node.path}: {describe(node)}" for node in tree.nodes.values()]


def describe(node: Node) -> str:
    """A file in a few words."""
    if node.type == "symlink":
        return f"symlink to {node.link}"
    return f"{node.type} {node.content!r}" if node.type == "file" else node.type


def expect_absent(tree: FileTree, *paths: str) -> None:
    """Nothing stands at these paths, or below them."""
    left = [path for path in tree.nodes if any(path == gone or path.startswith(f"{gone}/") for gone in paths)]
    expect(left, f"what is left of {' and '.join(paths)}", listing(tree)).is_empty()


def expect_file(tree: FileTree, path: str, content: str | None = None) -> Node:
    """A regular file stands at a path, with this content if one is given; the file."""
    node = expect_type(tree, path, "file")
    if content is not None:
        expect(node.content, f"content of {path}", listing(tree)).equals(content)
    return node


def expect_type(tree: FileTree, path: str, kind: str) -> Node:
    """A file of this type stands at a path; the file."""
    node = tree.nodes.get(path)
    expect(node.type if node else "nothing", path, listing(tree)).equals(kind)
    assert node is not None
    return node
