"""Images out of real engines that keep their state in directories of this test. Needs root, and the engines."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_oci.targets.engine_image import EngineImageError, fetch_image

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 60.0
NAME = "localhost/pytest-oci-test:v1"
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(find_spec("python_on_whales") is None, reason="without the extra `engines`"),
]
STORAGE = """\
[storage]
driver = "vfs"
graphroot = "{place}/root"
runroot = "{place}/run"
"""
SETTINGS = """\
[engine]
tmp_dir = "{place}/tmp"
events_logger = "none"
cgroup_manager = "cgroupfs"
runtime = "runc"
[containers]
default_ulimits = []
"""
PRIVATE = """\
for state in /etc /run /var/lib; do
    mkdir -p "$PLACE/upper$state" "$PLACE/work$state"
    mount -t overlay -o "lowerdir=$state,upperdir=$PLACE/upper$state,workdir=$PLACE/work$state" overlay "$state"
done
exec "$@"
"""
"""What engines write there, whatever they are told, goes to the directory of the test."""
NO_NETWORK = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short path, as sockets need it."""
    with tempfile.TemporaryDirectory(prefix="engine-") as directory:
        yield Path(directory)


def fetched(place: Path, engine: str, reference: str = NAME) -> Path:
    directory = place / "fetched"
    directory.mkdir()
    return fetch_image(reference, engine, directory, LIMIT)


def content(place: Path) -> Path:
    (place / "file").write_text("content\n")
    with tarfile.open(place / "content.tar", "w") as tar:
        tar.add(place / "file", "file")
    return place / "content.tar"


def kept_private(place: Path, *command: str) -> list[str]:
    return ["unshare", "--mount", "env", f"PLACE={place}", "sh", "-c", PRIVATE, "sh", *command]


def ask(*command: str | Path) -> str:
    return subprocess.run(command, check=True, timeout=LIMIT, capture_output=True, text=True).stdout


@pytest.fixture
def podman(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A podman with an image, and storage of its own."""
    real = shutil.which("podman")
    if real is None:
        pytest.skip("there is no podman")
    (place / "programs").mkdir()
    wrapper = place / "programs" / "podman"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(kept_private(place, real))} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    for variable, name, text in (
        ("CONTAINERS_STORAGE_CONF", "storage.conf", STORAGE),
        ("CONTAINERS_CONF", "containers.conf", SETTINGS),
    ):
        (place / name).write_text(text.format(place=place))
        monkeypatch.setenv(variable, str(place / name))
    ask("podman", "import", content(place), NAME)


@pytest.fixture
def docker(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A daemon with an image, and everything in directories of its own."""
    if shutil.which("dockerd") is None or shutil.which("docker") is None:
        pytest.skip("there is no docker")
    socket = f"unix://{place}/socket"
    monkeypatch.setenv("DOCKER_HOST", socket)
    monkeypatch.setenv("DOCKER_CONFIG", str(place / "client"))
    roots = (f"--data-root={place}/data", f"--exec-root={place}/exec", f"--pidfile={place}/pid")
    ways = (f"--host={socket}", "--storage-driver=vfs", *NO_NETWORK)
    command = kept_private(place, "dockerd", *roots, *ways)
    with (place / "log").open("wb") as log:
        daemon = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + LIMIT
        while subprocess.run(["docker", "version"], check=False, timeout=LIMIT, capture_output=True).returncode:
            assert daemon.poll() is None, (place / "log").read_text()
            assert time.monotonic() < deadline, (place / "log").read_text()
            time.sleep(0.2)
        ask("docker", "import", content(place), NAME)
        yield
    finally:
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(LIMIT)
        daemon.kill()
        daemon.wait()


def names_in(archive: Path) -> set[str]:
    with tarfile.open(archive) as tar:
        return set(tar.getnames())


@pytest.mark.usefixtures("podman")
def test_podman_gives_a_layout(place: Path) -> None:
    assert {"oci-layout", "index.json"} <= names_in(fetched(place, "podman"))


@pytest.mark.usefixtures("podman")
def test_an_image_of_podman_is_judged(place: Path) -> None:
    options = ["-m", "image", f"--oci-image={NAME}", "--oci-engine=podman", "--oci-clause=image-layout.*"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, f"--oci-ledger={place}/ledger"]
    ended = subprocess.run(command, cwd=place, check=False, timeout=LIMIT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    header = json.loads((place / "ledger").read_text().splitlines()[0])
    assert header["targets"][0]["path"] == f"{NAME} of podman"


@pytest.mark.usefixtures("podman")
def test_podman_is_judged(place: Path) -> None:
    """What it hands to its runtime is recorded, and nothing is left of it."""
    clause = "--oci-clause=image-config.config.used-as-run-base"
    options = ["-m", "engine", "--oci-engine=podman", "--oci-timeout=50", clause, f"--oci-ledger={place}/ledger"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    ended = subprocess.run(command, cwd=place, check=False, timeout=LIMIT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    records = [json.loads(line) for line in (place / "ledger").read_text().splitlines()]
    statuses = [record["status"] for record in records if record.get("clause") == clause.partition("=")[2]]
    assert statuses
    assert set(statuses) == {"pass"}
    assert ask("podman", "ps", "--all", "--quiet") == ""
    assert ask("podman", "images", "--format={{.Repository}}") == f"{NAME.partition(':')[0]}\n"


SLOW = """\
#!/bin/sh
case " $* " in *" start "*) touch {place}/started; sleep 2;; esac
exec runc "$@"
"""
RUNTIMES = """
[engine.runtimes]
slow = ["{place}/slow"]
"""


@pytest.mark.usefixtures("podman")
def test_what_a_killed_run_leaves_in_an_engine_the_next_one_removes(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that is just being started, and its image."""
    (place / "slow").write_text(SLOW.format(place=place))
    (place / "slow").chmod(0o755)
    settings = place / "containers.conf"
    settings.write_text(settings.read_text().replace('"runc"', '"slow"') + RUNTIMES.format(place=place))
    (place / "runs").mkdir()
    monkeypatch.setenv("TMPDIR", str(place / "runs"))
    options = ["-m", "engine", "--oci-engine=podman", "--oci-timeout=50"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    first = subprocess.Popen(
        [*command, "--oci-clause=image-config.config.used-as-run-base"],
        cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + LIMIT
    while not (place / "started").exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert list((place / "runs").glob("*/*/*/*.removing.json"))

    subprocess.run([*command, "-k", "nothing_at_all"], cwd=place, check=False, timeout=LIMIT, capture_output=True)

    assert ask("podman", "ps", "--all", "--quiet") == ""
    assert ask("podman", "images", "--format={{.Repository}}") == f"{NAME.partition(':')[0]}\n"
    assert list((place / "runs").glob("*/*")) == []


@pytest.mark.usefixtures("podman")
def test_podman_without_the_image(place: Path) -> None:
    with pytest.raises(EngineImageError, match=r"^podman has no image localhost/other$"):
        fetched(place, "podman", "localhost/other")


@pytest.mark.usefixtures("docker")
def test_docker_gives_a_layout_since_25(place: Path) -> None:
    major = int(ask("docker", "version", "--format={{.Server.Version}}").partition(".")[0])
    if major >= 25:
        assert {"oci-layout", "index.json"} <= names_in(fetched(place, "docker"))
    else:
        with pytest.raises(EngineImageError, match="'skopeo copy docker-daemon:localhost/pytest-oci-test:v1 oci-arch"):
            fetched(place, "docker")


@pytest.mark.usefixtures("docker")
def test_docker_without_the_image(place: Path) -> None:
    with pytest.raises(EngineImageError, match=r"^docker has no image other$"):
        fetched(place, "docker", "other")


def test_docker_without_daemon(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}/socket")
    with pytest.raises(EngineImageError, match=r"^docker does not answer: "):
        fetched(place, "docker")
