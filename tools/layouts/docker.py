"""Shapes of images that Docker builds, in the format of its own archives, or made layouts of by skopeo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import content, skopeo
from tools.layouts.bench import NotHereError
from tools.layouts.buildah import CONFIGURED, LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench

NO_NETWORK = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")


SAVES_LAYOUTS = 25
"""The first version of Docker whose archives are layouts, too."""
IMAGE_STORE = '{"features": {"containerd-snapshotter": true}}'
"""Images are kept by containerd: BuildKit can then write whatever it knows."""


def tool(bench: Bench, *arguments: str | Path, store: str = "docker", buildkit: bool = False) -> str:
    """Run the client against a daemon of its own, which is started if it does not run yet.

    There is a daemon for each `store`; that of the store "containerd" keeps images in containerd.
    """
    place = bench.place.shared / f"dockerd-{store}"
    place.mkdir(exist_ok=True)
    (place / "daemon.json").write_text(IMAGE_STORE if store == "containerd" else "{}")
    socket = f"unix://{place / 'socket'}"
    environment = {"DOCKER_HOST": socket, "DOCKER_BUILDKIT": str(int(buildkit)), "DOCKER_CONFIG": str(place / "client")}
    settings = f"--config-file={place / 'daemon.json'}"
    roots = (settings, f"--data-root={place / 'data'}", f"--exec-root={place / 'exec'}", f"--pidfile={place / 'pid'}")
    ways = ("--experimental", f"--cgroup-parent=/{bench.place.cgroup}", f"--host={socket}", *NO_NETWORK)
    silent = type(bench)(bench.place, bench.scratch)
    bench.daemon(
        f"dockerd-{store}", ("dockerd", *roots, *ways), lambda: silent.run("docker", "version", env=environment), place
    )
    return bench.run("docker", *arguments, env=environment)


def built(bench: Bench, recipe: str, *options: str, name: str = "built") -> str:
    """Build an image with the builder of the daemon, and return its name."""
    directory = content.context(bench.scratch / f"context-{name}", recipe)
    tag = f"{bench.scratch.name}-{name}"
    tool(bench, "build", "--quiet", "--network=none", *options, "-t", tag, "-f", directory / "Containerfile", directory)
    return tag


def save(bench: Bench, out: Path, *images: str) -> None:
    """Write an archive, and what it holds as a layout."""
    archive = bench.scratch / "save.tar"
    tool(bench, "save", "-o", archive, *images)
    skopeo.copy(bench, f"docker-archive:{archive}", f"oci:{out}:latest")


def layers(bench: Bench, out: Path) -> None:
    """A layer for each instruction, with whiteouts."""
    save(bench, out, built(bench, LAYERS))


def from_daemon(bench: Bench, out: Path) -> None:
    """Taken from the daemon instead of an archive."""
    image = built(bench, CONFIGURED)
    host = f"--src-daemon-host=unix://{bench.place.shared / 'dockerd-docker' / 'socket'}"
    skopeo.copy(bench, f"docker-daemon:{image}:latest", f"oci:{out}:latest", host)


def squash(bench: Bench, out: Path) -> None:
    """All layers as one."""
    save(bench, out, built(bench, LAYERS, "--squash"))


def commit(bench: Bench, out: Path) -> None:
    """What was copied into a container, and what its program changed."""
    image = built(bench, LAYERS)
    command = ("/bin/sh", "-c", "rm /files/new; mknod /null c 1 3; mkfifo /fifo; ln /fifo /fifo-again; rm -r /files")
    container = tool(bench, "create", "--network=none", "--ulimit=nofile=1024:1024", image, *command)
    tool(bench, "cp", content.BUSYBOX, f"{container}:/copied")
    tool(bench, "start", "--attach", container)
    said = ("--author=Somebody", "--message=a message", "--change=ENV A=b", "--change=VOLUME /v")
    tool(bench, "commit", *said, container, bench.scratch.name)
    tool(bench, "rm", container)
    save(bench, out, bench.scratch.name)


def imported(bench: Bench, out: Path) -> None:
    """A tar archive with every type of file, imported."""
    tree, tar = bench.scratch / "tree", bench.scratch / "tree.tar"
    tree.mkdir()
    content.full_tree(tree)
    bench.run("tar", "--create", "--file", tar, "--format=pax", "--xattrs", "--directory", tree, ".")
    tool(bench, "import", "--message=imported", tar, bench.scratch.name)
    save(bench, out, bench.scratch.name)


def saved(bench: Bench, out: Path) -> None:
    """The daemon's own archive, which is a layout, too."""
    only_layouts(bench)
    tool(bench, "save", "-o", out, built(bench, LAYERS))


def saved_two(bench: Bench, out: Path) -> None:
    """The daemon's own archive of two images."""
    only_layouts(bench)
    tool(bench, "save", "-o", out, built(bench, LAYERS, name="one"), built(bench, CONFIGURED, name="two"))


def only_layouts(bench: Bench) -> None:
    """Raise NotHereError if this daemon's archives are no layouts."""
    version = tool(bench, "version", "--format={{.Server.Version}}")
    if int(version.partition(".")[0]) < SAVES_LAYOUTS:
        raise NotHereError(f"docker save of {version} writes no layout")


def buildx(bench: Bench, out: Path, recipe: str, output: str, *options: str) -> None:
    """Let BuildKit build and write to `out`; `output` is how."""
    directory = content.context(bench.scratch / "context", recipe)
    to = f"--output=type=oci,dest={out}{output}"
    command: tuple[str | Path, ...] = (
        "buildx",
        "build",
        "--quiet",
        "--network=none",
        *options,
        to,
        "-f",
        directory / "Containerfile",
        directory,
    )
    tool(bench, *command, store="containerd", buildkit=True)


def kit_layers(bench: Bench, out: Path) -> None:
    """A layer for each instruction, with an attestation of how it was built."""
    buildx(bench, out, LAYERS, "")


def kit_plain(bench: Bench, out: Path) -> None:
    """The image alone, in a directory."""
    buildx(bench, out, CONFIGURED, ",tar=false", "--provenance=false")


def kit_provenance(bench: Bench, out: Path) -> None:
    """All that is known of how it was built, for two platforms."""
    buildx(bench, out, CONFIGURED, "", "--provenance=mode=max", "--platform=linux/amd64,linux/arm/v7")


def kit_zstd(bench: Bench, out: Path) -> None:
    """Layers compressed with zstd."""
    buildx(bench, out, LAYERS, ",compression=zstd,force-compression=true")


def kit_estargz(bench: Bench, out: Path) -> None:
    """Layers with a table of contents."""
    buildx(bench, out, LAYERS, ",compression=estargz,force-compression=true,oci-mediatypes=true")


def kit_uncompressed(bench: Bench, out: Path) -> None:
    """Layers that are plain tar."""
    buildx(bench, out, LAYERS, ",compression=uncompressed,force-compression=true")


def kit_annotations(bench: Bench, out: Path) -> None:
    """Annotations on everything, a name, and times of the epoch."""
    places = ("index", "manifest", "index-descriptor", "manifest-descriptor")
    annotations = [f"--annotation={place}:com.example.{place}=value" for place in places]
    epoch = ("--build-arg=SOURCE_DATE_EPOCH=0", "--tag=example.org/name:tag")
    buildx(bench, out, CONFIGURED, ",rewrite-timestamp=true", "--platform=linux/amd64,linux/386", *annotations, *epoch)


def kit_docker_types(bench: Bench, out: Path) -> None:
    """Docker's media types in a layout."""
    buildx(bench, out, LAYERS, ",oci-mediatypes=false", "--provenance=false")


def kit_cache(bench: Bench, out: Path) -> None:
    """BuildKit's cache, which it keeps as a layout."""
    image = bench.scratch / "image.tar"
    buildx(bench, image, LAYERS, "", f"--cache-to=type=local,mode=max,dest={out}")


def kit_cache_manifest(bench: Bench, out: Path) -> None:
    """BuildKit's cache, as a manifest."""
    image = bench.scratch / "image.tar"
    buildx(
        bench, image, LAYERS, "", f"--cache-to=type=local,mode=max,image-manifest=true,oci-mediatypes=true,dest={out}"
    )


def kit_saved(bench: Bench, out: Path) -> None:
    """What the daemon saves of an image that BuildKit built."""
    directory = content.context(bench.scratch / "context", LAYERS)
    command = ("build", "--quiet", "--network=none", "-t", "saved:tag", "-f", directory / "Containerfile", directory)
    tool(bench, *command, store="containerd", buildkit=True)
    tool(bench, "save", "-o", out, "saved:tag", store="containerd")
