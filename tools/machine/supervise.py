"""Starts the machine, passes its output on, and ends it, whatever happens."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.machine import initramfs, share
from tools.machine.errors import LimitReachedError, MachineError, StoppedError
from tools.machine.packages import QEMU, VIRTIOFSD
from tools.machine.task import PORTS, Task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tools.machine.packages import Kernel

PR_SET_PDEATHSIG = 1
CHUNK = 1 << 16
CONSOLE_LINES = 30
SOCKET_PATIENCE = 10.0
"""Seconds in which virtiofsd has to offer its socket."""
PROCESSORS = 2
DISKS = 2
DISK_SIZE = 64 << 20
KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet loglevel=4 panic=-1 random.trust_cpu=on swapaccount=1 hugepagesz=2M hugepages=8 apparmor=1"
)
STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Limits:
    """How much of everything a machine may take."""

    boot: float
    """Seconds until the guest is ready."""
    run: float
    """Seconds that the command may take."""
    output: int
    """Bytes that the command may write to its standard output and standard error."""


@dataclass(frozen=True)
class Machine:
    """What the machine is built of."""

    kernel: Kernel
    accelerator: str
    """`kvm` or `tcg`."""
    memory: int
    """In MiB."""


def run(machine: Machine, task: Task, limits: Limits) -> int:
    """Boot, run the task, pass its output on to this process's; return its exit status.

    This process gets a mount namespace of its own. Raises MachineError (its kind LimitReachedError), and
    StoppedError if a signal asks for the end.
    """
    share.enter([Path(directory) for directory in task.keep])
    os.chdir("/")
    with (share.PLACE / "initramfs").open("wb") as output:
        output.write(share.inside(machine.kernel.initramfs).read_bytes())
        initramfs.write_task(output, task)
    for number in range(DISKS):
        with _disk(number).open("wb") as disk:
            disk.truncate(DISK_SIZE)
    with _signals(), contextlib.ExitStack() as stack:
        ours, theirs = {}, {}
        for port in PORTS:
            ours[port], theirs[port] = (stack.enter_context(end) for end in socket.socketpair())
        stack.enter_context(_process(virtiofsd_command(), []))
        _wait_for(_files_socket())
        numbers = {port: end.fileno() for port, end in theirs.items()}
        qemu = stack.enter_context(_process(qemu_command(machine, numbers), list(numbers.values())))
        for end in theirs.values():
            end.close()
        return _attend(ours, qemu, limits)


def virtiofsd_command() -> list[str]:
    """Return how the host's files are served."""
    options = f"source={share.TREE},cache=always,sandbox=chroot,no_posix_lock,no_flock"
    return [str(VIRTIOFSD), "--thread-pool-size=0", f"--socket-path={_files_socket()}", "-o", options]


def qemu_command(machine: Machine, ports: dict[str, int]) -> list[str]:
    """Return how the machine is started; `ports` are the descriptors of our serial ports, by name."""
    command = [QEMU, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "pc"]
    if machine.accelerator == "kvm":
        command += ["-accel", "kvm", "-cpu", "host"]
    else:
        command += ["-accel", "tcg,thread=multi", "-cpu", "max"]
    command += ["-smp", str(PROCESSORS), "-m", str(machine.memory)]
    for node in range(PROCESSORS):
        size = machine.memory // PROCESSORS
        command += ["-object", f"memory-backend-memfd,id=memory{node},size={size}M,share=on"]
        command += ["-numa", f"node,nodeid={node},cpus={node},memdev=memory{node}"]
    kernel = str(share.inside(machine.kernel.image))
    command += ["-kernel", kernel, "-initrd", str(share.PLACE / "initramfs"), "-append", KERNEL_ARGUMENTS]
    command += ["-chardev", f"file,id=console,path={share.PLACE / 'console'}", "-serial", "chardev:console"]
    command += ["-chardev", f"socket,id=files,path={_files_socket()}"]
    command += ["-device", "vhost-user-fs-pci,chardev=files,tag=host"]
    command += ["-device", "virtio-serial-pci"]
    for name, descriptor in ports.items():
        command += ["-chardev", f"socket,id={name},fd={descriptor}"]
        command += ["-device", f"virtserialport,chardev={name},name={name}"]
    for number in range(DISKS):
        command += ["-drive", f"file={_disk(number)},format=raw,if=virtio"]
    return command


def _files_socket() -> Path:
    return share.PLACE / "files.sock"


def _disk(number: int) -> Path:
    return share.PLACE / f"disk{number}"


def _attend(ports: dict[str, socket.socket], qemu: subprocess.Popen[bytes], limits: Limits) -> int:
    """Pass output on until the guest reports the command's exit status."""
    destination = {"output": sys.stdout.fileno(), "error": sys.stderr.fileno()}
    left = limits.output
    reports = b""
    ready = False
    status: int | None = None
    signal.setitimer(signal.ITIMER_REAL, limits.boot)
    with selectors.DefaultSelector() as selector:
        for name, end in ports.items():
            selector.register(end, selectors.EVENT_READ, name)
        try:
            while selector.get_map():
                for key, _ in selector.select():
                    content = ports[key.data].recv(CHUNK)
                    if not content:
                        selector.unregister(key.fileobj)
                    elif key.data == "report":
                        reports += content
                    else:
                        left -= len(content)
                        if left < 0:
                            raise LimitReachedError(f"the command wrote more than {limits.output} bytes")
                        _write_all(destination[key.data], content)
                *lines, reports = reports.split(b"\n")
                for report in map(json.loads, lines):
                    if "ready" in report:
                        ready = True
                        signal.setitimer(signal.ITIMER_REAL, limits.run)
                    else:
                        # All output has reached the sockets before: what is left of it is read to its end.
                        status = report["exit"]
                        qemu.kill()
        except _OutOfTimeError:
            if ready:
                raise LimitReachedError(f"the command did not end within {limits.run:g} s") from None
            raise MachineError(f"the guest is not ready after {limits.boot:g} s\n{_logs()}") from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    if status is None:
        when = "before the command did" if ready else "before it was ready"
        raise MachineError(f"the guest ended {when}\n{_logs()}")
    return status


class _OutOfTimeError(Exception):
    """The timer has gone off."""


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Within, signals that ask for the end raise StoppedError, the timer _OutOfTimeError; a broken pipe is an error."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGALRM:
            raise _OutOfTimeError
        raise StoppedError(number)

    before = {number: signal.signal(number, handle) for number in (*STOPPERS, signal.SIGALRM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _process(command: list[str], descriptors: list[int]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program that does not outlive this process, and end it."""
    libc = ctypes.CDLL(None)

    def die_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    log = share.PLACE / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=descriptors,
            preexec_fn=die_with_parent, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + SOCKET_PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            raise MachineError(f"virtiofsd does not serve this host's files\n{_logs()}")
        time.sleep(0.01)


def _write_all(descriptor: int, content: bytes) -> None:
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    except BrokenPipeError:
        raise StoppedError(signal.SIGPIPE) from None


def _logs() -> str:
    """Return the last lines of the guest's console, and what qemu and virtiofsd complained of."""
    files = [share.PLACE / "console", *sorted(share.PLACE.glob("*.log"))]
    lines = [f"{file.name}: {line}" for file in files if file.exists() for line in _last_lines(file)]
    return "\n".join(lines)


def _last_lines(file: Path) -> list[str]:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - CHUNK))
        return opened.read(CHUNK).decode(errors="replace").splitlines()[-CONSOLE_LINES:]
