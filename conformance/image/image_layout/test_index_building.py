"""That a build gives an image layout at all (image-layout.md, index.json file)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.built import as_asked
from pytest_oci.fixtures.building import recipes

from pytest_oci import clause
from pytest_oci.violations import noted

if TYPE_CHECKING:
    from pytest_oci.fixtures.building.build import Build
    from pytest_oci.fixtures.building.recipes import Recipe

pytestmark = pytest.mark.builder


@clause("image-layout.index.exists")
def test_a_plain_image_is_built(build: Build) -> None:
    """From nothing, with one file; all further judgements depend on it."""
    build(recipes.CONTROL)


@clause("image-layout.index.exists")
@pytest.mark.parametrize("recipe", recipes.ASKED, ids=lambda recipe: recipe.name)
def test_what_was_asked_for_is_there(build: Build, recipe: Recipe) -> None:
    """Labels, ports, commands: no sentence says what instructions mean, so what differs is only shown."""
    built = build(recipe)
    for name, wanted in recipes.ASKED[recipe].items():
        if not as_asked(built.settings.get(name), wanted):
            noted(f"config.{name} with what the build asks for: {wanted}", str(built.settings.get(name)))
