"""The bundle's directory (bundle.md, Container Format)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.bundle import rules_bundle as rules

from pytest_oci import advised, clause, expect

if TYPE_CHECKING:
    from pytest_oci.targets.bundle import Bundle

pytestmark = pytest.mark.bundle


@clause("bundle.config-json.present")
def test_bundle_has_a_configuration(bundle: Bundle) -> None:
    """There is a configuration file."""
    expect(rules.config_present(bundle), "faults").is_empty()


@clause("bundle.config-json.name")
def test_configuration_is_named_config_json(bundle: Bundle) -> None:
    """The configuration file has the one right name."""
    expect(rules.config_named(bundle), "faults").is_empty()


@clause("bundle.config-json.at-root")
def test_configuration_lies_at_the_root(bundle: Bundle) -> None:
    """The configuration file lies in the bundle's directory itself."""
    expect(rules.config_at_root(bundle), "faults").is_empty()


@clause("bundle.artifacts.single-directory")
def test_root_lies_inside_the_bundle(bundle: Bundle) -> None:
    """The root filesystem lies in the bundle's directory; elsewhere is against one reading of the text only."""
    for finding in rules.root_inside(bundle):
        advised(f"a root filesystem {finding.expected}", finding.actual)
