"""That a build gives an image layout at all (image-layout.md, index.json file)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.building import recipes

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.building.build import Build

pytestmark = pytest.mark.builder


@clause("image-layout.index.exists")
def test_a_plain_image_is_built(build: Build) -> None:
    """From nothing, with one file; all further judgements depend on it."""
    build(recipes.CONTROL)
