"""Shapes that umoci writes."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tools.layouts import content

if TYPE_CHECKING:
    from pathlib import Path

    from tools.layouts.bench import Bench

NAME = "latest"


def tool(bench: Bench, *arguments: str | Path) -> None:
    """Run umoci."""
    bench.run("umoci", *arguments)


def new(bench: Bench, out: Path) -> None:
    """An image without layers."""
    tool(bench, "init", "--layout", out)
    tool(bench, "new", "--image", f"{out}:{NAME}")


def init(bench: Bench, out: Path) -> None:
    """A layout without images."""
    tool(bench, "init", "--layout", out)


def filled(bench: Bench, out: Path) -> None:
    """A first layer, repacked from an unpacked bundle."""
    new(bench, out)
    repack(bench, out, "first", content.plain_tree)


def repack(bench: Bench, out: Path, name: str, change: object) -> None:
    """Unpack, let `change` change the root file system, and repack."""
    bundle = bench.scratch / name
    tool(bench, "unpack", "--image", f"{out}:{NAME}", bundle)
    assert callable(change)
    change(bundle / "rootfs")
    tool(bench, "repack", "--image", f"{out}:{NAME}", bundle)


def repacked(bench: Bench, out: Path) -> None:
    """Several layers: additions, changes, removals, a directory in place of a file."""
    filled(bench, out)
    repack(bench, out, "second", _change)


def _change(root: Path) -> None:
    (root / "etc" / "hostname").unlink()
    (root / "etc" / "hostname").mkdir()
    (root / "bin" / "sh").unlink()
    shutil.rmtree(root / "bin")
    (root / "new").write_text("new\n")
    (root / "new").chmod(0o4755)


def everything(bench: Bench, out: Path) -> None:
    """Every type of file, extended attributes, hard links, odd names."""
    new(bench, out)
    repack(bench, out, "everything", content.full_tree)


def odd_names(bench: Bench, out: Path) -> None:
    """File names that are no UTF-8."""
    new(bench, out)
    repack(bench, out, "odd", content.odd_names)


def insert(bench: Bench, out: Path) -> None:
    """A directory as a layer, without repacking."""
    filled(bench, out)
    tree = bench.scratch / "tree"
    tree.mkdir()
    content.plain_tree(tree)
    (tree / "zz-last").write_text("not a whole block\n")
    tool(bench, "insert", "--image", f"{out}:{NAME}", tree, "/opt")


def insert_file(bench: Bench, out: Path) -> None:
    """A file as a layer."""
    new(bench, out)
    tool(bench, "insert", "--image", f"{out}:{NAME}", content.BUSYBOX, "/bin/busybox")


def insert_whiteout(bench: Bench, out: Path) -> None:
    """A layer that removes a file."""
    filled(bench, out)
    tool(bench, "insert", "--image", f"{out}:{NAME}", "--whiteout", "/etc/hostname")


def insert_opaque(bench: Bench, out: Path) -> None:
    """A layer that replaces a directory."""
    filled(bench, out)
    tree = bench.scratch / "tree"
    tree.mkdir()
    (tree / "new").write_text("new\n")
    tool(bench, "insert", "--image", f"{out}:{NAME}", "--opaque", tree, "/etc")


def config(bench: Bench, out: Path) -> None:
    """Everything that can be set in a configuration."""
    filled(bench, out)
    process = ("--config.user=1000:1000", "--config.env=A=b", "--config.env=PATH=/bin", "--config.workingdir=/data")
    command = ("--config.entrypoint=/bin/busybox", "--config.cmd=sh", "--config.cmd=-c", "--config.stopsignal=SIGQUIT")
    rest = (
        "--config.exposedports=80/tcp",
        "--config.exposedports=53/udp",
        "--config.volume=/data",
        "--config.label=a=b",
    )
    image = ("--author=Somebody <somebody@example.org>", "--created=2001-02-03T04:05:06+01:00", "--architecture=arm64")
    more = ("--os=linux", "--manifest.annotation=com.example.key=value", "--history.comment=a comment")
    tool(bench, "config", "--image", f"{out}:{NAME}", *process, *command, *rest, *image, *more)


def tags(bench: Bench, out: Path) -> None:
    """Several names for one image, one removed, then blobs collected."""
    filled(bench, out)
    tool(bench, "tag", "--image", f"{out}:{NAME}", "second")
    tool(bench, "tag", "--image", f"{out}:{NAME}", "third")
    tool(bench, "config", "--image", f"{out}:second", "--config.user=1")
    tool(bench, "rm", "--image", f"{out}:third")
    tool(bench, "gc", "--layout", out)


def unreferenced(bench: Bench, out: Path) -> None:
    """Blobs of former versions, which nothing names any more."""
    filled(bench, out)
    tool(bench, "config", "--image", f"{out}:{NAME}", "--config.user=1", "--no-history")


def raw_layer(bench: Bench, out: Path) -> None:
    """A tar archive of GNU tar as a layer, unchanged."""
    new(bench, out)
    tree, tar = bench.scratch / "tree", bench.scratch / "tree.tar"
    tree.mkdir()
    content.full_tree(tree)
    os.utime(tree, (0, 0))
    bench.run("tar", "--create", "--sparse", "--file", tar, "--format=gnu", "--directory", tree, ".")
    tool(bench, "raw", "add-layer", "--image", f"{out}:{NAME}", tar)
