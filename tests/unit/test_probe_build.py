"""The probe's build: every architecture, the same bytes wherever it is done."""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pytest_oci.fixtures.probe import build

TIMEOUT_S = 20
ENVIRONMENT = {"A": "1", "B": "x y"}

# By ELF machine number: what a file says it is for.
MACHINES = {"x86_64": 62, "aarch64": 183, "riscv64": 243, "ppc64le": 21, "s390x": 22, "armv7": 40}
EMULATORS = {name: f"qemu-{'arm' if name == 'armv7' else name}-static" for name in MACHINES}


# For what is done twice: one of each word size and byte order.
SAMPLE = ("x86_64", "s390x", "armv7")


def _copied_build(directory: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Builds from a copy of the sources, by the command line, with another name, time and environment."""
    shutil.copytree(build.SOURCES, directory / "src")
    shutil.copy(build.HERE / "build.py", directory)
    for path in (directory / "src").iterdir():
        os.utime(path, (0, len(directory.name)))
    subprocess.run(
        [sys.executable, "build.py", "--out", directory / "out", *(f"--arch={name}" for name in names)],
        cwd=directory,
        env=os.environ | {"USER": directory.name},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {path.name.removeprefix("probe-"): path.read_bytes() for path in (directory / "out").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return _copied_build(tmp_path_factory.mktemp("first"), [])


def test_every_architecture_builds(built):
    assert set(built) == set(build.ARCHITECTURES) == set(MACHINES)


def test_the_same_bytes_in_another_directory(built, tmp_path_factory):
    again = _copied_build(tmp_path_factory.mktemp("a-longer-name-elsewhere"), SAMPLE)
    assert [name for name in SAMPLE if built[name] != again[name]] == []


def test_nothing_of_the_build_is_in_the_file(built):
    for name, content in built.items():
        assert b"/home" not in content, name
        assert os.fsencode(build.HERE) not in content, name
        assert b"build.py" not in content, name
        assert b".note.gnu.build-id" not in content, name


@pytest.mark.parametrize("name", MACHINES)
def test_the_file_is_a_small_static_executable(built, name):
    content = built[name]
    order = ">" if content[5] == 2 else "<"
    wide = content[4] == 2
    kind, machine = struct.unpack_from(order + "HH", content, 16)
    assert (kind, machine) == (2, MACHINES[name])
    start = struct.unpack_from(order + ("Q" if wide else "I"), content, 32 if wide else 28)[0]
    size, count = struct.unpack_from(order + "HH", content, 54 if wide else 42)
    types = [struct.unpack_from(order + "I", content, start + index * size)[0] for index in range(count)]
    assert 1 in types
    assert not {2, 3} & set(types), "neither dynamically linked nor interpreted"
    assert len(content) < 64 * 1024


@pytest.mark.parametrize("name", MACHINES)
def test_it_runs(built, name, tmp_path):
    (tmp_path / "probe").write_bytes(built[name])
    (tmp_path / "probe").chmod(0o755)
    (tmp_path / "file").write_bytes(b"abc")
    command: list[str | Path] = [tmp_path / "probe"]
    if name != build.architecture():
        emulator = shutil.which(EMULATORS[name])
        if emulator is None:
            pytest.skip(f"{name} was built but not run: {EMULATORS[name]} is not installed (Debian: qemu-user-static)")
        command.insert(0, Path(emulator))
    verbs = (
        "sequence all -- fork exit 7 -- syscall getcwd b: 4096 -- statfs / -- stat file -- read file -- ls ."
        " -- sleep 2 -- spawn /none -- open file rdonly,directory -- children 2 -- alloc 512 -- mark log text"
        " -- wait file 10 -- net"
    )
    command += verbs.split()
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    every, fork, getcwd, statfs, status, content, names, sleep, spawn, opened, *others = answers
    children, alloc, mark, wait, net = others
    host = os.statvfs("/")
    assert every["uid"] == list(os.getresuid())
    assert every["cwd"] == str(tmp_path)
    assert every["sched"]["cpus"] == sorted(os.sched_getaffinity(0))
    assert every["groups"] == os.getgroups()
    assert sorted(every["env"]) == ["A=1", "B=x y"]
    assert os.waitstatus_to_exitcode(fork["status"]) == 7
    assert getcwd["buffer"] == f"{tmp_path}\0"
    assert (statfs["bsize"], statfs["blocks"]) == (host.f_bsize, host.f_blocks)
    assert (status["size"], status["uid"], status["ino"]) == (
        3,
        os.getuid(),
        (tmp_path / "file").stat().st_ino,
    )
    assert content == {"data": "abc"}
    assert set(names["names"]) == {".", "..", "probe", "file"}
    assert (sleep["rc"], spawn["exec"], opened["rc"]) == (0, -2, -20)
    assert (children, alloc, mark, wait["came"]) == ({"rc": 0, "started": 2}, {"rc": 0}, {"rc": 0}, True)
    assert sorted(link["name"] for link in net["links"]) == sorted(name for _, name in socket.if_nameindex())
    assert json.loads((tmp_path / "log").read_text())["text"] == "text"


@pytest.mark.parametrize("name", MACHINES)
def test_signals_are_handled(built, name, tmp_path):
    (tmp_path / "probe").write_bytes(built[name])
    (tmp_path / "probe").chmod(0o755)
    emulator = [] if name == build.architecture() else [shutil.which(EMULATORS[name]) or ""]
    if "" in emulator:
        pytest.skip(f"{name} was built but not run: {EMULATORS[name]} is not installed (Debian: qemu-user-static)")
    (tmp_path / "log.stop").touch()
    verbs = ["fork", "fork", "signals-log", tmp_path / "log"]
    done = subprocess.run([*emulator, tmp_path / "probe", *verbs], capture_output=True, timeout=TIMEOUT_S)
    assert json.loads(done.stdout)["result"]["result"] == {"rc": 0, "stopped": True}
    assert (tmp_path / "log").read_text() == "ready\n"


def test_names_of_machines():
    assert build.architecture("arm64") == "aarch64"
    assert build.architecture("armv7l") == "armv7"
    assert build.architecture("AMD64") == "x86_64"
    with pytest.raises(build.BuildError, match="no architecture 'vax'; it knows x86_64"):
        build.architecture("vax")


def test_failures_say_what_to_do(monkeypatch, tmp_path, capsys):
    with pytest.raises(build.BuildError, match="no architecture 'vax'"):
        build.build(["vax"], tmp_path)
    other = next(name for name in MACHINES if name != build.architecture())
    assert build.main(["--compiler", "cc", "--arch", other, "--out", str(tmp_path)]) == 1
    assert "pip install ziglang" in capsys.readouterr().err
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    (tmp_path / "broken.c").write_text("nonsense")
    with pytest.raises(build.BuildError, match=r"building the probe for .* failed:\n.*broken\.c"):
        build.build([build.architecture()], tmp_path / "out")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_host_compiler_does_as_well(tmp_path):
    [path] = build.build(out=tmp_path, compiler="cc")
    done = subprocess.run([path, "cwd"], cwd="/", capture_output=True, check=True, timeout=TIMEOUT_S)
    assert json.loads(done.stdout) == {"cwd": "/"}
