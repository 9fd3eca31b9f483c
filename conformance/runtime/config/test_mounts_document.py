"""Mounts in a configuration (config.md, Mounts and POSIX-platform Mounts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_mounts as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.mounts.destination.required")
def test_mounts_have_a_destination(document: Object) -> None:
    """Every mount has a destination."""
    expect(rules.destination_required(document), "faults").is_empty()


@clause("config.mounts.destination.absolute-linux")
def test_destinations_are_absolute(document: Object) -> None:
    """From 1.2 a destination on Linux had better be absolute."""
    expect(rules.destination_absolute(document), "faults").is_empty()


@clause("config.mounts.destination.absolute-linux-strict")
def test_destinations_are_absolute_strictly(document: Object) -> None:
    """Up to 1.1 a destination is absolute."""
    expect(rules.destination_absolute_strict(document), "faults").is_empty()


@clause("config.mounts.destination.absolute-windows")
def test_destinations_are_absolute_on_windows(document: Object) -> None:
    """On Windows a destination is absolute."""
    expect(rules.destination_absolute_windows(document), "faults").is_empty()


@clause("config.mounts.destination.no-nesting-windows")
def test_destinations_are_not_nested_on_windows(document: Object) -> None:
    """On Windows no destination lies within another one."""
    expect(rules.destination_nested_windows(document), "faults").is_empty()


@clause("config.mounts.destination.absolute-solaris")
def test_destinations_are_absolute_on_solaris(document: Object) -> None:
    """On Solaris a destination is absolute."""
    expect(rules.destination_absolute_on(document, "solaris"), "faults").is_empty()


@clause("config.mounts.destination.absolute-freebsd")
def test_destinations_are_absolute_on_freebsd(document: Object) -> None:
    """On FreeBSD a destination is absolute."""
    expect(rules.destination_absolute_on(document, "freebsd", since=(1, 3)), "faults").is_empty()


@clause("config.mounts.destination.absolute-vm")
def test_destinations_are_absolute_in_a_vm(document: Object) -> None:
    """In a virtual machine whose guest is not said to be Linux a destination is absolute."""
    expect(rules.destination_absolute_on(document, "vm"), "faults").is_empty()


@clause("config.mounts.destination.absolute-zos")
def test_destinations_are_absolute_on_zos(document: Object) -> None:
    """On z/OS a destination is absolute."""
    expect(rules.destination_absolute_on(document, "zos", since=(1, 1)), "faults").is_empty()


@clause("config.mounts.uid-mappings.option-present")
def test_uid_mappings_come_with_an_option(document: Object) -> None:
    """Mappings of users come with idmap or ridmap."""
    expect(rules.mappings_with_option(document, "uidMappings"), "faults").is_empty()


@clause("config.mounts.uid-mappings.with-gid")
def test_uid_mappings_come_with_gid_mappings(document: Object) -> None:
    """Mappings of users come with those of groups."""
    expect(rules.uid_mappings_with_gid(document), "faults").is_empty()


@clause("config.mounts.gid-mappings.option-present")
def test_gid_mappings_come_with_an_option(document: Object) -> None:
    """Mappings of groups come with idmap or ridmap."""
    expect(rules.mappings_with_option(document, "gidMappings"), "faults").is_empty()


@clause("config.mounts.gid-mappings.with-uid")
def test_gid_mappings_come_with_uid_mappings(document: Object) -> None:
    """Mappings of groups come with those of users."""
    expect(rules.gid_mappings_with_uid(document), "faults").is_empty()
