"""The personality in a configuration (config-linux.md, Personality)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_personality as rules

from pytest_oci import expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_personality_has_a_domain(document: Object, required: Required) -> None:
    """A personality has a domain."""
    expect(required.faults(document), "faults").is_empty()
