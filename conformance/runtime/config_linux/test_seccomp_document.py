"""Seccomp filters in a configuration (config-linux.md, Seccomp)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_seccomp as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_seccomp_has_what_is_required(document: Object, required: Required) -> None:
    """The filter, its entries and their arguments have what is required of them."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.linux.seccomp.syscalls.names.non-empty")
def test_entries_name_a_system_call(document: Object) -> None:
    """Every entry names a system call."""
    expect(rules.names_not_empty(document), "faults").is_empty()


@clause("config.linux.seccomp.listener-metadata.needs-path")
def test_metadata_comes_with_a_path(document: Object) -> None:
    """There is no listenerMetadata without listenerPath."""
    expect(rules.metadata_with_path(document), "faults").is_empty()
