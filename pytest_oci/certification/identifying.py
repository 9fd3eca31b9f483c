"""The digests of products that a ledger holds itself: layouts, bundles, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HELD = ("layout", "bundle", "document")
"""Kinds of products that a ledger holds, in so far as their digest needs."""


def held_by(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sha256 of each such product in the order of the header's; without those that could not be read."""
    from pytest_oci.targets import bundle, document
    from pytest_oci.targets.layout import target

    header, *others = records
    saved = {record["scenario"]: record["facts"] for record in others if record["type"] == "observation"}
    documents, found = 0, []
    for one in header["targets"]:
        identity: Mapping[str, Any] = {}
        if one["kind"] == "layout" and target.OBSERVED in saved:
            identity = target.from_saved(saved[target.OBSERVED], subjects=True).identity()
        elif one["kind"] == "bundle" and bundle.OBSERVED in saved:
            identity = bundle.from_saved(saved[bundle.OBSERVED]).identity()
        elif one["kind"] == "document":
            name = f"{document.DOCUMENT} {documents}"
            identity = document.from_saved(saved[name]).identity() if name in saved else {}
            documents += 1
        found += [identity["sha256"]] if "sha256" in identity else []
    return found
