"""Contents that are repeated in descriptors, when images are copied (descriptor.md, Embedded Content)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.copied import added_data
from pytest_oci.fixtures.copying import originals

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.copying.copy import Copy

pytestmark = pytest.mark.copier


@clause("descriptor.data.not-added-to-existing-content")
@pytest.mark.parametrize("name", originals.TINY)
def test_data_is_not_added(copy: Copy, name: str) -> None:
    """Not even where a content is tiny: the document in which it would stand has a digest already."""
    expect(added_data(copy(originals.TINY[name])), "descriptors with data").is_empty()
