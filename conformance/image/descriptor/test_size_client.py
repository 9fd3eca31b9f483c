"""descriptor.md, "Verification": what clients make of a content that is longer than its descriptor says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.client.scenarios import pulls

from pytest_oci import clause, not_testable
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive

pytestmark = pytest.mark.client
BUFFERED = 16 * 1024**2
"""Bytes that may lie in buffers between registry and client, however few of them it reads."""


@clause("descriptor.verify.size-before-digest")
def test_no_more_is_read_than_there_should_be(drive: Drive) -> None:
    """A layer goes on behind its end: whoever compares sizes first stops there, whatever becomes of the pull."""
    driven = drive(pulls.endless_layer())
    ran, size, taken = driven.ran(), driven["size"], driven["taken"]
    ran.must_end()
    if not taken:
        not_testable("product: it did not ask for the layer", ran.ended, *ran.lines())
    if taken > size + BUFFERED:
        expected = f"to be read of a layer the {size} bytes that its descriptor says, and no more than buffers hold"
        raise Violation(expected, f"{taken} bytes were; {ran.ended}", ran.lines())
