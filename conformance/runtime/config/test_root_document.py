"""The root filesystem in a configuration (config.md, Root)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_root as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.targets.bundle import Bundle

pytestmark = pytest.mark.bundle


@clause("config.root.required")
def test_root_is_there(document: Object) -> None:
    """Outside Windows there is a root."""
    expect(rules.root_required(document), "faults").is_empty()


@clause("config.root.path.required")
def test_root_has_a_path(document: Object) -> None:
    """A root has a path."""
    expect(rules.path_required(document), "faults").is_empty()


@clause("config.root.path.conventional-name")
def test_root_path_is_conventional(bundle: Bundle, document: Object) -> None:
    """The path is rootfs."""
    expect(rules.path_is_conventional(bundle, document), "faults").is_empty()


@clause("config.root.path.directory-exists")
def test_root_path_is_a_directory(bundle: Bundle, document: Object) -> None:
    """There is a directory at the path."""
    expect(rules.directory_exists(bundle, document), "faults").is_empty()
