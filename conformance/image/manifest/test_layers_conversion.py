"""What unpackers make of a manifest's layers (manifest.md, Image Manifest Property Descriptions)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.image.applied import apply_layers, substance
from pytest_oci.conformance.image.unpacked import NO_XATTRS, TYPES, expect_file, expect_type, listing
from pytest_oci.fixtures.conversion import layers
from pytest_oci.fixtures.conversion.control import CONTROL
from pytest_oci.fixtures.image.layers import DIRECTORY, FIFO, FILE, HARD_LINK, SYMLINK

from pytest_oci import advised, clause, expect, not_testable, noted

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert
    from pytest_oci.fixtures.conversion.filetree import FileTree, Node
    from pytest_oci.fixtures.image.layers import Entry

pytestmark = pytest.mark.conversion

MADE_FOR_MOUNTS = frozenset(
    {
        *("dev", "dev/console", "dev/pts", "dev/shm", "proc", "run", "sys", "tmp"),
        *("etc", "etc/hosts", "etc/hostname", "etc/mtab", "etc/resolv.conf"),
        *(".dockerenv", "run/.containerenv"),
    }
)
"""What converters make so that a runtime can mount something there, and the marks of containers that engines make."""
ENTRIES = {entry.name.rstrip("/"): entry for entry in layers.ATTRIBUTES}


def supported() -> list[Any]:
    """Each media type of layers with its clause."""
    return [
        pytest.param(stimulus, marks=clause(f"image-manifest.layers.supports.{last}"), id=name)
        for name, (last, stimulus) in layers.SUPPORTED.items()
    ]


@pytest.mark.parametrize("stimulus", supported())
def test_media_types_of_layers(convert: Convert, stimulus: Any) -> None:
    """The files of the only layer are there."""
    tree = convert.tree(stimulus)
    expect_file(tree, "etc/marker", "layer\n")
    expect_file(tree, "etc/more", "more\n")


@clause("image-manifest.config.oci-type-supported")
def test_image_configuration_is_supported(convert: Convert) -> None:
    """A plain image is unpacked."""
    expect_file(convert.tree(CONTROL), "etc/marker", "layer\n")


@clause("image-manifest.layers.result-layout")
def test_result_is_that_of_all_layers(convert: Convert) -> None:
    """Types, contents and targets of links are those that come of applying the layers in order to nothing."""
    tree = convert.tree(layers.STACKED)
    wanted = {path: substance(each) for path, each in apply_layers(entries for entries in STACK).items()}
    found = {path: _substance(node) for path, node in tree.nodes.items()}
    wrong = [f"{path} is {found.get(path)}, not {what}" for path, what in wanted.items() if found.get(path) != what]
    wrong += [f"{path} is there" for path in found if path not in wanted and path not in MADE_FOR_MOUNTS]
    expect(wrong, "differences", listing(tree)).is_empty()


STACK = tuple(draft.entries for draft in layers.STACK)


def _substance(node: Node) -> tuple[str, str]:
    return TYPES.get(node.type, node.type), node.link if node.type == "symlink" else node.content


@clause("image-manifest.layers.result-layout")
def test_nothing_is_made_elsewhere(convert: Convert) -> None:
    """The result is one directory; the layout and what lies beside it are as before."""
    outside = convert(layers.STACKED)["outside"]
    if outside:
        noted("nothing but the target to be written", "; ".join(outside))


@pytest.fixture
def attributed(convert: Convert) -> FileTree:
    """An image with attributes that no program gives files by itself."""
    return convert.tree(layers.ATTRIBUTED)


@clause("image-manifest.layers.result-attributes")
@pytest.mark.parametrize("path", [path for path, entry in ENTRIES.items() if entry.type in (FILE, DIRECTORY, FIFO)])
def test_modes(attributed: FileTree, path: str) -> None:
    """Permissions with setuid, setgid and sticky."""
    node = _typed(attributed, ENTRIES[path], path)
    expect(oct(node.mode), f"mode of {path}").equals(oct(ENTRIES[path].mode))


@clause("image-manifest.layers.result-attributes")
@pytest.mark.parametrize("path", [path for path, entry in ENTRIES.items() if entry.type != HARD_LINK])
def test_owners(attributed: FileTree, path: str) -> None:
    """User and group by their numbers, whatever names stand beside them."""
    node = _typed(attributed, ENTRIES[path], path)
    expect((node.uid, node.gid), f"owner of {path}").equals((ENTRIES[path].uid, ENTRIES[path].gid))


@clause("image-manifest.layers.result-attributes")
@pytest.mark.parametrize("path", [path for path, entry in ENTRIES.items() if entry.type == SYMLINK])
def test_symbolic_links(attributed: FileTree, path: str) -> None:
    """Their targets are as they were written."""
    expect(_typed(attributed, ENTRIES[path], path).link, f"target of {path}").equals(ENTRIES[path].link)


@clause("image-manifest.layers.result-attributes")
def test_hard_links(attributed: FileTree) -> None:
    """Two names are those of one file."""
    first, second = (expect_file(attributed, name, "6") for name in ("first", "second"))
    expect(second.inode, "inode of second").equals(first.inode)


@clause("image-manifest.layers.result-attributes")
@pytest.mark.parametrize("entry", layers.DEVICES, ids=lambda entry: entry.name)
def test_devices(convert: Convert, entry: Entry) -> None:
    """Type and numbers of devices."""
    if not convert.host.may("CAP_MKNOD"):
        not_testable("host: CAP_MKNOD is missing")
    node = _typed(convert.tree(layers.WITH_DEVICES), entry, entry.name)
    expect(node.device, f"numbers of {entry.name}").equals(entry.device)


@clause("image-manifest.layers.result-attributes")
def test_times(attributed: FileTree) -> None:
    """The time of a file's last change; the text is about the layout above all."""
    node, wanted = expect_file(attributed, "timed"), int(ENTRIES["timed"].mtime)
    if node.mtime // 10**9 != wanted:
        advised(f"timed: mtime {wanted}", str(node.mtime // 10**9))


@clause("image-manifest.layers.result-attributes")
def test_extended_attributes(convert: Convert) -> None:
    """Those of users, where the file system keeps any; the text is about the layout above all."""
    if not convert(CONTROL)["xattrs"]:
        not_testable(NO_XATTRS)
    node = expect_file(convert.tree(layers.WITH_EXTENDED), "extended")
    wanted = {name: value.hex() for name, value in layers.EXTENDED.xattrs.items()}
    if not wanted.items() <= node.xattrs.items():
        advised(f"extended: the attributes {wanted}", str(dict(node.xattrs)))


def _typed(tree: FileTree, entry: Entry, path: str) -> Node:
    kind = next(name for name, type_ in TYPES.items() if type_ == entry.type)
    return expect_type(tree, path, kind)
