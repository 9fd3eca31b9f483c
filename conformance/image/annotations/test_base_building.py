"""Annotations that name the image that another was built upon (annotations.md, Pre-Defined Annotation Keys)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.building import recipes
from pytest_oci.fixtures.image.contents import ANNOTATION
from pytest_oci.fixtures.image.rendering import digest_at

from pytest_oci import clause, expect, not_applicable

if TYPE_CHECKING:
    from pytest_oci.fixtures.building.build import Build, Built

pytestmark = pytest.mark.builder

DIGEST, NAME = f"{ANNOTATION}base.digest", f"{ANNOTATION}base.name"
DIGESTS = {name: digest_at(tree, "0") for name, tree in recipes.base_layouts().items()}
"""Of the images that recipes are built upon."""


@clause("annotations.base-digest.immediate-base")
def test_digest_is_that_of_the_base(build: Build) -> None:
    """Of its manifest."""
    expect(_said(build(recipes.REMOVALS), DIGEST), DIGEST).equals(DIGESTS[recipes.IMMEDIATE])


@clause("annotations.base-digest.not-build-stages")
def test_digest_is_not_that_of_a_stage(build: Build) -> None:
    """Whose files alone are in the image."""
    expect(_said(build(recipes.STAGES), DIGEST), DIGEST).differs_from(DIGESTS[recipes.EARLIER])


@clause("annotations.base-name.immediate-base")
def test_name_is_that_of_the_base(build: Build) -> None:
    """However the command refers to it, the name of its layout is part of that."""
    expect(_said(build(recipes.REMOVALS), NAME), NAME).contains(recipes.IMMEDIATE)


@clause("annotations.base-name.not-build-stages")
def test_name_is_not_that_of_a_stage(build: Build) -> None:
    """Whose files alone are in the image."""
    expect(_said(build(recipes.STAGES), NAME), NAME).lacks(recipes.EARLIER)


def _said(built: Built, key: str) -> str:
    """An annotation of the image; nothing is judged where there is none."""
    found = built.annotations.get(key)
    if not isinstance(found, str):
        not_applicable(f"the image has no annotation {key}")
    return found
