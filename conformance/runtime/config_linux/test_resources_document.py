"""Resources in a configuration (config-linux.md, Control groups)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_resources as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_resources_have_what_is_required(document: Object, required: Required) -> None:
    """Entries of the controllers have what is required of them."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.linux.resources.blockio.weight-device.one-weight")
def test_weight_devices_have_a_weight(document: Object) -> None:
    """Every entry has a weight or a leafWeight."""
    expect(rules.weight_devices_have_a_weight(document), "faults").is_empty()


@clause("config.linux.resources.cpu.quota-not-below-burst", "config.linux.resources.cpu.burst-not-above-quota")
def test_burst_is_within_quota(document: Object) -> None:
    """The burst is not larger than a positive quota."""
    expect(rules.burst_within_quota(document), "faults").is_empty()


@clause("config.linux.resources.rdma.one-limit")
def test_rdma_devices_have_a_limit(document: Object) -> None:
    """Every device has a limit of handles or of objects."""
    expect(rules.rdma_devices_have_a_limit(document), "faults").is_empty()
