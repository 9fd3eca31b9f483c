"""How JSON blobs are written (considerations.md, Canonicalization)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.considerations import rules_considerations as rules
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Part

pytestmark = pytest.mark.image


@clause("considerations.json.canonical", "considerations.blobs.canonical-serialization")
def test_blobs_are_canonical_json(parts: Sequence[Part], layout: Layout, unseen: str) -> None:
    """JSON blobs had better be canonical JSON."""
    judge(lambda part: rules.canonical(part, layout), parts, unseen)


@clause("considerations.json.unique-members")
def test_members_are_unique(parts: Sequence[Part], unseen: str) -> None:
    """No member had better stand twice in an object, nor beside one that differs in case only."""
    judge(rules.unique_members, parts, unseen)


@clause("considerations.json.unique-members")
def test_members_of_oci_layout_are_unique(layout: Layout) -> None:
    """Nor in `oci-layout`."""
    judge(rules.unique_members_of_oci_layout, [layout])
