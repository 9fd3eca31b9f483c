"""Windows containers in a configuration (config-windows.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_windows import rules_windows as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_windows_has_what_is_required(document: Object, required: Required) -> None:
    """The objects of the section have what is required of them."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.windows.layer-folders.non-empty")
def test_layer_folders_are_not_empty(document: Object) -> None:
    """There is a layer folder."""
    expect(rules.layer_folders_not_empty(document), "faults").is_empty()
