"""Sections of the platforms in a configuration (config.md, Platform-specific configuration)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_platform as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.windows.required")
def test_windows_is_there(document: Object) -> None:
    """A configuration for Windows has its windows object."""
    expect(rules.windows_required(document), "faults").is_empty()
