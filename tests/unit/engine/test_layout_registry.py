"""A registry on loopback that serves layouts, and takes what is pushed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from pytest_oci.fixtures.conversion.documents import ALTERED
from pytest_oci.fixtures.engine.layout_registry import INDEX, LayoutRegistry
from pytest_oci.fixtures.engine.written import layers_in
from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.image.writing import write_directory

if TYPE_CHECKING:
    from pathlib import Path


def get(url: str, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes, str]:
    """Status, body and media type."""
    request = urllib.request.Request(f"http://{url}", data, method=method)
    if data is not None:
        request.add_header("Content-Type", INDEX)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, b"", ""


def test_layouts_are_served_as_they_are(tmp_path: Path) -> None:
    """A false blob too, while they are served."""
    stimulus = ALTERED["layer"]
    write_directory(render(stimulus.tree), tmp_path / "layout")
    registry = LayoutRegistry()
    try:
        with registry.serving("some/name", tmp_path / "layout", stimulus.ref):
            status, manifest, media_type = get(f"{registry.address}/v2/some/name/manifests/latest")
            layer = json.loads(manifest)["layers"][0]["digest"]
            _, blob, _ = get(f"{registry.address}/v2/some/name/blobs/{layer}")
            assert (status, media_type) == (200, "application/vnd.oci.image.manifest.v1+json")
            assert blob == (tmp_path / "layout" / "blobs" / layer.replace(":", "/")).read_bytes()
            assert get(f"{registry.address}/v2/some/name/manifests/other")[0] == 404
            assert get(f"{registry.address}/v2/some/name/manifests/latest", "PUT", b"{}")[0] == 405
        assert get(f"{registry.address}/v2/some/name/manifests/latest")[0] == 404
        with registry.receiving("new", tmp_path / "new"):
            pushed = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
            assert get(f"{registry.address}/v2/new/manifests/latest", "PUT", pushed)[0] == 201
        (entry,) = json.loads((tmp_path / "new" / "index.json").read_text())["manifests"]
        assert (tmp_path / "new" / "blobs" / entry["digest"].replace(":", "/")).read_bytes() == pushed
        assert layers_in(tmp_path / "new")[0]["problem"].startswith("IndexError")
    finally:
        registry.close()
