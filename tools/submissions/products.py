"""What is submitted: real products, and demonstrations of what a conformant product's folder looks like."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools import cgroup_view
from tools.registries import distribution
from tools.registries.service import NotStartedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

CHECKOUT = Path(__file__).resolve().parents[2]
MAKING_SECONDS = 60


@dataclass(frozen=True)
class Ready:
    """A product that can be judged: the options of `certify`, and what it needs besides.

    `hosts` has for each host on which it is judged what stands before the command there; what they say is joined.
    """

    options: tuple[str, ...]
    hosts: tuple[tuple[str, ...], ...] = ((),)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """What is said of a product, and how it is had in an empty directory.

    `demonstration` says what it shows; its verdict has to be conformant then. `version` is a command that prints it.
    """

    start: Callable[[Path], AbstractContextManager[Ready]]
    version: tuple[str, ...]
    website: str
    description: str
    demonstration: str = ""


@contextlib.contextmanager
def bundle(directory: Path) -> Iterator[Ready]:
    """A bundle around the config.json that runc writes."""
    (directory / "bundle" / "rootfs").mkdir(parents=True)
    _run(["runc", "spec", "--bundle", "bundle"], directory)
    yield Ready(("--bundle", "bundle"))


@contextlib.contextmanager
def demo_layout(_: Path) -> Iterator[Ready]:
    """The built-in layout."""
    yield Ready(("--layout", "demo"))


@contextlib.contextmanager
def demo_registry(_: Path) -> Iterator[Ready]:
    """The built-in registry."""
    yield Ready(("--registry", "demo"))


def layout(shape: str) -> Callable[[Path], AbstractContextManager[Ready]]:
    """A layout of a real tool, by its name in tools.layouts."""

    @contextlib.contextmanager
    def start(directory: Path) -> Iterator[Ready]:
        _run([sys.executable, "-m", "tools.layouts", "make", str(directory / "made"), "--only", shape], CHECKOUT)
        yield Ready(("--layout", str(directory / "made" / shape)))

    return start


def runtime(name: str, *arguments: str) -> Callable[[Path], AbstractContextManager[Ready]]:
    """A runtime on PATH. crun refuses both versions of cgroups at once: it is judged on one, and on the other."""

    @contextlib.contextmanager
    def start(_: Path) -> Iterator[Ready]:
        hybrid = bool(cgroup_view.hybrid_controllers())
        views = ("v1", "v2") if hybrid and name == "crun" else ()
        hosts = tuple((sys.executable, cgroup_view.__file__, view) for view in views)
        yield Ready(("--runtime", name, *(f"--runtime-arg={word}" for word in arguments), "-n", "2"), hosts or ((),))

    return start


@contextlib.contextmanager
def registry(directory: Path) -> Iterator[Ready]:
    """docker-registry, on loopback."""
    with distribution.plain(directory) as started:
        options = tuple(option.replace("--oci-", "--") for option in started.options)
        yield Ready(("--registry", started.url, *options, "-n", "2"), environment=started.environment)


def _run(command: list[str], directory: Path) -> None:
    try:
        subprocess.run(
            command,
            cwd=directory,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=MAKING_SECONDS,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotStartedError(f"{' '.join(command)}: {error}") from None


HERE = ("echo", "1.0")
"""The version of what the suite brings along."""
PRODUCTS: Mapping[str, Product] = {
    "demo-bundle": Product(
        bundle, HERE, "https://example.org", "It is a bundle.", "a bundle around what runc spec writes"
    ),
    "demo-layout": Product(
        demo_layout, HERE, "https://example.org", "It is an image layout.", "the layout that the suite brings along"
    ),
    "demo-registry": Product(
        demo_registry, HERE, "https://example.org", "It is a registry.", "the registry that the suite brings along"
    ),
    "crun": Product(
        runtime("crun"), ("crun", "--version"), "https://github.com/containers/crun", "It runs containers."
    ),
    "runc": Product(
        runtime("runc"), ("runc", "--version"), "https://github.com/opencontainers/runc", "It runs containers."
    ),
    "runsc": Product(
        runtime("runsc", "--network=none", "--platform=ptrace"),
        ("runsc", "--version"),
        "https://gvisor.dev",
        "It runs containers in a sandbox.",
    ),
    "buildah-layers": Product(
        layout("buildah-layers"), ("buildah", "--version"), "https://buildah.io", "It is an image that buildah wrote."
    ),
    "umoci-repack": Product(
        layout("umoci-repack"), ("umoci", "--version"), "https://umo.ci", "It is an image that umoci wrote."
    ),
    "docker-registry": Product(
        registry, ("docker-registry", "--version"), "https://distribution.github.io", "It keeps images."
    ),
}
USUAL = ("crun", "docker-registry", "demo-bundle", "demo-layout", "buildah-layers", "umoci-repack")
"""A product for each kind, in less than two minutes; whole runs of other runtimes and a registry take longer."""
