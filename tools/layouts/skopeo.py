"""Shapes that skopeo writes, of what buildah built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import buildah, content

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench


def copy(bench: Bench, source: str, destination: str, *options: str) -> None:
    """Copy an image."""
    bench.run(
        "skopeo", "--insecure-policy", "--tmpdir", bench.scratch, "copy", "--quiet", *options, source, destination
    )


def layered(bench: Bench) -> str:
    """A layout of several layers, as skopeo names it."""
    return f"oci:{bench.once('layered', buildah.layered_layout)}:layered"


def index(bench: Bench) -> str:
    """A layout with an index, as skopeo names it."""
    return f"oci:{bench.once('index', buildah.index_layout)}:list"


def plain(bench: Bench, out: Path) -> None:
    """A copy."""
    copy(bench, layered(bench), f"oci:{out}:copied")


def unnamed(bench: Bench, out: Path) -> None:
    """A copy without a name."""
    copy(bench, layered(bench), f"oci:{out}")


def archive(bench: Bench, out: Path) -> None:
    """A copy into an archive."""
    copy(bench, layered(bench), f"oci-archive:{out}:copied")


def from_archive(bench: Bench, out: Path) -> None:
    """A copy out of an archive."""
    copy(bench, layered(bench), f"oci-archive:{bench.scratch / 'archive.tar'}:copied")
    copy(bench, f"oci-archive:{bench.scratch / 'archive.tar'}:copied", f"oci:{out}:copied")


def image_index(bench: Bench, out: Path) -> None:
    """All images of an index."""
    copy(bench, index(bench), f"oci:{out}:list", "--all")


def index_only(bench: Bench, out: Path) -> None:
    """An index without its images."""
    copy(bench, index(bench), f"oci:{out}:list", "--multi-arch=index-only")


def zstd_index(bench: Bench, out: Path) -> None:
    """All images of an index, compressed anew."""
    copy(bench, index(bench), f"oci:{out}:list", "--all", "--dest-compress-format=zstd")


def docker_archive(bench: Bench, out: Path) -> None:
    """An image that went through Docker's archive format, whose layers are plain tar."""
    archive = bench.scratch / "docker.tar"
    copy(bench, layered(bench), f"docker-archive:{archive}:name:tag")
    copy(bench, f"docker-archive:{archive}", f"oci:{out}:latest")


def uncompressed(bench: Bench, out: Path) -> None:
    """Layers that are plain tar."""
    copy(bench, layered(bench), f"dir:{bench.scratch / 'plain'}", "--dest-decompress")
    copy(bench, f"dir:{bench.scratch / 'plain'}", f"oci:{out}:latest", "--dest-oci-accept-uncompressed-layers")


def zstd(bench: Bench, out: Path) -> None:
    """Layers compressed with zstd."""
    copy(bench, layered(bench), f"oci:{out}:latest", "--dest-compress-format=zstd", "--dest-compress-level=19")


def v2s2(bench: Bench, out: Path) -> None:
    """Docker's manifest in a layout."""
    copy(bench, layered(bench), f"oci:{out}:latest", "--format=v2s2")


def back_from_v2s2(bench: Bench, out: Path) -> None:
    """Docker's manifest made OCI's again."""
    copy(bench, layered(bench), f"dir:{bench.scratch / 'v2s2'}", "--format=v2s2")
    copy(bench, f"dir:{bench.scratch / 'v2s2'}", f"oci:{out}:latest", "--format=oci")


def encrypted(bench: Bench, out: Path) -> None:
    """Its last layer encrypted."""
    key, public = bench.scratch / "key.pem", bench.scratch / "public.pem"
    bench.run("openssl", "genrsa", "-out", key, "2048")
    bench.run("openssl", "rsa", "-in", key, "-pubout", "-out", public)
    copy(bench, layered(bench), f"oci:{out}:latest", f"--encryption-key=jwe:{public}", "--encrypt-layer=-1")


def tarball(bench: Bench, out: Path) -> None:
    """A tar archive as an image's only layer."""
    tree, tar = bench.scratch / "tree", bench.scratch / "tree.tar"
    tree.mkdir()
    content.full_tree(tree)
    bench.run("tar", "--create", "--gzip", "--file", f"{tar}.gz", "--format=pax", "--xattrs", "--directory", tree, ".")
    copy(bench, f"tarball:{tar}.gz", f"oci:{out}:latest")


def shared_blobs(bench: Bench, out: Path) -> None:
    """Blobs in a directory shared by layouts, which is then put into the layout."""
    copy(bench, layered(bench), f"oci:{out}:latest", f"--dest-shared-blob-dir={out / 'blobs'}")
