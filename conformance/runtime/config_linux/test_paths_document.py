"""Masked and read-only paths in a configuration (config-linux.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux import rules_paths as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.linux.masked-paths.absolute")
def test_masked_paths_are_absolute(document: Object) -> None:
    """Masked paths are absolute."""
    expect(rules.paths_absolute(document, "maskedPaths"), "faults").is_empty()


@clause("config.linux.readonly-paths.absolute")
def test_readonly_paths_are_absolute(document: Object) -> None:
    """Read-only paths are absolute."""
    expect(rules.paths_absolute(document, "readonlyPaths"), "faults").is_empty()
