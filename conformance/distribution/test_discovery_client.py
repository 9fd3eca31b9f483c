"""spec.md, "Listing Tags": how clients ask for more of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import expect_none, of_kind, sent_query
from pytest_oci.fixtures.client.scenarios import others

from pytest_oci import clause, not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive

pytestmark = pytest.mark.client


@clause("dist.client.tags.last-is-tag")
def test_last_is_a_tag(drive: Drive) -> None:
    """One that came before; there is none that is a number."""
    driven = drive(others.listed_in_pages())
    ran = driven.ran()
    asked_for = of_kind(ran, "GET", "tags")
    if not asked_for:
        not_testable("product: no list of tags was asked for", ran.ended, *ran.lines())
    given = [(one, last) for one in asked_for for last in sent_query(one).get("last", ()) if last]
    if not given:
        not_applicable("the client sends no last")
    wrong = ((one, f"last={last}") for one, last in given if last not in driven["tags"])
    expect_none(wrong, "last to be a tag of the repository")
