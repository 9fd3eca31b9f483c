"""Finding engines: each that cannot be used says so in one line. The clients are scripts."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_oci.targets.engine.engine import open_engine, real_runtime
from pytest_oci.targets.engine.recorder import write_recorder
from pytest_oci.targets.engine.templates import parse_templates
from pytest_oci.targets.runtime import TargetError
from pytest_oci.targets.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

with_library = pytest.mark.skipif(find_spec("python_on_whales") is None, reason="without the extra `engines`")
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"
NOT_ALLOWED = "dial unix /run/containerd/containerd.sock: connect: permission denied"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Put a script on an otherwise empty PATH."""
    directory = tmp_path / "programs"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))

    def put(name: str, script: str) -> Path:
        path = directory / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return put


def refusal(name: str, tmp_path: Path, **templates: str) -> str:
    """What is said of an engine."""
    with pytest.raises(TargetError) as raised:
        open_engine(name, templates, tmp_path, 20.0)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@with_library
@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("name", ["docker", "podman", "ctr"])
def test_engine_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert refusal(name, tmp_path) == f"no engine '{name}' on PATH: install it or give its path"


@with_library
def test_daemon_that_does_not_run(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    program("docker", f"echo '{NO_DAEMON}' >&2; exit 1")
    assert refusal("docker", tmp_path) == f"docker does not answer (is its daemon running?): {NO_DAEMON}"


def test_daemon_that_this_user_may_not_use(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    program("ctr", f"echo noise >&2; echo '{NOT_ALLOWED}' >&2; exit 1")
    assert refusal("ctr", tmp_path) == f"ctr may not be used by this user: {NOT_ALLOWED}"


@with_library
def test_daemon_without_the_recorder(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    program("docker", "echo 20.10")
    assert "docker has no runtime pytest-oci: `pytest-oci recorder DIR` makes it" in refusal("docker", tmp_path)


@with_library
def test_daemon_with_the_recorder(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    recorder = write_recorder(tmp_path / "home", Path("/real"))
    program("docker", f"echo 20.10; echo {recorder.program}")
    given = open_engine("docker", {}, tmp_path, 20.0)

    assert given.recorder(tmp_path / "elsewhere") == recorder
    assert given.identity()["version"] == "docker 20.10"


@with_library
def test_podman_is_given_a_recorder_of_its_runtime(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    program("podman", "echo 4.3; echo /usr/bin/real")
    given = open_engine("podman", {}, tmp_path, 20.0)

    assert "exec /usr/bin/real " in given.recorder(tmp_path / "home").program.read_text()
    assert given.identity()["declared"]


def test_unknown_engines_need_templates(tmp_path: Path) -> None:
    assert refusal("mine", tmp_path).startswith("'mine' is none of docker, podman, ctr: say with --oci-engine-load")
    assert refusal("mine", tmp_path, run="mine {recorder} {image} {id}") == (
        "--oci-engine=mine: say with --oci-engine-load what it takes"
    )


def test_templates_are_checked() -> None:
    for given, said in (
        ({"load": "x {archive}", "run": "x {image} {id}"}, "--oci-engine-run: "),
        ({"load": "x {nothing}", "run": "x"}, "--oci-engine-load: "),
    ):
        with pytest.raises(TemplateError, match=f"^{said}"):
            parse_templates("mine", given)
    assert parse_templates("ctr", {"remove": "x {id}"}).removing[-1].words == ("x", "{id}")


def test_recorders_need_a_runtime(program: Callable[[str, str], Path]) -> None:
    with pytest.raises(TargetError, match=r"^no runtime on PATH for the recorder to run: install runc or crun$"):
        real_runtime()
    found = program("crun", "exit 0")
    assert real_runtime() == found
