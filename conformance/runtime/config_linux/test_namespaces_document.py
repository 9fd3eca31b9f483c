"""Namespaces in a configuration (config-linux.md, Namespaces)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_linux import rules_namespaces as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_namespaces_have_what_is_required(document: Object, required: Required) -> None:
    """Every namespace has a type."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.linux.namespaces.path.absolute")
def test_paths_are_absolute(document: Object) -> None:
    """The path of a namespace is absolute."""
    expect(rules.paths_absolute(document), "faults").is_empty()
