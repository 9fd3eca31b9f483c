"""What is submitted: real products, and demonstrations of what a conformant product's folder looks like."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tools import cgroup_view
from tools.commands.products import HERE as COMMANDS
from tools.commands.products import PRODUCTS as TOOLS
from tools.commands.products import PYTHON
from tools.engines.running import CLAIM, SLOW, podman_settings
from tools.layouts import isolation
from tools.layouts.bench import settings
from tools.registries import distribution
from tools.registries.service import NotStartedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

CHECKOUT = Path(__file__).resolve().parents[2]
MAKING_SECONDS = 60
LEFT_BY_PODMAN = "libpod_parent"
"""The cgroup that podman puts its containers into, and leaves."""


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
    """What is said of a product, of which kind it is, and how it is had in an empty directory.

    `demonstration` says what it shows; its verdict has to be conformant then. `version` is a command that prints it.
    Words in which PYTHON stands get the Python that has pytest-oci.
    """

    kind: str
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


@contextlib.contextmanager
def features(directory: Path) -> Iterator[Ready]:
    """The features document that runc writes."""
    with (directory / "features.json").open("wb") as file:
        _run(["runc", "features"], directory, file)
    yield Ready(("--document", "features:features.json"))


def tool(name: str) -> Callable[[Path], AbstractContextManager[Ready]]:
    """A command of a real tool, by its name in tools.commands."""
    (product,) = (each for each in TOOLS if each.name == name)

    @contextlib.contextmanager
    def start(directory: Path) -> Iterator[Ready]:
        conf = directory / "containers.conf"
        conf.write_text(settings(), encoding="utf-8")
        environment = {"CONTAINERS_CONF": str(conf), "BUILDAH_ISOLATION": "chroot"}
        options = (f"--{product.option}={product.template}", SLOW.replace("--oci-", "--"), "-n", "2")
        yield _apart(directory, options, environment)

    return start


@contextlib.contextmanager
def skopeo(_: Path) -> Iterator[Ready]:
    """skopeo, as a client of registries."""
    yield Ready(("--client", "skopeo", "-n", "2"))


@contextlib.contextmanager
def podman(directory: Path) -> Iterator[Ready]:
    """podman, with state of its own."""
    directory.chmod(0o711)
    place = directory / "podman"
    (place / "tmp").mkdir(mode=0o711, parents=True)
    claims = [option.replace("--oci-", "--") for option in (SLOW, CLAIM)]
    try:
        yield _apart(directory, ("--engine", "podman", *claims, "-n", "2"), podman_settings(place))
    finally:
        isolation.remove_cgroups(LEFT_BY_PODMAN)


def _apart(directory: Path, options: tuple[str, ...], environment: Mapping[str, str]) -> Ready:
    """What may keep state in the places of the machine: in namespaces of its own, with a home of its own."""
    home = directory / "home"
    home.mkdir()
    prefix = (*isolation.UNSHARE, sys.executable, "-m", "tools.submissions.apart", str(directory))
    return Ready(options, (prefix,), {**environment, "HOME": str(home), "PYTHONPATH": str(CHECKOUT)})


def _run(command: list[str], directory: Path, output: IO[bytes] | int = subprocess.DEVNULL) -> None:
    try:
        subprocess.run(
            command,
            cwd=directory,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=MAKING_SECONDS,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotStartedError(f"{' '.join(command)}: {error}") from None


SKOPEO = "https://github.com/containers/skopeo"
HERE = ("echo", "1.0")
"""The version of what the suite brings along."""
PRODUCTS: Mapping[str, Product] = {
    "demo-bundle": Product(
        "bundle", bundle, HERE, "https://example.org", "It is a bundle.", "a bundle around what runc spec writes"
    ),
    "demo-layout": Product(
        "layout",
        demo_layout,
        HERE,
        "https://example.org",
        "It is an image layout.",
        "the layout that the suite brings along",
    ),
    "demo-registry": Product(
        "registry",
        demo_registry,
        HERE,
        "https://example.org",
        "It is a registry.",
        "the registry that the suite brings along",
    ),
    "crun": Product(
        "runtime", runtime("crun"), ("crun", "--version"), "https://github.com/containers/crun", "It runs containers."
    ),
    "runc": Product(
        "runtime",
        runtime("runc"),
        ("runc", "--version"),
        "https://github.com/opencontainers/runc",
        "It runs containers.",
    ),
    "runsc": Product(
        "runtime",
        runtime("runsc", "--network=none", "--platform=ptrace"),
        ("runsc", "--version"),
        "https://gvisor.dev",
        "It runs containers in a sandbox.",
    ),
    "buildah-layers": Product(
        "layout",
        layout("buildah-layers"),
        ("buildah", "--version"),
        "https://buildah.io",
        "It is an image that buildah wrote.",
    ),
    "umoci-repack": Product(
        "layout", layout("umoci-repack"), ("umoci", "--version"), "https://umo.ci", "It is an image that umoci wrote."
    ),
    "docker-registry": Product(
        "registry", registry, ("docker-registry", "--version"), "https://distribution.github.io", "It keeps images."
    ),
    "runc-features": Product(
        "document",
        features,
        ("runc", "--version"),
        "https://github.com/opencontainers/runc",
        "It says what runc can do.",
    ),
    "umoci-unpack": Product(
        "converter", tool("umoci unpack"), ("umoci", "--version"), "https://umo.ci", "It makes bundles of images."
    ),
    "skopeo-copy": Product("copier", tool("skopeo copy"), ("skopeo", "--version"), SKOPEO, "It copies images."),
    "buildah-bud": Product(
        "builder", tool("buildah bud"), ("buildah", "--version"), "https://buildah.io", "It builds images."
    ),
    "oras-py": Product(
        "artifact-tool",
        tool("oras-py push"),
        (PYTHON, str(COMMANDS / "oras_push.py"), "--version"),
        "https://oras.land",
        "It packs artifacts.",
    ),
    "skopeo": Product("client", skopeo, ("skopeo", "--version"), SKOPEO, "It pulls and pushes images."),
    "podman": Product("engine", podman, ("podman", "--version"), "https://podman.io", "It runs containers of images."),
}
USUAL = (
    "runsc",
    "crun",
    "runc",
    "docker-registry",
    "skopeo",
    "buildah-bud",
    "umoci-unpack",
    "oras-py",
    "skopeo-copy",
    "demo-bundle",
    "demo-layout",
    "buildah-layers",
    "umoci-repack",
    "runc-features",
)
"""A product of each kind but engines, those that take longest first; what is not here takes longer."""
