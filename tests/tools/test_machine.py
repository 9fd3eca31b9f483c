"""The machine: what it is told, what it is made of, and that it keeps its promises in both modes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.machine import cli, cpio, guest, initramfs, packages, supervise
from tools.machine.errors import MachineError
from tools.machine.task import Task

CHECKOUT = Path(cli.__file__).resolve().parents[2]
NASTY = ["", "a  b", "it's", '"$HOME"', "new\nline", "umlaut-ü", "byte-\udcff"]
BOOT = 120.0
"""Seconds that one machine may take on a busy host; a quiet one takes less than ten."""


def machine_is_prepared() -> bool:
    """Whether this host can start a machine right away."""
    if os.geteuid() != 0:
        return False
    try:
        packages.find(packages.default_cache())
        for path in (CHECKOUT, Path(sys.executable)):
            cli.check_seen(path, "the path", [])
    except MachineError:
        return False
    return True


MACHINE = pytest.mark.skipif(
    not machine_is_prepared(),
    reason="no machine here: as root, python3 -m tools.machine prepare, with checkout and Python outside of /tmp",
)


def in_machine(mode: str, *arguments: str, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    """Call the program and return how it ended."""
    argv = [sys.executable, "-m", "tools.machine", mode, *arguments]
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, timeout=BOOT)


def task(**changed: object) -> Task:
    """A task that asks for little."""
    told: dict[str, object] = {
        "mode": "v2",
        "argv": ["true"],
        "cwd": "/",
        "environment": {},
        "keep": [],
        "hostname": "h",
    }
    return Task(**(told | changed))  # type: ignore[arg-type]


def entries(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a newc archive by its definition: mode and content of each entry, by name."""
    found: dict[str, tuple[int, bytes]] = {}
    place = 0
    while True:
        assert archive[place : place + 6] == b"070701"
        fields = [int(archive[place + 6 + 8 * n : place + 14 + 8 * n], 16) for n in range(13)]
        name_end = place + 110 + fields[11]
        name = archive[place + 110 : name_end - 1].decode()
        content = name_end + -name_end % 4
        if name == "TRAILER!!!":
            return found
        assert name not in found
        found[name] = (fields[1], archive[content : content + fields[6]])
        place = content + fields[6] + -fields[6] % 4


def test_archive_holds_parents_before_files() -> None:
    output = io.BytesIO()
    writer = cpio.Writer(output)
    writer.file("a/b/program", b"12345", executable=True)
    writer.file("a/data", b"")
    writer.character_device("dev/console", 5, 1)
    writer.close()
    assert len(output.getvalue()) % 4 == 0
    assert list(entries(output.getvalue()).items()) == [
        ("a", (0o40755, b"")),
        ("a/b", (0o40755, b"")),
        ("a/b/program", (0o100755, b"12345")),
        ("a/data", (0o100644, b"")),
        ("dev", (0o40755, b"")),
        ("dev/console", (0o20600, b"")),
    ]


def test_task_survives_as_it_is() -> None:
    told = task(argv=NASTY, environment={"NAME": "byte-\udcff"}, cwd="/a b")
    output = io.BytesIO()
    initramfs.write_task(output, told)
    held = entries(output.getvalue())
    assert Task.load(held["machine/task.json"][1]) == told
    assert held["machine/guest/tools/machine/guest.py"][1] == Path(guest.__file__).read_bytes()


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        (b"\x7fELF\0name=a\0depends=b-c,d\0", ["b_c", "d"]),
        (b"\x7fELF\0depends=\0", []),
        (b"\x7fELF", []),
    ],
    ids=["two", "none", "nothing-said"],
)
def test_dependencies_of_a_module(module: bytes, needed: list[str]) -> None:
    assert initramfs.dependencies(module) == needed


def test_modules_stand_after_those_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, needs in (("top", b"mid-dle,low"), ("mid-dle", b"low"), ("low", b"")):
        (tmp_path / f"{name}.ko").write_bytes(b"\0depends=" + needs + b"\0")
    monkeypatch.setattr(initramfs, "MODULES", ("top", "low"))
    output = io.BytesIO()
    initramfs.write_base(output, tmp_path, [])
    assert entries(output.getvalue())["modules/order"][1] == b"low\nmid_dle\ntop\n"


def test_absent_module_is_said(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="has no module virtio_pci"):
        initramfs.write_base(io.BytesIO(), tmp_path, [])


def test_command_is_taken_as_it_is() -> None:
    options = cli.parse(["v1", "--keep", "a", "--keep", "b", "--limit", "5", "--", "program", "--keep", "-x", "a b"])
    assert (options.action, options.command) == ("v1", ["program", "--keep", "-x", "a b"])
    assert (options.keep, options.limit) == ([Path("a"), Path("b")], 5.0)


@pytest.mark.parametrize("arguments", [[], ["v3", "--", "true"], ["v2"]])
def test_wrong_usage_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.parse(arguments)
    assert capsys.readouterr().err.startswith("usage:")


def test_environment_is_chosen() -> None:
    ours = {"PATH": "/bin", "SECRET": "s", "GIVEN": "g"}
    assert cli.environment(["GIVEN", "ABSENT", "NEW=a=b", "EMPTY="], ours) == {
        "PATH": "/bin",
        "GIVEN": "g",
        "NEW": "a=b",
        "EMPTY": "",
    }


def test_directory_that_the_guest_does_not_see_is_said() -> None:
    with pytest.raises(MachineError, match="does not see the directory /tmp/a"):
        cli.check_seen(Path("/tmp/a"), "the directory", [Path("/tmp/b")])
    cli.check_seen(Path("/tmp/a"), "the directory", [Path("/tmp")])
    cli.check_seen(Path("/tmp"), "the directory", [])
    cli.check_seen(Path("/tmpfiles/a"), "the directory", [])


def test_absent_kernel_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", list)
    with pytest.raises(MachineError, match=r"there is no kernel .* python3 -m tools\.machine prepare"):
        packages.find(tmp_path)


def test_missing_packages_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda: ["one", "two"])
    with pytest.raises(MachineError, match="apt-get --quiet --yes --no-install-recommends install one two"):
        packages.find(tmp_path)


def test_memory_is_that_of_both_nodes(tmp_path: Path) -> None:
    kernel = packages.Kernel(tmp_path / "vmlinuz", tmp_path / "initramfs", tmp_path / "config")
    command = supervise.qemu_command(supervise.Machine(kernel, "tcg", 1025), {"report": 9})
    assert command[command.index("-m") + 1] == "1024"
    assert sum(word.startswith("memory-backend-memfd") and "size=512M" in word for word in command) == 2


PROMISES = {
    "v2": """
        test "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs
        for name in cpuset cpu io memory hugetlb pids rdma misc; do
            grep -qw $name /sys/fs/cgroup/cgroup.subtree_control
        done
        ! grep -q ' cgroup ' /proc/mounts
    """,
    "v1": """
        for name in blkio cpu cpuacct cpuset devices freezer hugetlb memory net_cls net_prio perf_event pids rdma; do
            test -e /sys/fs/cgroup/$name/tasks
        done
        grep -q 'name=systemd' /proc/self/cgroup
        ! grep -q cgroup2 /proc/mounts
    """,
}
COMMON_PROMISES = """
    test -d /sys/devices/system/node/node1
    test "$(nproc)" = 2
    test "$(cat /proc/sys/vm/nr_hugepages)" = 8
    grep -q '\\[bfq\\]' /sys/block/vda/queue/scheduler
    test -d /sys/class/net/dummy0
    grep -q apparmor /sys/kernel/security/lsm
    echo 'profile machine-test {}' | /usr/sbin/apparmor_parser --config-file /dev/null --add --skip-cache
    grep -q '^machine-test ' /sys/kernel/security/apparmor/profiles
    test "$(wc -l </proc/swaps)" = 1
    touch /tmp/a /run/a /dev/shm/a /etc/written-in-the-machine
"""


@MACHINE
@pytest.mark.parametrize("mode", ["v1", "v2"])
def test_machine_keeps_its_promises(mode: str, tmp_path: Path) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    kept = tmp_path / "kept"
    script = f"""set -e
        echo to-output; echo to-error >&2
        {PROMISES[mode]}
        {COMMON_PROMISES}
        printf '%s\\0' "$@" >{kept}/arguments
        exec sh -c 'kill -TERM $$'
    """
    ended = in_machine(mode, "--keep", str(kept), "--limit", "60", "--", "sh", "-c", script, "sh", *NASTY)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + signal.SIGTERM, "to-output\n", "to-error\n")
    assert (kept / "arguments").read_bytes() == b"".join(os.fsencode(word) + b"\0" for word in NASTY)
    assert not Path("/etc/written-in-the-machine").exists()
    assert Path("/proc/self/mountinfo").read_text() == before


@MACHINE
def test_boot_limit_ends_it_all() -> None:
    ended = in_machine("v2", "--boot-limit", "0.5", "--", "true")
    assert ended.returncode == cli.NO_MACHINE
    assert ended.stderr.startswith("machine: the guest is not ready after 0.5 s\n")


def children(process: int) -> set[int]:
    """Process ids of a process's children."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z" and int(fields[1]) == process:
            found.add(int(status.parent.name))
    return found


@MACHINE
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_program(number: signal.Signals) -> None:
    argv = [sys.executable, "-m", "tools.machine", "v2", "--", "sleep", "600"]
    program = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while len(started := children(program.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    program.send_signal(number)
    expected = -number if number == signal.SIGKILL else 128 + number
    assert program.wait(timeout=20) == expected
    assert len(started) == 2
    while alive(started) and time.monotonic() < deadline + 20:
        time.sleep(0.05)
    assert not alive(started)


def alive(processes: set[int]) -> set[int]:
    """Those of the processes that run."""
    found = set()
    for process in processes:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z":
                found.add(process)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
