"""config-linux.md, "RDMA"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit
from pytest_oci.fixtures.runtime.scenarios.limits import HANDLES, OBJECTS

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.linux.resources.rdma.hca-handles")
def test_handles_are_limited(observe: Observe) -> None:
    """The cgroup has the limit for the device."""
    expect_limit(observe, "rdma", {"rdma.max": f"* hca_handle={HANDLES} *"}, "rdma")


@clause("config.linux.resources.rdma.hca-objects")
def test_objects_are_limited(observe: Observe) -> None:
    """The cgroup has the limit for the device."""
    expect_limit(observe, "rdma", {"rdma.max": f"* hca_object={OBJECTS}"}, "rdma")
