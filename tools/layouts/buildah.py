"""Shapes that buildah writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.layouts import content
from tools.layouts.bench import NotHereError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.layouts.bench import Bench

LAYERS = """\
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY files /files
RUN rm /files/b && echo more > /files/d
RUN rm -rf /files && mkdir /files && echo new > /files/new
CMD ["/bin/sh"]
"""
"""Several layers: whiteouts of a file, and of a directory that is made anew."""
CONFIGURED = """\
FROM scratch
MAINTAINER Somebody <somebody@example.org>
ARG VERSION=1.2
LABEL org.opencontainers.image.title="A title" version="$VERSION" empty=""
ENV PATH=/bin GREETING="hello world" EMPTY=""
EXPOSE 80 443/tcp 53/udp
VOLUME ["/data", "/var/log"]
COPY busybox /bin/busybox
COPY files /files
USER 1000:1000
WORKDIR /data
STOPSIGNAL SIGQUIT
SHELL ["/bin/sh", "-c"]
ONBUILD RUN true
HEALTHCHECK --interval=30s --timeout=3s CMD ["/bin/true"]
ENTRYPOINT ["/bin/busybox"]
CMD ["sh", "-c", "echo \\"$GREETING\\" ünicode"]
"""


def tool(bench: Bench, *arguments: str | Path) -> str:
    """Run buildah with storage of its own."""
    shared = bench.place.shared
    roots = (f"--root={shared / 'buildah'}", f"--runroot={shared / 'buildah-run'}", "--storage-driver=overlay")
    return bench.run("buildah", *roots, *arguments, env={"BUILDAH_ISOLATION": "chroot"})


def built(bench: Bench, recipe: str, *options: str, name: str = "built") -> str:
    """Build an image, and return its name."""
    directory = content.context(bench.scratch / f"context-{name}", recipe)
    tag = f"localhost/{bench.scratch.name}-{name}"
    tool(bench, "build", "--network=none", *options, "-t", tag, "-f", directory / "Containerfile", directory)
    return tag


def committed(bench: Bench, fill: Callable[[Path], None] | None, *options: str) -> str:
    """Make an image of a mounted root file system that `fill` fills, and return its name."""
    tag = f"localhost/{bench.scratch.name}"
    container = tool(bench, "from", "scratch")
    if fill:
        fill(bench.place.root / tool(bench, "mount", container)[1:])
        tool(bench, "umount", container)
    tool(bench, "commit", "--quiet", "--rm", *options, container, tag)
    return tag


def push(bench: Bench, image: str, to: str, *options: str) -> None:
    """Write an image somewhere."""
    tool(bench, "push", "--quiet", *options, image, to)


def layered_layout(bench: Bench, path: Path) -> None:
    """A layout of several layers, for others to read."""
    push(bench, built(bench, LAYERS, "--layers"), f"oci:{path}:layered")


def index_layout(bench: Bench, path: Path) -> None:
    """A layout of an index for three platforms, for others to read."""
    image_index(bench, path)


def scratch(bench: Bench, out: Path) -> None:
    """FROM scratch and busybox: one layer."""
    push(bench, committed(bench, content.plain_tree), f"oci:{out}:latest")


def layers(bench: Bench, out: Path) -> None:
    """A layer for each instruction, with whiteouts."""
    push(bench, built(bench, LAYERS, "--layers"), f"oci:{out}:latest")


def one_layer(bench: Bench, out: Path) -> None:
    """All instructions in one layer."""
    push(bench, built(bench, LAYERS, "--layers=false"), f"oci:{out}:latest")


def squash(bench: Bench, out: Path) -> None:
    """Squashed upon another image."""
    base = built(bench, "FROM scratch\nCOPY files /files\nCOPY busybox /bin/busybox\n", name="base")
    recipe = f'FROM {base}\nRUN ["/bin/busybox", "rm", "/files/a"]\nRUN ["/bin/busybox", "touch", "/new"]\n'
    push(bench, built(bench, recipe, "--squash"), f"oci:{out}:latest")


def everything(bench: Bench, out: Path) -> None:
    """Every type of file, extended attributes, hard links, odd names."""
    push(bench, committed(bench, content.full_tree), f"oci:{out}:latest")


def odd_names(bench: Bench, out: Path) -> None:
    """File names that are no UTF-8."""
    push(bench, committed(bench, content.odd_names), f"oci:{out}:latest")


def config(bench: Bench, out: Path) -> None:
    """Labels, environment, ports, volumes, user, annotations."""
    annotations = ("--annotation=org.opencontainers.image.ref.name=not-the-tag", "--annotation=com.example.empty=")
    image = built(bench, CONFIGURED, "--label=com.example.key=value", *annotations)
    push(bench, image, f"oci:{out}:v1.2-rc.1")


def docker_config(bench: Bench, out: Path) -> None:
    """The same of an image in Docker's format, converted while it is written."""
    push(bench, built(bench, CONFIGURED, "--format=docker"), f"oci:{out}:latest", "--format=oci")


def timestamp(bench: Bench, out: Path) -> None:
    """Every time is the epoch."""
    push(bench, built(bench, LAYERS, "--layers", "--timestamp=0"), f"oci:{out}:latest")


def no_history(bench: Bench, out: Path) -> None:
    """A configuration without history."""
    push(bench, committed(bench, content.plain_tree, "--omit-history"), f"oci:{out}:latest")


def empty(bench: Bench, out: Path) -> None:
    """An image with nothing in it."""
    push(bench, committed(bench, None), f"oci:{out}:latest")


def uncompressed(bench: Bench, out: Path) -> None:
    """Layers that are plain tar."""
    push(bench, built(bench, LAYERS, "--layers"), f"oci:{out}:latest", "--disable-compression")


def zstd(bench: Bench, out: Path) -> None:
    """Layers compressed with zstd."""
    push(bench, built(bench, LAYERS, "--layers"), f"oci:{out}:latest", "--compression-format=zstd")


def zstd_chunked(bench: Bench, out: Path) -> None:
    """Layers in zstd frames with a table of contents behind them."""
    push(bench, committed(bench, content.full_tree), f"oci:{out}:latest", "--compression-format=zstd:chunked")


def v2s2(bench: Bench, out: Path) -> None:
    """Docker's manifest in a layout."""
    push(bench, committed(bench, content.plain_tree), f"oci:{out}:latest", "--format=v2s2")


def archive(bench: Bench, out: Path) -> None:
    """A layout in a tar archive."""
    push(bench, built(bench, LAYERS, "--layers"), f"oci-archive:{out}:latest")


def image_index(bench: Bench, out: Path) -> None:
    """An index for three platforms."""
    name = f"localhost/{bench.scratch.name}-list"
    tool(bench, "manifest", "create", name)
    for platform in ("linux/amd64", "linux/arm64/v8", "linux/386"):
        image = built(bench, CONFIGURED, f"--platform={platform}", name=platform.replace("/", "-"))
        tool(bench, "manifest", "add", name, image)
    tool(bench, "manifest", "push", "--quiet", "--all", name, f"oci:{out}:list")


def annotated_index(bench: Bench, out: Path) -> None:
    """An index whose entries have annotations, features and a variant set by hand."""
    name, image = f"localhost/{bench.scratch.name}-list", committed(bench, content.plain_tree)
    tool(bench, "manifest", "create", name)
    tool(bench, "manifest", "add", name, image)
    digest = tool(bench, "images", "--no-trunc", "--format={{.Digest}}", image).splitlines()[0]
    set_by_hand = ("--annotation=com.example.key=value", "--variant=v1", "--os-version=6.1", "--os-features=win32k")
    tool(bench, "manifest", "annotate", *set_by_hand, name, digest)
    tool(bench, "manifest", "push", "--quiet", "--all", name, f"oci:{out}:list")


def docker_list(bench: Bench, out: Path) -> None:
    """Docker's manifest list in a layout."""
    name = f"localhost/{bench.scratch.name}-list"
    tool(bench, "manifest", "create", name)
    tool(bench, "manifest", "add", name, committed(bench, content.plain_tree, "--format=docker"))
    tool(bench, "manifest", "push", "--quiet", "--all", "--format=v2s2", name, f"oci:{out}:list")


def two_images(bench: Bench, out: Path) -> None:
    """Two images in one layout, and one of them under two names."""
    one, two = committed(bench, content.plain_tree), built(bench, CONFIGURED)
    for image, name in ((one, "one"), (two, "two"), (two, "two-again")):
        push(bench, image, f"oci:{out}:{name}")


def overwritten(bench: Bench, out: Path) -> None:
    """A name that was given to another image, whose blobs stay."""
    push(bench, built(bench, CONFIGURED), f"oci:{out}:latest")
    push(bench, committed(bench, content.plain_tree), f"oci:{out}:latest")


def encrypted(bench: Bench, out: Path) -> None:
    """Encrypted layers."""
    key, public = bench.scratch / "key.pem", bench.scratch / "public.pem"
    bench.run("openssl", "genrsa", "-out", key, "2048")
    bench.run("openssl", "rsa", "-in", key, "-pubout", "-out", public)
    push(bench, built(bench, LAYERS, "--layers"), f"oci:{out}:latest", f"--encryption-key=jwe:{public}")


def artifact(bench: Bench, out: Path) -> None:
    """A bill of materials as an artifact, about an image that is in the same index."""
    if "--artifact-subject" not in tool(bench, "manifest", "add", "--help"):
        raise NotHereError("this buildah knows no artifacts")
    name, image = f"localhost/{bench.scratch.name}-list", committed(bench, content.plain_tree)
    push(bench, image, f"oci:{bench.scratch / 'subject'}:subject")
    file = bench.scratch / "bill.spdx.json"
    file.write_text('{"spdxVersion": "SPDX-2.3"}\n')
    tool(bench, "manifest", "create", name)
    tool(bench, "manifest", "add", name, image)
    kind = ("--artifact", "--artifact-type=application/spdx+json", "--artifact-annotation=com.example.key=value")
    tool(bench, "manifest", "add", *kind, f"--artifact-subject=oci:{bench.scratch / 'subject'}:subject", name, file)
    tool(bench, "manifest", "push", "--quiet", "--all", name, f"oci:{out}:list")


def source(bench: Bench, out: Path) -> None:
    """An artifact with the sources of an image."""
    file = bench.scratch / "source.txt"
    file.write_text("source\n")
    tool(bench, "source", "create", out)
    tool(bench, "source", "add", "--annotation=com.example.kind=text", out, file)
