"""Shapes that podman writes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tools.layouts import content
from tools.layouts.bench import NotHereError
from tools.layouts.buildah import CONFIGURED, LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench


def tool(bench: Bench, *arguments: str | Path) -> str:
    """Run podman with storage of its own."""
    shared = bench.place.shared
    roots = (f"--root={shared / 'podman'}", f"--runroot={shared / 'podman-run'}", f"--tmpdir={shared / 'podman-tmp'}")
    ways = ("--storage-driver=overlay", "--cgroup-manager=cgroupfs", "--runtime=runc")
    environment = {"BUILDAH_ISOLATION": "chroot"}
    return bench.run("podman", *roots, *ways, *arguments, env=environment)


def built(bench: Bench, recipe: str, *options: str, name: str = "built") -> str:
    """Build an image, and return its name."""
    directory = content.context(bench.scratch / f"context-{name}", recipe)
    tag = f"localhost/{bench.scratch.name}-{name}"
    quiet = ("--quiet", "--isolation=chroot", "--network=host")
    tool(bench, "build", *quiet, *options, "-t", tag, "-f", directory / "Containerfile", directory)
    return tag


def save_archive(bench: Bench, out: Path) -> None:
    """An archive of an image in podman's own format."""
    tool(bench, "save", "--quiet", "--format=oci-archive", "-o", out, built(bench, LAYERS, "--layers"))


def save_directory(bench: Bench, out: Path) -> None:
    """A layout of an image in podman's own format."""
    tool(bench, "save", "--quiet", "--format=oci-dir", "-o", out, built(bench, LAYERS, "--layers"))


def save_uncompressed(bench: Bench, out: Path) -> None:
    """A layout whose layers are plain tar."""
    tool(bench, "save", "--quiet", "--uncompressed", "--format=oci-dir", "-o", out, built(bench, LAYERS, "--layers"))


def save_docker_image(bench: Bench, out: Path) -> None:
    """A layout of an image that was built in Docker's format."""
    image = built(bench, CONFIGURED, "--format=docker")
    tool(bench, "save", "--quiet", "--format=oci-dir", "-o", out, image)


def commit(bench: Bench, out: Path) -> None:
    """What a container changed: removed, new and changed files, with author, message and changes."""
    image = built(bench, LAYERS, "--layers")
    script = "rm /files/new; mkdir /d; echo x > /d/x; ln /d/x /d/y; chmod 4755 /bin/busybox; rm -r /tmp; mkdir /tmp"
    group = f"--cgroup-parent=/{bench.place.cgroup}"
    container = tool(bench, "run", "--detach", "--network=none", group, image, "/bin/sh", "-c", script)
    tool(bench, "wait", container)
    said = (
        "--author=Somebody",
        "--change=ENV A=b",
        "--change=EXPOSE 8080",
        "--change=LABEL l=m",
    )
    tool(bench, "commit", "--quiet", "--format=oci", *said, container, f"localhost/{bench.scratch.name}")
    tool(bench, "rm", "--force", container)
    tool(bench, "push", "--quiet", f"localhost/{bench.scratch.name}", f"oci:{out}:latest")


def commit_volumes(bench: Bench, out: Path) -> None:
    """Volumes of a container that never ran."""
    container = tool(bench, "create", "--network=none", "--volume=/some/volume", built(bench, CONFIGURED))
    volumes = ("--include-volumes", "--squash", "--format=oci")
    tool(bench, "commit", "--quiet", *volumes, container, f"localhost/{bench.scratch.name}")
    tool(bench, "rm", "--force", "--volumes", container)
    tool(bench, "push", "--quiet", f"localhost/{bench.scratch.name}", f"oci:{out}:latest")


def imported(bench: Bench, out: Path) -> None:
    """A tar archive with every type of file, imported."""
    tree, tar, name = bench.scratch / "tree", bench.scratch / "tree.tar", f"localhost/{bench.scratch.name}"
    tree.mkdir()
    content.full_tree(tree)
    bench.run("tar", "--create", "--file", tar, "--format=gnu", "--directory", tree, ".")
    tool(bench, "import", "--quiet", "--message=imported", "--change=CMD /bin/sh", tar, name)
    tool(bench, "push", "--quiet", name, f"oci:{out}:latest")


def squash_all(bench: Bench, out: Path) -> None:
    """All layers as one."""
    tool(bench, "push", "--quiet", built(bench, LAYERS, "--squash-all"), f"oci:{out}:latest")


def zstd(bench: Bench, out: Path) -> None:
    """Layers compressed with zstd."""
    tool(bench, "push", "--quiet", "--compression-format=zstd", built(bench, LAYERS), f"oci:{out}:latest")


def image_index(bench: Bench, out: Path) -> None:
    """An index for two platforms, from one build for both."""
    name = f"localhost/{bench.scratch.name}-list"
    directory = content.context(bench.scratch / "context", CONFIGURED)
    platforms = ("--platform=linux/amd64,linux/arm/v7", f"--manifest={name}")
    tool(bench, "build", "--quiet", *platforms, "-f", directory / "Containerfile", directory)
    tool(bench, "manifest", "push", "--all", name, f"oci:{out}:list")


def artifact(bench: Bench, out: Path) -> None:
    """The layout in which podman keeps artifacts."""
    if "artifact" not in tool(bench, "--help"):
        raise NotHereError("this podman knows no artifacts")
    for name in ("one", "two"):
        file = bench.scratch / f"{name}.json"
        file.write_text(f'{{"name": "{name}"}}\n')
        tool(bench, "artifact", "add", "--type=application/vnd.example.thing", f"example.org/{name}:v1", file)
    shutil.copytree(bench.place.shared / "podman" / "artifacts", out)
