"""config-linux.md, "Offset for Time Namespace"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.namespaces import OFFSETS, shifted_clocks

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime
SECOND = 10**9


@clause("config.linux.time-offsets.applied")
@pytest.mark.parametrize("clock", list(OFFSETS), ids=str)
def test_clock_is_shifted(observe: Observe, clock: str) -> None:
    """Without the offset it is the host's clock; of another kernel, one that began between the host's start and now."""
    look = observe(shifted_clocks())["shifted"]
    if look is None:
        not_testable("host: the kernel has no time namespaces")
    trouble = look["trouble"]
    if trouble is not None and trouble["clean"]:
        unsupported(f"refused by {trouble['text']}")
    if trouble is not None:
        raise Violation("a bundle with timeOffsets to run", trouble["text"])
    before, seen, after = look["clocks"][clock]
    lowest = before if look["own"] else 0
    offset = OFFSETS[clock]["secs"] * SECOND + OFFSETS[clock]["nanosecs"]
    expect(seen, f"nanoseconds of the {clock} clock").satisfies(
        lambda value: lowest <= value - offset <= after,
        f"from {lowest + offset} to {after + offset}, as the offset shifts the host's",
    )
