"""config-linux.md, "Network"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit
from pytest_oci.fixtures.runtime.scenarios.limits import CLASS_ID, INTERFACE, PRIORITY

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.linux.resources.network.class-id")
def test_class_of_packets_is_the_cgroups(observe: Observe) -> None:
    """The cgroup of version 1 has the class."""
    expect_limit(observe, "class-id", {"net_cls.classid": str(CLASS_ID)})


@clause("config.linux.resources.network.priorities")
def test_priority_of_an_interface_is_the_cgroups(observe: Observe) -> None:
    """The cgroup of version 1 has the priority of the interface."""
    expect_limit(observe, "priorities", {"net_prio.ifpriomap": f"{INTERFACE} {PRIORITY}"})
