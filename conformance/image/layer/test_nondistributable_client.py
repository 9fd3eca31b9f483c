"""Layers that are not to be distributed, when clients pull and push (layer.md, Non-Distributable Layers)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.client.contents import NONDISTRIBUTABLE
from pytest_oci.fixtures.client.scenarios import pulls, uploads

from pytest_oci import clause, not_applicable
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.fixtures.client.drive import Drive, Ran

pytestmark = pytest.mark.client


@clause("layer.nondistributable.downloaded")
def test_such_layers_are_pulled(drive: Drive) -> None:
    """The registry has it."""
    driven = drive(pulls.nondistributable())
    ran, layer = driven.ran(), driven["content"]["layers"][1]
    ran.must_end()
    came = any(one.ok and one.method == "GET" and one.url.endswith(f"/blobs/{layer}") for one in ran.exchanges)
    if not ran.ok or not came or (ran.written is not None and layer not in ran.written["blobs"]):
        raise Violation(f"the layer {layer} to be pulled", ran.ended, ran.lines())


@clause("layer.nondistributable.not-uploaded")
def test_such_layers_are_not_pushed(drive: Drive) -> None:
    """The manifest is."""
    driven = drive(uploads.nondistributable())
    ran, layer = driven.ran(), driven["content"]["layers"][1]
    _require_layer(ran, lambda descriptor: descriptor["mediaType"] == NONDISTRIBUTABLE)
    if _uploaded(ran, layer):
        raise Violation(f"the layer {layer} of type {NONDISTRIBUTABLE} to stay", "it was uploaded", ran.lines())


@clause("layer.nondistributable.urls-not-decisive")
def test_urls_do_not_keep_layers_from_being_pushed(drive: Drive) -> None:
    """An ordinary layer has some."""
    driven = drive(uploads.with_urls())
    ran, layer = driven.ran(), driven["content"]["layers"][1]
    _require_layer(ran, lambda descriptor: "urls" in descriptor)
    if not _uploaded(ran, layer):
        raise Violation(f"the layer {layer} to be uploaded, though it has urls", "it was not", ran.lines())


def _require_layer(ran: Ran, such: Callable[[dict[str, Any]], bool]) -> None:
    """Go on only if a manifest with such a layer was pushed."""
    ran.must_end()
    documents = [one.sent.json() for one in ran.exchanges if one.method == "PUT" and "/manifests/" in one.url]
    if not any(such(layer) for document in documents for layer in document.get("layers", ())):
        not_applicable(f"it pushes no manifest with such a layer: {ran.ended}")


def _uploaded(ran: Ran, digest: str) -> bool:
    """Whether a blob was sent to the registry."""
    encoded = digest.replace(":", "%3A")
    return any(one.method in ("PUT", "POST") and (digest in one.url or encoded in one.url) for one in ran.exchanges)
