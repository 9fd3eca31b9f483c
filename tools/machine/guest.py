"""Process 1 of the guest: arranges the machine, runs the command, reports its exit status.

It ends by an uncaught exception if anything cannot be arranged: the kernel then panics, and the host shows the
console's last lines.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cgroup_view import CGROUP_ROOT, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_REC, mount
from tools.machine.task import PORTS, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

MACHINE = Path("/run/machine")
NOT_EXECUTABLE, NOT_FOUND = 126, 127
CHUNK = 1 << 16
KERNEL_MOUNT = MS_NOSUID | MS_NODEV | MS_NOEXEC
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


def mount_file_systems() -> None:
    """Mount what every Linux system has, over the host's directories of the same names."""
    mount("sysfs", Path("/sys"), "sysfs", KERNEL_MOUNT)
    mount("securityfs", Path("/sys/kernel/security"), "securityfs", KERNEL_MOUNT)
    for name, target in DEVICE_LINKS.items():
        Path("/dev", name).symlink_to(target)
    for name in ("pts", "shm", "mqueue", "hugepages"):
        Path("/dev", name).mkdir()
    mount("devpts", Path("/dev/pts"), "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666")
    mount("shm", Path("/dev/shm"), "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")  # noqa: S108
    mount("mqueue", Path("/dev/mqueue"), "mqueue", KERNEL_MOUNT)
    mount("hugetlbfs", Path("/dev/hugepages"), "hugetlbfs", MS_NOSUID | MS_NODEV)
    mount("tmp", Path("/tmp"), "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=75%")  # noqa: S108


def v1_controllers() -> list[str]:
    """Return the names of the controllers that the kernel has enabled."""
    rows = [line.split() for line in Path("/proc/cgroups").read_text(encoding="ascii").splitlines()[1:]]
    return [name for name, _hierarchy, _groups, enabled in rows if enabled == "1"]


def mount_cgroups(mode: str) -> None:
    """Mount the cgroup file systems of one version: each v1 controller by itself, or all of v2 delegated."""
    if mode == "v2":
        mount("cgroup2", CGROUP_ROOT, "cgroup2", KERNEL_MOUNT, "nsdelegate")
        controllers = (CGROUP_ROOT / "cgroup.controllers").read_text(encoding="ascii").split()
        enable = " ".join(f"+{controller}" for controller in controllers)
        (CGROUP_ROOT / "cgroup.subtree_control").write_text(enable, encoding="ascii")
        return
    mount("tmpfs", CGROUP_ROOT, "tmpfs", KERNEL_MOUNT, "mode=755")
    options = {name: name for name in v1_controllers()} | {"systemd": "none,name=systemd"}
    for name, data in options.items():
        (CGROUP_ROOT / name).mkdir()
        mount("cgroup", CGROUP_ROOT / name, "cgroup", KERNEL_MOUNT, data)


def show_kept(directories: list[str]) -> None:
    """Put the host's own directories, which may be written, over the layer of memory."""
    for directory in directories:
        here = Path(directory)
        here.mkdir(parents=True, exist_ok=True)
        mount(str(MACHINE / "host" / directory.lstrip("/")), here, None, MS_BIND | MS_REC)


def add_programs() -> None:
    """Add programs that come with the machine where the host lacks them."""
    for program in (MACHINE / "sbin").iterdir():
        if not shutil.which(program.name, path="/usr/sbin:/sbin:/usr/bin:/bin"):
            Path("/usr/sbin", program.name).symlink_to(program)


def schedule_disks() -> None:
    """Have the disks scheduled by BFQ, which knows the weights of cgroups."""
    for scheduler in Path("/sys/block").glob("vd*/queue/scheduler"):
        scheduler.write_text("bfq", encoding="ascii")


def ports() -> dict[str, int]:
    """Open the serial ports that lead to the host; return their descriptors by name."""
    opened = {}
    for name_file in Path("/sys/class/virtio-ports").glob("*/name"):
        name = name_file.read_text(encoding="ascii").strip()
        if name in PORTS:
            opened[name] = os.open(Path("/dev", name_file.parent.name), os.O_WRONLY | os.O_CLOEXEC)
    return opened


def write_all(descriptor: int, content: bytes) -> None:
    """Write until all is written."""
    while content:
        content = content[os.write(descriptor, content) :]


def become(task: Task, output: int, error: int) -> None:
    """Turn this process, a child, into the command. Does not return."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, output, error)):
        os.dup2(descriptor, number)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    status = NOT_EXECUTABLE
    try:
        os.chdir(task.cwd)
        os.execvpe(task.argv[0], task.argv, task.environment)
    except OSError as problem:
        status = NOT_FOUND if isinstance(problem, FileNotFoundError | NotADirectoryError) else NOT_EXECUTABLE
        what = problem.filename or task.argv[0]
        os.write(2, os.fsencode(f"machine: cannot start {task.argv[0]}: {what}: {problem.strerror}\n"))
    os._exit(status)


def ended_children() -> Iterator[tuple[int, int]]:
    """Reap: yield process id and wait status of each child that has ended."""
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not process:
            return
        yield process, status


def run(task: Task, output_port: int, error_port: int) -> int:
    """Run the command, pass its output on, reap whatever ends; return its exit status, 128+n for signal n."""
    output, output_end = os.pipe()
    error, error_end = os.pipe()
    bell, bell_end = os.pipe()
    os.set_blocking(bell_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(bell_end, warn_on_full_buffer=False)
    command = os.fork()
    if not command:
        become(task, output_end, error_end)
    os.close(output_end)
    os.close(error_end)
    status: int | None = None
    destination = {output: output_port, error: error_port}
    with selectors.DefaultSelector() as selector:
        for readable in (output, error, bell):
            os.set_blocking(readable, False)
            selector.register(readable, selectors.EVENT_READ)
        while True:
            # Once the command has ended, only what lies in the pipes is passed on: others may hold them open.
            ready = [key.fd for key, _ in selector.select(None if status is None else 0)]
            if status is not None and not set(ready) & destination.keys():
                return status
            for descriptor in ready:
                content = os.read(descriptor, CHUNK)
                if descriptor == bell:
                    status = next((wait for child, wait in ended_children() if child == command), status)
                elif content:
                    write_all(destination[descriptor], content)
                else:
                    selector.unregister(descriptor)


def main() -> None:
    """Arrange everything, run the command, report, and wait for the host to end this machine."""
    task = Task.load((MACHINE / "task.json").read_bytes())
    socket.sethostname(task.hostname)
    mount_file_systems()
    mount_cgroups(task.mode)
    add_programs()
    schedule_disks()
    show_kept(task.keep)
    opened = ports()
    write_all(opened["report"], b'{"ready": true}\n')
    status = run(task, opened["output"], opened["error"])
    exit_status = os.waitstatus_to_exitcode(status)
    exit_status = 128 - exit_status if exit_status < 0 else exit_status
    write_all(opened["report"], json.dumps({"exit": exit_status}).encode() + b"\n")
    sys.stdout.flush()
    while True:
        signal.pause()
