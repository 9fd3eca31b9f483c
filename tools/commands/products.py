"""The commands, as a vendor would give them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "PYTHON"
"""In a template: the Python that has pytest-oci."""


@dataclass(frozen=True)
class Product:
    """One command. `name` is what docs/field-results.md calls it, `option` and `template` how it is given.

    It takes `programs` on PATH and `modules` that the Python can import.
    """

    name: str
    option: str
    template: str
    programs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """A directory's name for its records."""
        return self.name.replace(" --", "-").replace(" ", "-")

    def given(self, python: str) -> str:
        """The option with its value."""
        return f"--oci-{self.option}={self.template.replace(PYTHON, shlex.quote(python))}"


BUILDAH = (
    "buildah --root={storage}/root --runroot={storage}/run --storage-driver=vfs bud --isolation=chroot --layers "
    "--build-arg=BASE=oci:{base}/immediate:latest --build-arg=EARLIER=oci:{base}/earlier:latest "
    "--tag=oci:{layout}:{ref} --file={file} {context}"
)
PODMAN = f"{shlex.quote(str(HERE / 'podman-build'))} {{context}} {{file}} {{layout}} {{ref}} {{base}} {{storage}}"
ORAS = f"{PYTHON} {shlex.quote(str(HERE / 'oras_push.py'))} {{file}} {{type}} {{media}} {{layout}} {{ref}}"
COPY = "oci:{source}:{ref} oci:{target}:{ref}"
PRODUCTS = (
    Product("podman build", "builder", PODMAN, ("podman", "runc")),
    Product("umoci unpack", "converter", "umoci unpack --image {layout}:{ref} {bundle}", ("umoci",)),
    Product("umoci raw unpack", "converter", "umoci raw unpack --image {layout}:{ref} {rootfs}", ("umoci",)),
    Product("buildah bud", "builder", BUILDAH, ("buildah", "runc")),
    Product("skopeo copy", "copier", f"skopeo --insecure-policy copy --all {COPY}", ("skopeo",)),
    Product(
        "skopeo copy --preserve-digests",
        "copier",
        f"skopeo --insecure-policy copy --all --preserve-digests {COPY}",
        ("skopeo",),
    ),
    Product("oras-py push", "artifact-tool", ORAS, modules=("oras",)),
)
"""Those that take longest come first."""
