"""The guest's first file system: busybox, kernel modules, and the guest's own program with its task."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tools.machine import cpio
from tools.machine.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.machine.task import Task

MODULES = (
    "virtio_pci",
    "virtio_console",
    "virtio_blk",
    "virtiofs",
    "overlay",
    "loop",
    "bfq",
    "veth",
    "dummy",
    "bridge",
    "cls_cgroup",
)
"""Kernel modules that are loaded, with those that they depend on, in this order: nothing else loads any later."""

PROGRAMS = "machine/sbin"
"""Where programs lie that the host may lack."""

HERE = Path(__file__).resolve().parent
GUEST_PROGRAM = ("__init__.py", "cgroup_view.py", "machine/__init__.py", "machine/guest.py", "machine/task.py")
GUEST_MAIN = b"from tools.machine.guest import main\n\nmain()\n"


def recipe() -> str:
    """Return a short name for what `write_base` would write, but for the versions of the packages."""
    return hashlib.sha256("\n".join((*MODULES, PROGRAMS)).encode()).hexdigest()[:8]


def write_base(output: IO[bytes], modules: Path, programs: Iterable[Path]) -> None:
    """Write the part that depends on the kernel alone; `modules` holds those of the kernel. Raises MachineError."""
    found = {_module_name(path): path for path in modules.rglob("*.ko")}
    contents = {name: path.read_bytes() for name, path in _with_dependencies(MODULES, found)}
    archive = cpio.Writer(output)
    archive.character_device("dev/console", 5, 1)
    for program in programs:
        directory = "bin" if program.name == "busybox" else PROGRAMS
        archive.file(f"{directory}/{program.name}", program.read_bytes(), executable=True)
    for name, content in contents.items():
        archive.file(f"modules/{name}", content)
    archive.file("modules/order", "".join(f"{name}\n" for name in contents).encode())
    archive.close()


def write_task(output: IO[bytes], task: Task) -> None:
    """Write the part that depends on the task: its data and the programs that read it."""
    archive = cpio.Writer(output)
    archive.file("init", (HERE / "init.sh").read_bytes(), executable=True)
    archive.file("machine/python", f"{sys.executable}\n".encode())
    archive.file("machine/task.json", task.dump())
    archive.file("machine/guest/__main__.py", GUEST_MAIN)
    for name in GUEST_PROGRAM:
        archive.file(f"machine/guest/tools/{name}", (HERE.parent / name).read_bytes())
    archive.close()


def dependencies(module: bytes) -> list[str]:
    """Return the names of the modules that a module says it needs."""
    said = re.search(rb"\0depends=([^\0]*)\0", module)
    return [_normal(name) for name in said[1].decode("ascii").split(",") if name] if said else []


def _with_dependencies(wanted: Iterable[str], found: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Yield name and file of each module, those that it needs before it, none twice."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, Path]]:
        if name in seen:
            return
        seen.add(name)
        if name not in found:
            raise MachineError(f"the kernel's package has no module {name}")
        for needed in dependencies(found[name].read_bytes()):
            yield from visit(needed)
        yield name, found[name]

    for name in wanted:
        yield from visit(name)


def _module_name(path: Path) -> str:
    return _normal(path.stem)


def _normal(name: str) -> str:
    return name.replace("-", "_")
