"""The table of shapes: which tool writes what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tools.layouts import buildah, containerd, docker, others, podman, skopeo, umoci

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.layouts.bench import Bench

    Make: TypeAlias = "Callable[[Bench, Path], None]"


@dataclass(frozen=True)
class Producer:
    """Who writes layouts. `programs` have to be there; `version` prints what the rows of the field results name."""

    name: str
    programs: tuple[str, ...]
    version: tuple[str, ...]


BUILDAH = Producer("buildah", ("buildah", "openssl"), ("buildah", "--version"))
PODMAN = Producer("podman", ("podman", "runc"), ("podman", "--version"))
SKOPEO = Producer("skopeo", ("skopeo", "buildah", "openssl"), ("skopeo", "--version"))
UMOCI = Producer("umoci", ("umoci",), ("umoci", "--version"))
DOCKER = Producer("docker", ("dockerd", "docker", "skopeo", "runc"), ("dockerd", "--version"))
BUILDX = "/usr/libexec/docker/cli-plugins/docker-buildx"
BUILDKIT = Producer("buildkit", ("dockerd", "docker", "runc", BUILDX), ("dockerd", "--version"))
CONTAINERD = Producer("containerd", ("containerd", "ctr", "skopeo", "buildah"), ("containerd", "--version"))
STARGZ = Producer("stargz", ("ctr-remote", *CONTAINERD.programs), ("ctr-remote", "--version"))
FLATPAK = Producer("flatpak", ("flatpak",), ("flatpak", "--version"))
REGISTRY = Producer("registry", ("docker-registry", "skopeo", "buildah"), ("docker-registry", "--version"))


@dataclass(frozen=True)
class Shape:
    """One layout: `make` writes it at the path that it is given, a directory or, of an archive, a file."""

    producer: Producer
    shape: str
    make: Make
    archive: bool = False

    @property
    def name(self) -> str:
        """PRODUCER-SHAPE."""
        return f"{self.producer.name}-{self.shape}"

    @property
    def file(self) -> str:
        """What it is called in the directory of layouts."""
        return f"{self.name}.tar" if self.archive else self.name


SHAPES = (
    Shape(BUILDAH, "scratch", buildah.scratch),
    Shape(BUILDAH, "layers", buildah.layers),
    Shape(BUILDAH, "one-layer", buildah.one_layer),
    Shape(BUILDAH, "squash", buildah.squash),
    Shape(BUILDAH, "everything", buildah.everything),
    Shape(BUILDAH, "odd-names", buildah.odd_names),
    Shape(BUILDAH, "config", buildah.config),
    Shape(BUILDAH, "docker-config", buildah.docker_config),
    Shape(BUILDAH, "timestamp", buildah.timestamp),
    Shape(BUILDAH, "no-history", buildah.no_history),
    Shape(BUILDAH, "empty", buildah.empty),
    Shape(BUILDAH, "uncompressed", buildah.uncompressed),
    Shape(BUILDAH, "zstd", buildah.zstd),
    Shape(BUILDAH, "zstd-chunked", buildah.zstd_chunked),
    Shape(BUILDAH, "v2s2", buildah.v2s2),
    Shape(BUILDAH, "archive", buildah.archive, archive=True),
    Shape(BUILDAH, "index", buildah.image_index),
    Shape(BUILDAH, "annotated-index", buildah.annotated_index),
    Shape(BUILDAH, "docker-list", buildah.docker_list),
    Shape(BUILDAH, "two-images", buildah.two_images),
    Shape(BUILDAH, "overwritten", buildah.overwritten),
    Shape(BUILDAH, "encrypted", buildah.encrypted),
    Shape(BUILDAH, "source", buildah.source),
    Shape(BUILDAH, "artifact", buildah.artifact),
    Shape(PODMAN, "save-archive", podman.save_archive, archive=True),
    Shape(PODMAN, "save-directory", podman.save_directory),
    Shape(PODMAN, "save-uncompressed", podman.save_uncompressed),
    Shape(PODMAN, "save-docker-image", podman.save_docker_image),
    Shape(PODMAN, "commit", podman.commit),
    Shape(PODMAN, "commit-volumes", podman.commit_volumes),
    Shape(PODMAN, "import", podman.imported),
    Shape(PODMAN, "squash-all", podman.squash_all),
    Shape(PODMAN, "zstd", podman.zstd),
    Shape(PODMAN, "index", podman.image_index),
    Shape(PODMAN, "artifact", podman.artifact),
    Shape(SKOPEO, "copy", skopeo.plain),
    Shape(SKOPEO, "unnamed", skopeo.unnamed),
    Shape(SKOPEO, "archive", skopeo.archive, archive=True),
    Shape(SKOPEO, "from-archive", skopeo.from_archive),
    Shape(SKOPEO, "index", skopeo.image_index),
    Shape(SKOPEO, "index-only", skopeo.index_only),
    Shape(SKOPEO, "zstd-index", skopeo.zstd_index),
    Shape(SKOPEO, "docker-archive", skopeo.docker_archive),
    Shape(SKOPEO, "uncompressed", skopeo.uncompressed),
    Shape(SKOPEO, "zstd", skopeo.zstd),
    Shape(SKOPEO, "v2s2", skopeo.v2s2),
    Shape(SKOPEO, "back-from-v2s2", skopeo.back_from_v2s2),
    Shape(SKOPEO, "encrypted", skopeo.encrypted),
    Shape(SKOPEO, "tarball", skopeo.tarball),
    Shape(SKOPEO, "shared-blobs", skopeo.shared_blobs),
    Shape(UMOCI, "init", umoci.init),
    Shape(UMOCI, "new", umoci.new),
    Shape(UMOCI, "filled", umoci.filled),
    Shape(UMOCI, "repack", umoci.repacked),
    Shape(UMOCI, "everything", umoci.everything),
    Shape(UMOCI, "odd-names", umoci.odd_names),
    Shape(UMOCI, "insert", umoci.insert),
    Shape(UMOCI, "insert-file", umoci.insert_file),
    Shape(UMOCI, "insert-whiteout", umoci.insert_whiteout),
    Shape(UMOCI, "insert-opaque", umoci.insert_opaque),
    Shape(UMOCI, "config", umoci.config),
    Shape(UMOCI, "tags", umoci.tags),
    Shape(UMOCI, "unreferenced", umoci.unreferenced),
    Shape(UMOCI, "raw-layer", umoci.raw_layer),
    Shape(DOCKER, "layers", docker.layers),
    Shape(DOCKER, "daemon", docker.from_daemon),
    Shape(DOCKER, "squash", docker.squash),
    Shape(DOCKER, "commit", docker.commit),
    Shape(DOCKER, "import", docker.imported),
    Shape(DOCKER, "save", docker.saved, archive=True),
    Shape(DOCKER, "save-two", docker.saved_two, archive=True),
    Shape(BUILDKIT, "layers", docker.kit_layers, archive=True),
    Shape(BUILDKIT, "plain", docker.kit_plain),
    Shape(BUILDKIT, "provenance", docker.kit_provenance, archive=True),
    Shape(BUILDKIT, "zstd", docker.kit_zstd, archive=True),
    Shape(BUILDKIT, "estargz", docker.kit_estargz, archive=True),
    Shape(BUILDKIT, "uncompressed", docker.kit_uncompressed, archive=True),
    Shape(BUILDKIT, "annotations", docker.kit_annotations, archive=True),
    Shape(BUILDKIT, "docker-types", docker.kit_docker_types, archive=True),
    Shape(BUILDKIT, "cache", docker.kit_cache),
    Shape(BUILDKIT, "cache-manifest", docker.kit_cache_manifest),
    Shape(BUILDKIT, "saved", docker.kit_saved, archive=True),
    Shape(CONTAINERD, "export", containerd.exported, archive=True),
    Shape(CONTAINERD, "oci-only", containerd.oci_only, archive=True),
    Shape(CONTAINERD, "docker-archive", containerd.docker_archive, archive=True),
    Shape(CONTAINERD, "all-platforms", containerd.all_platforms, archive=True),
    Shape(CONTAINERD, "uncompressed", containerd.uncompressed, archive=True),
    Shape(STARGZ, "estargz", containerd.estargz, archive=True),
    Shape(STARGZ, "zstd-chunked", containerd.zstd_chunked, archive=True),
    Shape(FLATPAK, "application", others.flatpak),
    Shape(REGISTRY, "index", others.through_registry),
    Shape(REGISTRY, "signature", others.signature),
)
