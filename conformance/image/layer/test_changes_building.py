"""What layers record of changes to a base, and that the base is not changed (layer.md, Creating)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.built import applied, listing
from pytest_oci.fixtures.building import recipes

from pytest_oci import clause, expect, not_applicable

if TYPE_CHECKING:
    from pytest_oci.fixtures.building.build import Build

pytestmark = pytest.mark.builder

MADE = re.compile(r" was made \([a-z-]+\)$")
"""What was put beside the base's files changes none of them."""


@clause("layer.create.removal-as-whiteout")
@pytest.mark.parametrize("path", recipes.REMOVED, ids=["file", "directory"])
def test_removals_are_recorded(build: Build, path: str) -> None:
    """By a whiteout of the path, or of a directory that it is in: when all layers are applied it is gone."""
    built = build(recipes.REMOVALS)
    below = [each for layer in built.layers for each in layer.entries if f"{each.path}/".startswith(f"{path}/")]
    if not below:
        not_applicable("all layers were made into one, in which the path never was")
    there = [each for each in applied(built.layers) if f"{each}/".startswith(f"{path}/")]
    expect(there, f"what is left of {path}", listing(built)).is_empty()


@clause("layer.create.snapshot-independent")
def test_bases_are_not_changed(build: Build) -> None:
    """A base upon which another image was built, that changes its files, still has them as they were."""
    built = build(recipes.AGAIN)
    found = applied(built.layers)
    overwritten = found.get(recipes.OVERWRITTEN)
    expect(overwritten and overwritten.content, recipes.OVERWRITTEN, listing(built)).equals(recipes.ORIGINAL)
    expect(recipes.CREATED in found, f"whether {recipes.CREATED} is there").is_false()
    expect([path for path in recipes.KEPT if path not in found], "files of the base that are gone").is_empty()
    changed = [each for each in built.outside if each.startswith("base/") and not MADE.search(each)]
    expect(changed, "changes in the base's layout").is_empty()
