"""The rule about the DiffIDs of a configuration (config.md, rootfs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.stack import MATCH, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Manifest


def match_layers(manifest: Manifest) -> Iterator[Seen]:
    """DiffIDs that no layer has, layers that no DiffID is of, another number of the one than of the other."""
    stack = compare(manifest)
    yield from stack.strangers
    yield from (one for one in stack.unseen if one.cause != f"depends-on: {MATCH}")
