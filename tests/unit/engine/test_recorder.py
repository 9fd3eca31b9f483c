"""The recorder: a script in the place of a runtime."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from pytest_oci.targets.engine.recorder import LARGEST_CONFIG, Recorder, write_recorder

if TYPE_CHECKING:
    from pathlib import Path

REAL = '#!/bin/sh\nprintf "%s|" "$@"\necho to-stderr >&2\nexit 7\n'


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    """One with a real runtime that prints its words, in a directory with a blank in its name."""
    real = tmp_path / "real"
    real.write_text(REAL)
    real.chmod(0o755)
    return write_recorder(tmp_path / "a home", real)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A directory with a configuration."""
    directory = tmp_path / "some bundle"
    directory.mkdir()
    (directory / "config.json").write_text('{"ociVersion": "1.0.2"}')
    return directory


def call(recorder: Recorder, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Call it as an engine does."""
    command = [str(recorder.program), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30, cwd=cwd)


def test_it_is_the_real_runtime(recorder: Recorder) -> None:
    """Words, outputs and exit status are the runtime's."""
    ended = call(recorder, "--root", "/x y", "state", "", "id")

    assert (ended.stdout, ended.stderr, ended.returncode) == ("--root|/x y|state||id|", "to-stderr\n", 7)


def test_calls_are_kept_in_order(recorder: Recorder, bundle: Path) -> None:
    """With their exact words, the operation, and of a new container the bundle."""
    call(recorder, "--root", "/x y", "create", "--bundle", str(bundle), "--pid-file=/p", "id")
    call(recorder, "delete", "--force", "id")

    made, deleted = recorder.calls()
    assert made.argv == ("--root", "/x y", "create", "--bundle", str(bundle), "--pid-file=/p", "id")
    assert (made.operation, deleted.operation, made.makes, deleted.makes) == ("create", "delete", True, False)
    assert (made.config, made.bundle) == ((bundle / "config.json").read_bytes(), str(bundle))
    assert (deleted.config, deleted.bundle) == (None, "")
    assert made.concerns("id")
    assert not made.concerns("other")
    made.forget()
    assert [each.operation for each in recorder.calls()] == ["delete"]


@pytest.mark.parametrize("words", [["--bundle={}"], ["-b", "{}"], []], ids=["equals", "short", "here"])
def test_bundles_are_found(recorder: Recorder, bundle: Path, words: list[str]) -> None:
    """However their path is given; without one it is the working directory."""
    call(recorder, "create", *(word.format(bundle) for word in words), "id", cwd=None if words else bundle)

    assert recorder.calls()[0].bundle == str(bundle)


def test_configurations_are_bounded(recorder: Recorder, bundle: Path) -> None:
    """However large, and without one nothing fails."""
    (bundle / "config.json").write_bytes(bytes(LARGEST_CONFIG + 10))
    call(recorder, "create", "-b", str(bundle), "id")
    (bundle / "config.json").unlink()
    call(recorder, "create", "-b", str(bundle), "id")

    first, second = recorder.calls()
    assert len(first.config or b"") == LARGEST_CONFIG
    assert not second.config


def test_containers_wait_while_calls_are_held(recorder: Recorder, bundle: Path) -> None:
    """Until they are released; other operations go on, and so does everything once nobody holds calls."""
    with recorder.held():
        call(recorder, "state", "id")
        caller = threading.Thread(target=call, args=(recorder, "create", "-b", str(bundle), "id"))
        caller.start()
        deadline = time.monotonic() + 20
        while not (made := [each for each in recorder.calls() if each.makes]):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        caller.join(0.05)
        assert caller.is_alive()
        made[0].release()
        caller.join(20)
        assert not caller.is_alive()
    assert list(recorder.home.glob("hold.*")) == []
    (recorder.home / "hold.999999999").touch()  # of a suite that was killed
    call(recorder, "create", "-b", str(bundle), "id")
