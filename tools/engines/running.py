"""What happens in the namespaces: daemons are started, and the suite is run on one engine after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.layouts import isolation
from tools.layouts.bench import Bench, Place, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JUDGED = (0, 1)
SLOW = "--oci-timeout=60"
"""A busy machine is no fault of an engine's."""
CLAIM = "--oci-spec-version=runtime:1.0"
"""What the engines of Debian 12 write as ociVersion."""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{place}/root"
runroot = "{place}/run"
"""
SETTINGS = """\
[containers]
default_ulimits = []
[engine]
tmp_dir = "{place}/tmp"
events_logger = "none"
cgroup_manager = "cgroupfs"
runtime = "runc"
"""
CONTAINERD = """\
version = 2
root = "{place}/root"
state = "{place}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "{place}/socket"
"""
NO_NETWORK = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")


def podman(bench: Bench, python: str, place: Path) -> dict[str, str]:
    """Podman needs no daemon."""
    del bench, python
    return podman_settings(place)


def podman_settings(place: Path) -> dict[str, str]:
    """Keep podman's state in this directory; its runtime is runc: crun refuses hosts with both versions of cgroups."""
    for name, text in (("storage.conf", STORAGE), ("containers.conf", SETTINGS)):
        (place / name).write_text(text.format(place=place))
    return {
        "CONTAINERS_STORAGE_CONF": str(place / "storage.conf"),
        "CONTAINERS_CONF": str(place / "containers.conf"),
    }


def docker(bench: Bench, python: str, place: Path) -> dict[str, str]:
    """A dockerd that has the recorder for a further runtime."""
    bench.run(python, "-P", "-m", "pytest_oci", "recorder", place / "recorder", "--runtime=runc", cwd=place)
    socket = f"unix://{place / 'socket'}"
    environment = {"DOCKER_HOST": socket, "DOCKER_CONFIG": str(place / "client")}
    (place / "daemon.json").write_text("{}")
    roots = (f"--data-root={place / 'data'}", f"--exec-root={place / 'exec'}", f"--pidfile={place / 'pid'}")
    ways = (f"--config-file={place / 'daemon.json'}", f"--host={socket}", f"--cgroup-parent=/{bench.place.cgroup}")
    recorder = f"--add-runtime=pytest-oci={place / 'recorder' / 'recorder'}"
    daemon = ("dockerd", *roots, *ways, recorder, *NO_NETWORK)
    bench.daemon("dockerd", daemon, lambda: bench.run("docker", "version", env=environment), place)
    return environment


def ctr(bench: Bench, python: str, place: Path) -> dict[str, str]:
    """A containerd; its namespace becomes the name of a cgroup."""
    del python
    (place / "config.toml").write_text(CONTAINERD.format(place=place))
    environment = {"CONTAINERD_ADDRESS": str(place / "socket"), "CONTAINERD_NAMESPACE": bench.place.cgroup}
    daemon = ("containerd", f"--config={place / 'config.toml'}")
    bench.daemon("containerd", daemon, lambda: bench.run("ctr", "version", env=environment), place)
    return environment


ENGINES: Mapping[str, Callable[[Bench, str, Path], dict[str, str]]] = {"podman": podman, "docker": docker, "ctr": ctr}


def judge(name: str, python: str, results: Path, environment: Mapping[str, str], limit: float, extra: list[str]) -> str:
    """Run the suite on an engine; what went wrong, if anything did."""
    directory = results / name
    directory.mkdir(parents=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "-m", "engine"]
    command += [f"--oci-engine={name}", SLOW, CLAIM]
    command += [f"--oci-ledger={directory / 'run.jsonl'}", f"--junitxml={directory / 'junit.xml'}", *extra]
    with (directory / "output.txt").open("wb") as output:
        try:
            ended = subprocess.run(
                command,
                cwd=environment["HOME"],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"was not judged within {limit:.0f} s"
    return "" if ended.returncode in JUDGED else f"exit status {ended.returncode}; see {output.name}"


def main(results: Path, python: str, shared: Path, limit: float, names: list[str], extra: list[str]) -> int:
    """Judge the engines, in namespaces made for it; 1 if one of them could not be."""
    deadline = time.monotonic() + limit
    isolation.hide_state(Path("/"), shared / "state")
    isolation.loopback_up()
    shared.chmod(0o711)
    place = Place(Path("/"), shared, shared.name)
    status = 0
    with place.daemons:
        for name in names:
            began = time.monotonic()
            bench = Bench(place, shared)
            (shared / name).mkdir(mode=0o711)
            (shared / name / "tmp").mkdir(mode=0o711)
            try:
                settings = ENGINES[name](bench, python, shared / name)
                environment = {**bench.environment, **settings, "TMPDIR": str(shared / name / "tmp")}
                problem = judge(name, python, results, environment, deadline - time.monotonic(), extra)
            except (ToolError, OSError) as error:
                problem = str(error)
            status = 1 if problem else status
            print(f"{name}: {problem or 'judged'} ({time.monotonic() - began:.1f} s)", flush=True)
    return status


if __name__ == "__main__":
    os.umask(0o022)
    given = sys.argv[1:]
    sys.exit(main(Path(given[0]), given[1], Path(given[2]), float(given[3]), given[4].split(","), given[5:]))
