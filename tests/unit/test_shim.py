"""A shim takes the command line of a runtime apart, and ends as the real one does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.mutants.registry import all_mutants, module_of, summaries
from pytest_oci.fixtures.mutants.shim import Invocation, drops, parse, write_shim

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("--root /s state c1", {"operation": "state", "id": "c1"}, id="state"),
        pytest.param(
            "--root /s create --bundle /b --pid-file /p c1",
            {"operation": "create", "id": "c1", "values": {"bundle": "/b", "pid_file": "/p"}},
            id="create",
        ),
        pytest.param(
            "create -bundle /b -console-socket /c c1",
            {"operation": "create", "id": "c1", "values": {"bundle": "/b", "console_socket": "/c"}},
            id="one-dash",
        ),
        pytest.param("kill c1 TERM", {"operation": "kill", "id": "c1", "signal": "TERM"}, id="kill"),
        pytest.param("delete --force c1", {"operation": "delete", "id": "c1", "forced": True}, id="force"),
        pytest.param("delete -force c1", {"operation": "delete", "id": "c1", "forced": True}, id="force-one-dash"),
        pytest.param("start", {"operation": "start", "id": ""}, id="no-id"),
        pytest.param("--version", {"operation": ""}, id="no-operation"),
        pytest.param("", {"operation": ""}, id="nothing"),
    ],
)
def test_a_command_line_is_taken_apart(tmp_path: Path, line: str, expected: dict[str, Any]) -> None:
    """The words themselves are kept for the real runtime."""
    call = parse("/bin/runtime", line.split(), tmp_path)

    assert call.words == tuple(line.split())
    assert {name: getattr(call, name) for name in expected} == expected
    assert call.forced is expected.get("forced", False)


def test_another_operation_is_spelled_alike(tmp_path: Path) -> None:
    """With the same global words before it."""
    call = parse("x", ["--root", "/s", "kill", "c1", "TERM"], tmp_path)

    assert call.other("state") == ["--root", "/s", "state", "c1"]
    assert call.other("kill", "KILL") == ["--root", "/s", "kill", "c1", "KILL"]


def test_every_mutant_is_described() -> None:
    """Its id is a file name, it breaks something or others stand on it, and it says what it does wrong."""
    bases = {getattr(mutant, "base", "") for mutant in all_mutants().values()}
    for identifier, mutant in all_mutants().items():
        assert identifier.replace("-", "").replace(".", "").isalnum(), identifier
        assert mutant.clauses or identifier in bases, identifier
        assert summaries()[identifier], identifier


REAL = """#!/bin/sh
case "$*" in
*create*) cat "$3/config.json";;
*start*) kill -TERM $$;;
*state*) exit 9;;
*) echo "real $*"; exit 3;;
esac
"""


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    """The mutant that drops the hostname, before a runtime that tells what it got."""
    real = tmp_path / "real"
    real.write_text(REAL)
    real.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"hostname": "h", "root": {"path": "r"}}))
    write_shim(tmp_path / "shim", module_of("hostname-ignored"), "hostname-ignored", str(real))
    return tmp_path / "shim"


def call(shim: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(shim), *words], capture_output=True, text=True, timeout=10, check=False)


def test_a_mutant_breaks_one_thing(shim: Path) -> None:
    """The real runtime sees the changed config.json, and the bundle is as before afterwards."""
    done = call(shim, "create", "--bundle", str(shim.parent), "c1")

    assert json.loads(done.stdout) == {"root": {"path": "r"}}
    assert json.loads((shim.parent / "config.json").read_text())["hostname"] == "h"


def test_a_mutant_otherwise_is_the_real_runtime(shim: Path) -> None:
    """Output, exit status, death by signal: all as the real one's."""
    plain = call(shim, "--version")

    assert (plain.stdout, plain.returncode) == ("real --version\n", 3)
    assert call(shim, "start", "c1").returncode == -signal.SIGTERM
    assert call(shim, "state", "c1").returncode == 9


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"linux": 5}'])
def test_a_config_that_cannot_be_edited_reaches_the_real_runtime(shim: Path, text: str) -> None:
    """What is wrong with it is the real one's to say."""
    (shim.parent / "config.json").write_text(text)
    done = call(shim, "create", "--bundle", str(shim.parent), "c1")

    assert (done.stdout.strip(), done.returncode) == (text, 0)


def test_dropping_what_is_not_there_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep the pointer goes."""
    seen: list[dict[str, Any]] = []
    (tmp_path / "config.json").write_text('{"process": {"cwd": "/"}}')

    def remember(invocation: Invocation) -> int:
        seen.append(invocation.config)
        return 0

    monkeypatch.setattr(Invocation, "run", remember)
    behave = drops("/process/user/uid", "/linux/a/b/c", "/hostname")
    behave(parse("x", ["create", "--bundle", os.fspath(tmp_path), "c"], tmp_path))

    assert seen == [{"process": {"cwd": "/"}}]
