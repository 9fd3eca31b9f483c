"""The version that a configuration names (config.md, Specification version)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_version as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.targets.bundle import Bundle

pytestmark = pytest.mark.bundle


@clause("config.oci-version.required")
def test_oci_version_is_there(bundle: Bundle) -> None:
    """There is a string ociVersion."""
    expect(rules.version_required(bundle), "faults").is_empty()


@clause("config.oci-version.semver")
def test_oci_version_is_semver(document: Object) -> None:
    """The version follows SemVer 2.0.0."""
    expect(rules.version_is_semver(document), "faults").is_empty()
