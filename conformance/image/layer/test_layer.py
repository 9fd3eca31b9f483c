"""Layers (layer.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.layer import rules_layer as rules
from pytest_oci.conformance.image.layer.rules_layer import judge_layers, judge_media_types

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.tree import Part, Tree

pytestmark = pytest.mark.image


@clause("layer.format.tar")
def test_layers_are_archives(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """Layers are what their media type says: a tar archive, compressed in this way or not at all."""
    judge_layers(rules.is_archive, parts, tree, unseen)


@clause("layer.format.no-duplicate-paths")
def test_paths_are_not_repeated(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A layer has no two entries for one path."""
    judge_layers(rules.has_no_duplicates, parts, tree, unseen)


@clause("layer.attributes.no-sparse")
def test_files_are_not_sparse(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """A layer had better have no sparse files."""
    judge_layers(rules.has_no_sparse_files, parts, tree, unseen)


@clause("layer.create.whiteouts-first")
def test_whiteouts_are_first(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """Whiteouts had better be before the other entries of their directory."""
    judge_layers(rules.has_whiteouts_first, parts, tree, unseen)


@clause("layer.create.explicit-whiteouts")
def test_whiteouts_are_explicit(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """There had better be a whiteout for each path that is removed."""
    judge_layers(rules.has_explicit_whiteouts, parts, tree, unseen)


@clause("layer.nondistributable.not-produced")
def test_layers_are_distributable(parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """There had better be no layers of the deprecated types."""
    judge_media_types(rules.is_distributable, parts, tree, unseen)
