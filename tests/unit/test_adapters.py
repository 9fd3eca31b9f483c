"""Adapters: what they tell a product to do, and the operations around it, on a script."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_oci.process import CHILDREN
from pytest_oci.targets.adapters import bwrap, nspawn
from pytest_oci.targets.adapters.records import AdapterError
from pytest_oci.targets.profile import packaged_profile

BWRAP, NSPAWN = Path("/usr/bin/bwrap"), Path("/usr/bin/systemd-nspawn")


def config(**members: Any) -> dict[str, Any]:
    """A small valid configuration."""
    plain = {
        "ociVersion": "1.0.2",
        "root": {"path": "rootfs"},
        "process": {"user": {"uid": 0, "gid": 0}, "args": ["/bin/true", "--x"], "cwd": "/tmp", "env": ["A=b=c"]},
        "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]},
    }
    return plain | members


def test_bwrap_is_told_what_the_configuration_says() -> None:
    """Root, environment with its equals signs, working directory, arguments after a separator."""
    words = bwrap.words(BWRAP, Path("/b"), config(hostname="h"), "c")

    assert words[:3] == ["/usr/bin/bwrap", "--unshare-pid", "--as-pid-1"]
    assert words[words.index("--bind") :][:3] == ["--bind", "/b/rootfs", "/"]
    assert words[words.index("--setenv") :][:3] == ["--setenv", "A", "b=c"]
    assert words[words.index("--hostname") + 1] == "h"
    assert words[words.index("--") :] == ["--", "/bin/true", "--x"]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"hooks": {}}, "hooks"),
        ({"linux": {"seccomp": {}}}, "linux.seccomp"),
        ({"linux": {"namespaces": [{"type": "mount"}, {"type": "time"}]}}, "type time"),
        ({"linux": {"namespaces": [{"type": "mount"}, {"type": "pid", "path": "/x"}]}}, "by its path"),
        ({"linux": {"namespaces": [{"type": "pid"}]}}, "new mount namespace"),
        (
            {
                "linux": {
                    "namespaces": [{"type": "mount"}, {"type": "user"}],
                    "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 1000}],
                }
            },
            "linux.uidMappings",
        ),
        ({"mounts": [{"destination": "/x", "type": "sysfs"}]}, "mount sysfs on /x"),
        ({"process": {"args": ["x"], "rlimits": []}}, "process.rlimits"),
        ({"process": []}, "process is no object"),
    ],
    ids=["hooks", "seccomp", "time", "joined", "inherited", "mappings", "sysfs", "rlimits", "malformed"],
)
def test_bwrap_is_never_told_less_silently(members: dict[str, Any], text: str) -> None:
    """What it has no option for is refused by name."""
    with pytest.raises(AdapterError, match=text):
        bwrap.words(BWRAP, Path("/b"), config(**members), "c")


def test_nspawn_is_given_the_bundle_and_a_valid_name(tmp_path: Path) -> None:
    """A machine name has no underscores and no more than 63 letters."""
    words = nspawn.words(NSPAWN, tmp_path, config(), "a_b" * 40)

    name = next(word for word in words if word.startswith("--machine=")).partition("=")[2]
    assert f"--oci-bundle={tmp_path}" in words
    assert len(name) <= 63
    assert "_" not in name


@pytest.mark.parametrize("name", ["systemd-nspawn", "bwrap"])
def test_profiles_put_the_adapter_in_front(name: str) -> None:
    """The product's executable is an argument of the adapter."""
    profile = packaged_profile(name)

    argv = profile.argv(["/usr/bin/product"], "start", {"id": "c", "state_root": "/s"})

    adapter = [sys.executable, "-I", "-m", "pytest_oci.targets.adapters", name]
    assert argv == [*adapter, "/usr/bin/product", "--root", "/s", "start", "c"]
    assert "runtime.ops.*" in profile.not_the_products


class Adapter:
    """The adapter's command line around a script in the product's place."""

    def __init__(self, directory: Path, script: str) -> None:
        self.directory = directory
        self.program = directory / "product"
        self.program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        self.program.chmod(0o755)
        (directory / "config.json").write_text(json.dumps(config()), encoding="utf-8")

    def __call__(self, *words: str) -> tuple[int, str]:
        """Carry out an operation: exit status and output. The supervisor holds both files, so they are no pipes."""
        command = [sys.executable, "-m", "pytest_oci.targets.adapters", "bwrap", str(self.program)]
        command += ["--root", str(self.directory / "state"), *words]
        stdout = self.directory / "stdout"
        with stdout.open("w") as out, (self.directory / "stderr").open("a") as err:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=30, check=False)
        return done.returncode, stdout.read_text(encoding="utf-8")

    def state(self) -> dict[str, Any]:
        """What state says now."""
        status, output = self("state", "c")
        assert status == 0
        return dict(json.loads(output))

    def wait_for(self, status: str) -> None:
        """Until state says so, 10 s at most; an ended supervisor is reaped."""
        deadline = time.monotonic() + 10
        while self.state()["status"] != status:
            assert time.monotonic() < deadline, f"still not {status}"
            CHILDREN.reap_adopted()
            time.sleep(0.02)


def test_a_lifecycle_by_the_adapter(tmp_path: Path) -> None:
    """Nothing runs before start; afterwards the program's pid is told; delete forgets a stopped container only."""
    adapter = Adapter(tmp_path, f"touch {tmp_path}/ran; sleep 30; true")

    assert adapter("create", "--bundle", str(tmp_path), "c")[0] == 0
    assert adapter("create", "--bundle", str(tmp_path), "c")[0] == 1
    created = adapter.state()
    assert (created["status"], (tmp_path / "ran").exists()) == ("created", False)
    assert adapter("start", "c")[0] == 0
    running = adapter.state()
    assert running["status"] == "running"
    assert Path(f"/proc/{running['pid']}/exe").readlink().name == Path(shutil.which("sleep") or "").resolve().name
    assert adapter("start", "c")[0] == 1
    assert adapter("delete", "c")[0] == 1
    assert adapter("kill", "c", "NOSUCH")[0] == 1
    assert adapter("kill", "c", "KILL")[0] == 0
    adapter.wait_for("stopped")
    assert adapter("kill", "c")[0] == 1
    assert adapter("delete", "c")[0] == 0
    assert adapter("state", "c")[0] == 1


def test_a_product_that_refuses_makes_start_fail(tmp_path: Path) -> None:
    """Its last words are told."""
    adapter = Adapter(tmp_path, "echo no such thing >&2; exit 3")

    adapter("create", "--bundle", str(tmp_path), "c")

    assert adapter("start", "c")[0] == 1
    assert "ended with 3 before a program was seen: no such thing" in (tmp_path / "stderr").read_text(encoding="utf-8")
    adapter("delete", "--force", "c")


def test_a_container_that_was_never_started_can_be_forced_away(tmp_path: Path) -> None:
    """And its supervisor goes with it."""
    adapter = Adapter(tmp_path, "exit 0")
    adapter("create", "--bundle", str(tmp_path), "--pid-file", str(tmp_path / "pid"), "c")
    pid = int((tmp_path / "pid").read_text(encoding="ascii"))

    assert adapter("delete", "--force", "c")[0] == 0

    CHILDREN.reap_adopted()
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
