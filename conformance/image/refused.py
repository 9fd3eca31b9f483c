"""Judging that an image was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.observation import Observation


def expect_refusal(seen: Observation, what: str) -> None:
    """The command reported an error by itself; a crash, a time-out and a silent failure are none."""
    call = next((call for call in seen.calls if not call.ok), seen.calls[0])
    if not call.refused:
        left = seen.trouble.text if seen.trouble else "converted as if it were right"
        raise Violation(f"{what} to be an error", f"{call.result.describe()}; {left}")
