"""What is copied stays what it is (considerations.md, Extensibility)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.copied import expect_kept
from pytest_oci.fixtures.copying import originals

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.copying.copy import Copy
    from pytest_oci.fixtures.copying.originals import Original

pytestmark = pytest.mark.copier


@clause("considerations.copy.no-digest-change")
@pytest.mark.parametrize("original", originals.KEPT, ids=lambda original: original.name)
def test_contents_are_kept(copy: Copy, original: Original) -> None:
    """Byte for byte, however they were written."""
    expect_kept(copy(original))


@clause("considerations.copy.no-digest-change")
@pytest.mark.parametrize(
    "original",
    [originals.OF_UNKNOWN_TYPE, originals.WITH_UNKNOWN_CONFIG, originals.WITH_UNKNOWN_LAYER],
    ids=lambda original: original.name,
)
def test_what_is_unknown_is_kept(copy: Copy, original: Original) -> None:
    """Media types, and the contents that have them."""
    expect_kept(copy(original))
