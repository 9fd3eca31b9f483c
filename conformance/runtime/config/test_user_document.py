"""The user in a configuration (config.md, POSIX-platform User)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_user as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.process.user.uid-required")
def test_user_has_a_uid(document: Object) -> None:
    """A user has a uid."""
    expect(rules.user_has(document, "uid"), "faults").is_empty()


@clause("config.process.user.gid-required")
def test_user_has_a_gid(document: Object) -> None:
    """A user has a gid."""
    expect(rules.user_has(document, "gid"), "faults").is_empty()
