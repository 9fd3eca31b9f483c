"""Shapes of images that Docker builds, in the format of its own archives, or made layouts of by skopeo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import content, skopeo
from tools.layouts.buildah import CONFIGURED, LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench

NO_NETWORK = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")


def tool(bench: Bench, *arguments: str | Path) -> str:
    """Run the client against a daemon of its own, which is started if it does not run yet."""
    place = bench.place.shared / "docker"
    socket = f"unix://{place / 'socket'}"
    environment = {"DOCKER_HOST": socket, "DOCKER_BUILDKIT": "0", "DOCKER_CONFIG": str(place / "client")}
    roots = (f"--data-root={place / 'data'}", f"--exec-root={place / 'exec'}", f"--pidfile={place / 'pid'}")
    ways = ("--experimental", f"--cgroup-parent=/{bench.place.cgroup}", f"--host={socket}", *NO_NETWORK)
    silent = type(bench)(bench.place, bench.scratch)
    bench.daemon("dockerd", ("dockerd", *roots, *ways), lambda: silent.run("docker", "version", env=environment), place)
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
    host = f"--src-daemon-host=unix://{bench.place.shared / 'docker' / 'socket'}"
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
