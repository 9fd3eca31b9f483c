"""The memory policy in a configuration (config-linux.md, Memory policy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_memory_policy as rules

from pytest_oci import expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_memory_policy_has_a_mode(document: Object, required: Required) -> None:
    """A memory policy has a mode."""
    expect(required.faults(document), "faults").is_empty()
