"""What the machine is made of: Debian packages, and the guest's kernel, which is unpacked and never installed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.machine import initramfs
from tools.machine.errors import MachineError

QEMU = "qemu-system-x86_64"
VIRTIOFSD = Path("/usr/lib/qemu/virtiofsd")
BUSYBOX = Path("/bin/busybox")
KERNEL_PACKAGE = "linux-image-cloud-amd64"
PARSER_PACKAGE = "apparmor"
"""Has the program that loads AppArmor's profiles, which a host without AppArmor lacks. Unpacked like the kernel."""
INSTALL = ("apt-get", "--quiet", "--yes", "--no-install-recommends", "install")
APT_LIMIT, UNPACK_LIMIT = 300.0, 120.0


@dataclass(frozen=True)
class Kernel:
    """A kernel in the cache, with the part of the initramfs that every boot shares."""

    image: Path
    initramfs: Path
    config: Path


def default_cache() -> Path:
    """Return the directory that is used if none is named."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pytest-oci" / "machine"


def missing() -> list[str]:
    """Return the packages that have to be installed."""
    wanted = {"qemu-system-x86": shutil.which(QEMU) and VIRTIOFSD.exists(), "busybox-static": BUSYBOX.exists()}
    return [package for package, there in wanted.items() if not there]


def find(cache: Path) -> Kernel:
    """Return the kernel that `prepare` has put into the cache, the newest if there are several. Raises MachineError."""
    lacking = missing()
    if lacking:
        raise MachineError(f"packages are missing; install them: {' '.join(INSTALL)} {' '.join(lacking)}")
    kernels = sorted(cache.glob("*/vmlinuz"), key=lambda image: image.stat().st_mtime)
    for image in reversed(kernels):
        kernel = _kernel(image.parent)
        if kernel.initramfs.exists():
            return kernel
    raise MachineError(f"there is no kernel in {cache}; get one: python3 -m tools.machine prepare")


def prepare(cache: Path) -> Kernel:
    """Install what is missing and get the kernel, unless it is there. Needs root and Debian. Raises MachineError."""
    if platform.machine() != "x86_64" or not shutil.which("apt-get"):
        raise MachineError("the machine is made of Debian's packages for x86-64; this host has no apt-get for that")
    name, version = _kernel_package()
    lacking = missing()
    if lacking:
        _call([*INSTALL, *lacking], APT_LIMIT)
    cache.mkdir(parents=True, exist_ok=True)
    wanted = _kernel(cache / version)
    if not wanted.initramfs.exists():
        with tempfile.TemporaryDirectory(dir=cache, prefix="unpacking-") as directory:
            _unpack(name, Path(directory))
            ready = Path(directory) / "ready"
            if wanted.image.parent.exists():
                shutil.rmtree(wanted.image.parent)
            ready.rename(wanted.image.parent)
    return wanted


def _kernel(directory: Path) -> Kernel:
    base = directory / f"initramfs-{initramfs.recipe()}"
    return Kernel(directory / "vmlinuz", base, directory / "config")


def _kernel_package() -> tuple[str, str]:
    """Return name and version of the package that the kernel's metapackage stands for."""
    show = ["apt-cache", "show", "--no-all-versions", KERNEL_PACKAGE]
    for attempt in ("first", "second"):
        shown = subprocess.run(show, capture_output=True, text=True, timeout=APT_LIMIT, check=False).stdout
        found = re.search(r"^Depends:.*?(linux-image-[^ ,]+) \(= ([^ )]+)\)", shown, re.MULTILINE)
        if found:
            return found[1], found[2]
        if attempt == "first":
            _call(["apt-get", "--quiet", "update"], APT_LIMIT)
    raise MachineError(f"apt-cache knows no {KERNEL_PACKAGE}")


def _unpack(package: str, place: Path) -> None:
    """Download a kernel's package and the parser's, and make of it the directory `ready` in `place`."""
    download = ["apt-get", "--quiet", "-o", "APT::Sandbox::User=root", "download"]
    _call([*download, package, PARSER_PACKAGE], APT_LIMIT, place)
    tree = place / "tree"
    for archive in place.glob("*.deb"):
        _call(["dpkg-deb", "--extract", str(archive), str(tree)], UNPACK_LIMIT)
    ready = place / "ready"
    ready.mkdir()
    for name in ("vmlinuz", "config"):
        next((tree / "boot").glob(f"{name}-*")).rename(ready / name)
    kernel = _kernel(ready)
    with kernel.initramfs.open("wb") as output:
        initramfs.write_base(output, tree / "lib" / "modules", [BUSYBOX, tree / "sbin" / "apparmor_parser"])


def _call(command: list[str], limit: float, directory: Path | None = None) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        called = subprocess.run(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, timeout=limit, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as problem:
        raise MachineError(f"{' '.join(command)}: not done after {limit:.0f} s") from problem
    if called.returncode != 0:
        raise MachineError(f"{' '.join(command)}: exit status {called.returncode}\n{called.stdout}")
