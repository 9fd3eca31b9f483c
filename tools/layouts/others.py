"""Shapes of tools that write one each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import content, skopeo

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench

METADATA = """\
[Application]
name=org.example.Layout
runtime=org.example.Platform/x86_64/stable
command=busybox
"""
PORT = 5000
REGISTRY = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {place}/data
http:
  addr: 127.0.0.1:{port}
"""


def flatpak(bench: Bench, out: Path) -> None:
    """A desktop application as an image."""
    app, repository = bench.scratch / "app", bench.scratch / "repository"
    content.plain_tree(app / "files")
    (app / "export").mkdir()
    (app / "metadata").write_text(METADATA)
    bench.run("flatpak", "build-export", "--disable-sandbox", repository, app, "stable")
    bench.run("flatpak", "build-bundle", "--oci", repository, out, "org.example.Layout", "stable")


def registry(bench: Bench) -> str:
    """Start a registry unless it runs already, and return what its repositories begin with."""
    place = bench.place.shared / "registry"
    place.mkdir(exist_ok=True)
    settings = place / "config.yml"
    settings.write_text(REGISTRY.format(place=place, port=PORT))
    address = f"http://127.0.0.1:{PORT}/v2/"
    silent = type(bench)(bench.place, bench.scratch)
    bench.daemon(
        "docker-registry",
        ("docker-registry", "serve", str(settings)),
        lambda: silent.run("python3", "-c", f"import urllib.request as r; r.urlopen({address!r}, timeout=2)"),
        place,
    )
    return f"docker://127.0.0.1:{PORT}"


def through_registry(bench: Bench, out: Path) -> None:
    """An index that went to a registry and back."""
    name = f"{registry(bench)}/through:list"
    skopeo.copy(bench, skopeo.index(bench), name, "--all", "--dest-tls-verify=false")
    skopeo.copy(bench, name, f"oci:{out}:list", "--all", "--src-tls-verify=false")
