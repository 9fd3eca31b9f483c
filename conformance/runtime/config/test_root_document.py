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


@clause("config.root.required-windows-server")
def test_root_is_there_for_windows_server(document: Object) -> None:
    """A Windows Server container has a root."""
    expect(rules.root_required_windows_server(document), "faults").is_empty()


@clause("config.root.forbidden-hyperv")
def test_root_is_absent_for_hyperv(document: Object) -> None:
    """A Hyper-V container has no root."""
    expect(rules.root_forbidden_hyperv(document), "faults").is_empty()


@clause("config.root.path.volume-guid")
def test_root_path_is_a_volume_on_windows(document: Object) -> None:
    """On Windows the path is a volume GUID path."""
    expect(rules.path_is_a_volume(document), "faults").is_empty()


@clause("config.root.readonly.windows-false")
def test_root_is_not_readonly_on_windows(document: Object) -> None:
    """On Windows readonly is absent or false."""
    expect(rules.not_readonly_on_windows(document), "faults").is_empty()
