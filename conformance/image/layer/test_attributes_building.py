"""What layers record of the files that a build made (layer.md, File Attributes).

The files are made by a program in the build, and not by instructions that are free to set attributes as they like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.built import listing, recorded
from pytest_oci.fixtures.building import recipes

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.building.build import Build

pytestmark = pytest.mark.builder

BELOW = "attributes"


@clause("layer.attributes.uid")
def test_users_are_recorded(build: Build) -> None:
    """By number, of a user whom nobody knows."""
    expect(recorded(build(recipes.ATTRIBUTES), f"{BELOW}/owned").uid, "uid of owned").equals(recipes.UID)


@clause("layer.attributes.gid")
def test_groups_are_recorded(build: Build) -> None:
    """By number, of a group that nobody knows."""
    expect(recorded(build(recipes.ATTRIBUTES), f"{BELOW}/owned").gid, "gid of owned").equals(recipes.GID)


@clause("layer.attributes.mode")
@pytest.mark.parametrize("name", recipes.MODES)
def test_modes_are_recorded(build: Build, name: str) -> None:
    """Permissions, and the three bits beside them."""
    mode = recorded(build(recipes.ATTRIBUTES), f"{BELOW}/{name}").mode & 0o7777
    expect(f"{mode:04o}", f"mode of {name}").equals(f"{recipes.MODES[name]:04o}")


@clause("layer.attributes.mtime")
@pytest.mark.parametrize("name", ["old", "old-directory"])
def test_times_are_recorded(build: Build, name: str) -> None:
    """Those that the file was given last, long ago."""
    expect(recorded(build(recipes.ATTRIBUTES), f"{BELOW}/{name}").mtime, f"mtime of {name}").equals(0)


@clause("layer.attributes.symlink")
@pytest.mark.parametrize("name", recipes.LINKS)
def test_symbolic_links_are_recorded(build: Build, name: str) -> None:
    """With their targets as they were given."""
    entry = recorded(build(recipes.ATTRIBUTES), f"{BELOW}/{name}")
    expect([entry.type, entry.link], f"type and target of {name}").equals(["symlink", recipes.LINKS[name]])


@clause("layer.attributes.hardlink")
def test_hard_links_are_recorded(build: Build) -> None:
    """Two names of one file that were added together: either is a link to the other."""
    built = build(recipes.ATTRIBUTES)
    names = (f"{BELOW}/first", f"{BELOW}/second")
    entries = [recorded(built, name) for name in names]
    links = [[entry.type, entry.link] for entry in entries if entry.type == "hard-link"]
    expect(links, "hard links", listing(built)).is_in([[["hard-link", name]] for name in names])


@clause("layer.attributes.xattrs")
@pytest.mark.parametrize("name", recipes.XATTRS)
def test_extended_attributes_are_recorded(build: Build, name: str) -> None:
    """Where the file system of the build has them, as the program that sets them is told."""
    built = build(recipes.ATTRIBUTES)
    entry = recorded(built, f"{BELOW}/labelled")
    if name not in entry.xattrs and not built.heard:
        not_testable("product: it does not show whether its file system took the extended attribute")
    expect(entry.xattrs.get(name), f"{name} in hexadecimal").equals(recipes.XATTRS[name].encode().hex())
