"""Mappings of users and groups in a configuration (config-linux.md, User namespace mappings)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux import rules_user_namespace as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=clause(f"config.linux.id-mappings.{name.lower()}.required"), id=name.lower())
        for name in ("containerID", "hostID", "size")
    ],
)
def test_mappings_have_what_is_required(document: Object, name: str) -> None:
    """Every mapping has the ids at both sides and a size."""
    expect(rules.mappings_have(document, name), "faults").is_empty()
