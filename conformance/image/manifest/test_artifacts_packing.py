"""Artifacts that a tool writes (manifest.md, Guidelines for Artifact Usage): that it does, and what it was asked for.

What the text demands of them is judged by the tests of layouts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.packing import requests

from pytest_oci import clause
from pytest_oci.violations import noted

if TYPE_CHECKING:
    from pytest_oci.fixtures.packing.pack import Pack
    from pytest_oci.fixtures.packing.requests import Request

    from pytest_oci.targets.layout.tree import Manifest

pytestmark = pytest.mark.artifact


@clause("image-layout.index.exists")
@pytest.mark.parametrize("request_", requests.REQUESTS.values(), ids=requests.NAMES)
def test_what_was_asked_for_is_there(pack: Pack, request_: Request) -> None:
    """The file as it is, and the type: no sentence says what a tool makes of its arguments, so it is only shown."""
    manifests = pack(request_)
    if not any(layer.member("digest") == request_.digest for each in manifests for layer in each.layers):
        noted(f"a layer with the file, {request_.digest}", f"{_shown(manifests)}")
    if pack.packings.tool.uses("type") and request_.type not in map(_type, manifests):
        noted(f"an artifact of the type {request_.type}", f"{_shown(manifests)}")


def _type(manifest: Manifest) -> object:
    """The type of an artifact; where none is said the media type of its configuration stands for it."""
    said = (manifest.text.root or {}).get("artifactType")
    return said if said is not None or manifest.config is None else manifest.config.media_type


def _shown(manifests: tuple[Manifest, ...]) -> str:
    layers = [f"{_type(each)} with {[layer.member('digest') for layer in each.layers]}" for each in manifests]
    return "; ".join(layers) or "no manifest"
