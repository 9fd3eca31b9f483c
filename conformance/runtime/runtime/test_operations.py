"""runtime.md, "Operations"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("runtime.ops.create.creates")
def test_create_makes_a_container(observe: Observe) -> None:
    """A minimal bundle of the claimed version becomes a container in the status created."""
    seen = observe.baseline()
    expect(seen.get("refused"), "ociVersions that create refused").is_empty()
    expect(seen["created"]["status"], "status").equals("created")
