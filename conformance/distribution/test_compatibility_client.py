"""spec.md, "Backwards Compatibility": clients and registries that can less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import expect_done
from pytest_oci.fixtures.client.drive import ROOT_CLAUSE
from pytest_oci.fixtures.client.scenarios import others

from pytest_oci import clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive

pytestmark = pytest.mark.client


@clause(ROOT_CLAUSE)
def test_older_registries_can_be_pulled_from(drive: Drive) -> None:
    """One that keeps 1.0, without anything that is optional there."""
    expect_done(drive(others.pulled_from_older()).ran(), "pull from a registry of distribution-spec 1.0")


@clause(ROOT_CLAUSE)
def test_older_registries_can_be_pushed_to(drive: Drive) -> None:
    """One that keeps 1.0, without anything that is optional there."""
    expect_done(drive(others.pushed_to_older(), beside=True).ran(), "push to a registry of distribution-spec 1.0")


@clause(ROOT_CLAUSE)
def test_read_only_registries_can_be_pulled_from(drive: Drive) -> None:
    """One to which nothing can be pushed."""
    expect_done(drive(others.pulled_from_read_only()).ran(), "pull from a registry that only lets pull")
