"""Containers of z/OS in a configuration (config-zos.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_zos import rules_zos as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_zos_has_what_is_required(document: Object, required: Required) -> None:
    """Namespaces and devices have what is required of them."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.zos.namespaces.path.absolute")
def test_namespace_paths_are_absolute(document: Object) -> None:
    """The path of a namespace is absolute."""
    expect(rules.namespace_paths_absolute(document), "faults").is_empty()


@clause("config.zos.devices.major-minor.required")
def test_devices_have_numbers(document: Object) -> None:
    """Every device but a FIFO has a major and a minor number."""
    expect(rules.numbers_unless_fifo(document), "faults").is_empty()


@clause("config.zos.devices.duplicate")
def test_devices_are_not_repeated(document: Object) -> None:
    """No two devices are the same."""
    expect(rules.devices_not_repeated(document), "faults").is_empty()
