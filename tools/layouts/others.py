"""Shapes of tools that write one each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

from tools.layouts import content, skopeo
from tools.layouts.bench import NotHereError

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
ANSWER_SECONDS = 2.0
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
    command = ("docker-registry", "serve", str(settings))
    bench.daemon("docker-registry", command, lambda: urlopen(address, timeout=ANSWER_SECONDS).close(), place)
    return f"docker://127.0.0.1:{PORT}"


def through_registry(bench: Bench, out: Path) -> None:
    """An index that went to a registry and back."""
    name = f"{registry(bench)}/through:list"
    skopeo.copy(bench, skopeo.index(bench), name, "--all", "--dest-tls-verify=false")
    skopeo.copy(bench, name, f"oci:{out}:list", "--all", "--src-tls-verify=false")


def signature(bench: Bench, out: Path) -> None:
    """A signature, as it lies beside its image in a registry."""
    key, passphrase, settings = bench.scratch / "key", bench.scratch / "passphrase", bench.scratch / "registries.d"
    if "generate-sigstore-key" not in bench.run("skopeo", "--help"):
        raise NotHereError("this skopeo makes no keys for signatures")
    passphrase.write_text("secret\n")
    settings.mkdir()
    (settings / "default.yaml").write_text("default-docker:\n  use-sigstore-attachments: true\n")
    bench.run("skopeo", "generate-sigstore-key", "--output-prefix", key, "--passphrase-file", passphrase)
    name, digest = f"{registry(bench)}/signed", bench.scratch / "digest"
    to = ("--registries.d", settings, "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false")
    sign = (f"--sign-by-sigstore-private-key={key}.private", f"--sign-passphrase-file={passphrase}")
    identity = ("--sign-identity=example.org/signed:v1", f"--digestfile={digest}")
    bench.run("skopeo", *to, *sign, *identity, skopeo.layered(bench), f"{name}:v1")
    tag = f"{digest.read_text().strip().replace(':', '-')}.sig"
    skopeo.copy(bench, f"{name}:{tag}", f"oci:{out}:signature", "--src-tls-verify=false")
