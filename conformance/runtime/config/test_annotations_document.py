"""Annotations in a configuration (config.md, Annotations)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_annotations as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.annotations.map")
def test_annotations_are_a_map(document: Object) -> None:
    """Annotations are an object."""
    expect(rules.annotations_are_a_map(document), "faults").is_empty()


@clause("config.annotations.key-not-empty")
def test_keys_are_not_empty(document: Object) -> None:
    """No key is empty."""
    expect(rules.keys_not_empty(document), "faults").is_empty()


@clause("config.annotations.key-reverse-domain")
def test_keys_are_in_reverse_domain_notation(document: Object) -> None:
    """Keys begin with a domain, reversed."""
    expect(rules.keys_in_reverse_domain_notation(document), "faults").is_empty()


@clause("config.annotations.org-opencontainers-known")
def test_reserved_keys_are_known(document: Object) -> None:
    """Reserved keys are described ones."""
    expect(rules.reserved_keys_are_known(document), "faults").is_empty()


@clause("config.annotations.value.created")
def test_created_is_a_date_time(document: Object) -> None:
    """The time of creation is one."""
    expect(rules.created_is_a_date_time(document), "faults").is_empty()


@clause("config.annotations.value.stop-signal")
def test_stop_signal_is_a_signal(document: Object) -> None:
    """The stop signal may be one."""
    expect(rules.stop_signal_is_a_signal(document), "faults").is_empty()


@clause("config.annotations.values-are-strings")
def test_values_are_strings(document: Object) -> None:
    """Values are strings."""
    expect(rules.values_are_strings(document), "faults").is_empty()
