"""Jails of FreeBSD in a configuration (config-freebsd.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_freebsd import rules_freebsd as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_freebsd_has_what_is_required(document: Object, required: Required) -> None:
    """Every device has a path."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.freebsd.jail.vnet-new.form")
def test_own_vnet_leaves_addresses(document: Object) -> None:
    """With a network of its own a jail leaves ip4 and ip6 alone."""
    expect(rules.own_vnet_leaves_addresses(document), "faults").is_empty()


@clause("config.freebsd.jail.vnet-shared.form")
def test_shared_vnet_inherits_addresses(document: Object) -> None:
    """A jail that shares a network inherits ip4 and ip6 and leaves vnet alone."""
    expect(rules.shared_vnet_inherits_addresses(document), "faults").is_empty()
