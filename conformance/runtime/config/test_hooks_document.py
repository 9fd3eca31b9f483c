"""Hooks in a configuration (config.md, POSIX-platform Hooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_hooks as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.hooks.prestart.path-required")
def test_prestart_hooks_have_a_path(document: Object) -> None:
    """Every prestart hook has a path."""
    expect(rules.path_required(document, rules.PRESTART), "faults").is_empty()


@clause("config.hooks.prestart.path-absolute")
def test_prestart_paths_are_absolute(document: Object) -> None:
    """The paths of prestart hooks are absolute."""
    expect(
        rules.path_absolute(document, rules.PRESTART, required_by="config.hooks.prestart.path-required"), "faults"
    ).is_empty()


@clause("config.hooks.prestart.timeout-positive")
def test_prestart_timeouts_are_positive(document: Object) -> None:
    """Timeouts of prestart hooks are greater than zero."""
    expect(rules.timeout_positive(document, rules.PRESTART), "faults").is_empty()


@clause("config.hooks.path-required")
def test_hooks_have_a_path(document: Object) -> None:
    """Every hook of another kind has a path."""
    expect(rules.path_required(document, rules.OTHERS), "faults").is_empty()


@clause("config.hooks.path-absolute")
def test_paths_are_absolute(document: Object) -> None:
    """The paths of hooks of other kinds are absolute."""
    expect(rules.path_absolute(document, rules.OTHERS, required_by="config.hooks.path-required"), "faults").is_empty()


@clause("config.hooks.timeout-positive")
def test_timeouts_are_positive(document: Object) -> None:
    """Timeouts of hooks of other kinds are greater than zero."""
    expect(rules.timeout_positive(document, rules.OTHERS), "faults").is_empty()
