"""Shapes that containerd's client writes, and that of the stargz snapshotter, of what buildah built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import buildah, content, skopeo

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench

SETTINGS = """\
version = 2
root = "{place}/root"
state = "{place}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "{place}/socket"
"""
LAYERED, FULL, LIST = "example.org/some:layered", "example.org/some:full", "example.org/some:list"


def tool(bench: Bench, *arguments: str | Path, program: str = "ctr") -> str:
    """Run the client against a daemon of its own, which is started if it does not run yet."""
    place = bench.place.shared / "containerd"
    place.mkdir(exist_ok=True)
    settings = place / "config.toml"
    settings.write_text(SETTINGS.format(place=place))
    socket = f"--address={place / 'socket'}"
    silent = type(bench)(bench.place, bench.scratch)
    bench.daemon(
        "containerd", ("containerd", f"--config={settings}"), lambda: silent.run("ctr", socket, "version"), place
    )
    return bench.run(program, socket, f"--namespace={bench.scratch.name}", *arguments)


def imported(bench: Bench, archive: Path, name: str) -> str:
    """Import an archive; `name` ends with what it calls its image."""
    base = name.rpartition(":")[0]
    tool(bench, "images", "import", "--all-platforms", "--no-unpack", f"--base-name={base}", archive)
    return name


def layered(bench: Bench) -> str:
    """Import an image of several layers."""
    archive = bench.scratch / "layered.tar"
    skopeo.copy(bench, skopeo.layered(bench), f"oci-archive:{archive}:layered")
    return imported(bench, archive, LAYERED)


def full(bench: Bench) -> str:
    """Import an image with every type of file."""
    archive = bench.scratch / "full.tar"
    buildah.push(bench, buildah.committed(bench, content.full_tree), f"oci-archive:{archive}:full")
    return imported(bench, archive, FULL)


def export(bench: Bench, out: Path, name: str, *options: str) -> None:
    """Write an archive."""
    tool(bench, "images", "export", *options, out, name)


def exported(bench: Bench, out: Path) -> None:
    """An archive that Docker can read, too."""
    export(bench, out, layered(bench))


def oci_only(bench: Bench, out: Path) -> None:
    """An archive of OCI's documents alone."""
    export(bench, out, layered(bench), "--skip-manifest-json")


def docker_archive(bench: Bench, out: Path) -> None:
    """An archive of Docker's that was imported."""
    archive = bench.scratch / "docker.tar"
    skopeo.copy(bench, skopeo.layered(bench), f"docker-archive:{archive}:example.org/name:tag")
    tool(bench, "images", "import", "--no-unpack", archive)
    export(bench, out, "example.org/name:tag")


def all_platforms(bench: Bench, out: Path) -> None:
    """An archive with an index for three platforms."""
    archive = bench.scratch / "index.tar"
    bench.run("tar", "--create", "--file", archive, "--directory", skopeo.index(bench)[4:-5], ".")
    export(bench, out, imported(bench, archive, LIST), "--all-platforms")


def uncompressed(bench: Bench, out: Path) -> None:
    """Layers that were made plain tar."""
    name = layered(bench)
    tool(bench, "images", "convert", "--uncompress", "--oci", name, f"{name}-plain")
    export(bench, out, f"{name}-plain")


def estargz(bench: Bench, out: Path) -> None:
    """Layers with a table of contents, each file a gzip member."""
    name = full(bench)
    tool(bench, "images", "convert", "--estargz", "--oci", name, f"{name}-e", program="ctr-remote")
    export(bench, out, f"{name}-e")


def zstd_chunked(bench: Bench, out: Path) -> None:
    """Layers with a table of contents, each file a zstd frame."""
    name = full(bench)
    tool(bench, "images", "convert", "--zstdchunked", "--oci", name, f"{name}-z", program="ctr-remote")
    export(bench, out, f"{name}-z")
