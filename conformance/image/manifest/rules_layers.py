"""Rules about the order of layers (manifest.md, layers)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.stack import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Manifest


def base_first(manifest: Manifest) -> Iterator[Seen]:
    """Another layer than the base at index 0: the diff_ids are those of the layers, but the first is not."""
    stack = compare(manifest)
    yield from stack.unseen
    yield from (finding for place, finding in stack.misplaced if place == 0)


def in_stack_order(manifest: Manifest) -> Iterator[Seen]:
    """Layers in another order than their diff_ids."""
    stack = compare(manifest)
    yield from stack.unseen
    yield from (finding for _, finding in stack.misplaced)
