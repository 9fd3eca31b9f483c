"""Devices in a configuration (config-linux.md, Devices)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_devices as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_devices_have_what_is_required(document: Object, required: Required) -> None:
    """Every device has a type and a path."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.linux.devices.major-minor.required")
def test_devices_have_numbers(document: Object) -> None:
    """Every device but a FIFO has a major and a minor number."""
    expect(rules.numbers_unless_fifo(document), "faults").is_empty()


@clause("config.linux.devices.duplicate")
def test_devices_are_not_repeated(document: Object) -> None:
    """No two devices are the same."""
    expect(rules.not_repeated(document), "faults").is_empty()
