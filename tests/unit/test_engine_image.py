"""Images out of engines: what becomes of every way in which an engine does not give one. The clients are scripts."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_oci.targets import engine_image
from pytest_oci.targets.engine_image import EngineImageError, fetch_image, holds_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    Fake = Callable[..., None]

INSPECT = """case "$*" in *inspect*) echo '[{"Id": "sha256:00", "Size": 5}]'; exit 0;; esac\n"""
LIMIT = 30.0
with_library = pytest.mark.skipif(find_spec("python_on_whales") is None, reason="without the extra `engines`")


def archive(*names: str) -> bytes:
    """A tar archive with entries of these names."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 700
            tar.addfile(member, io.BytesIO(b"x" * 700))
    return stream.getvalue()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a script on PATH as the client of an engine; what it saves is `saved`, in $SAVED."""

    def put(script: str, *, engine: str = "docker", saved: bytes = b"") -> None:
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        client = programs / engine
        client.write_text(f"#!/bin/sh\n{script}")
        client.chmod(0o755)
        (tmp_path / "saved").write_bytes(saved)
        monkeypatch.setenv("SAVED", str(tmp_path / "saved"))
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    return put


def living(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


@with_library
def test_an_engine_that_saves_a_layout(fake: Fake, scratch: Path) -> None:
    saved = archive("blobs/sha256/00", "index.json", "manifest.json", "oci-layout")
    fake(INSPECT + 'test "$1 $2 $3" = "image save --output" && cp "$SAVED" "$4"', saved=saved)
    path = fetch_image("name:tag", "docker", scratch, LIMIT)
    assert path.read_bytes() == saved
    assert path.parent == scratch


@with_library
def test_podman_is_asked_for_a_layout(fake: Fake, scratch: Path) -> None:
    script = INSPECT + 'test "$3" = --format=oci-archive && cp "$SAVED" "$5"'
    fake(script, engine="podman", saved=archive("oci-layout"))
    assert holds_layout(fetch_image("localhost/name", "podman", scratch, LIMIT))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Error: No such image: name' >&2; exit 1", "docker has no image name"),
        (
            "echo 'Cannot connect to the Docker daemon. Is the docker daemon running?' >&2; exit 1",
            "docker does not answer: Cannot connect to the Docker daemon. Is the docker daemon running?",
        ),
        (
            "echo 'permission denied while trying to connect' >&2; exit 1",
            "docker may not be used by this user: permission denied while trying to connect",
        ),
        ("echo first >&2; echo 'boom\033[31m' >&2; exit 3", r"docker gave no image name: boom\x1b[31m"),
        ("exit 3", "docker gave no image name: no reason was given"),
        (INSPECT, "docker said that it saved name, and wrote nothing"),
        (INSPECT + "echo 'no space left on device' >&2; exit 1", "docker gave no image name: no space left on device"),
    ],
    ids=["no-image", "no-daemon", "denied", "control-characters", "silent", "saves-nothing", "save-fails"],
)
@with_library
def test_one_line_says_why(script: str, said: str, fake: Fake, scratch: Path) -> None:
    fake(script)
    with pytest.raises(EngineImageError) as caught:
        fetch_image("name", "docker", scratch, LIMIT)
    assert str(caught.value) == said


@with_library
def test_dockers_old_format_is_no_layout(fake: Fake, scratch: Path) -> None:
    fake(INSPECT + 'cp "$SAVED" "$4"', saved=archive("0f/layer.tar", "manifest.json", "repositories"))
    with pytest.raises(EngineImageError, match=r"no OCI layout; 'skopeo copy docker-daemon:name:latest oci-archive:"):
        fetch_image("name", "docker", scratch, LIMIT)


@with_library
def test_a_hanging_engine_is_stopped(fake: Fake, scratch: Path, tmp_path: Path) -> None:
    fake(f"echo $$ > {tmp_path}/pid; exec sleep 60")
    began = time.monotonic()
    with pytest.raises(EngineImageError, match="docker did not answer within 6 s; --oci-timeout=SECONDS"):
        fetch_image("name", "docker", scratch, 6.0)
    assert time.monotonic() - began < LIMIT
    pid = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not living(pid):
            return
        time.sleep(0.05)
    pytest.fail("the client still runs")


@with_library
def test_an_image_that_is_too_large_is_not_saved(fake: Fake, scratch: Path) -> None:
    fake("""echo '[{"Id": "sha256:00", "Size": 5000}]'""")
    with pytest.raises(EngineImageError, match="the image has 5000 bytes, more than the 4096 that are allowed"):
        fetch_image("name", "docker", scratch, LIMIT, most_bytes=4096)


@with_library
def test_an_image_that_does_not_fit_is_not_saved(fake: Fake, scratch: Path) -> None:
    size = shutil.disk_usage(scratch).total * 2
    fake(f"""echo '[{{"Id": "sha256:00", "Size": {size}}}]'""")
    with pytest.raises(EngineImageError, match=f"the image has {size} bytes, and .* has room for"):
        fetch_image("name", "docker", scratch, LIMIT, most_bytes=size)


@with_library
def test_a_file_that_grows_beyond_the_limit_is_stopped(fake: Fake, scratch: Path) -> None:
    fake(INSPECT + 'head -c 9000000 /dev/zero > "$4" || { echo "write: file too large" >&2; exit 1; }')
    with pytest.raises(EngineImageError, match="docker writes more than 1000000 bytes"):
        fetch_image("name", "docker", scratch, LIMIT, most_bytes=1_000_000)
    assert (scratch / "image.tar").stat().st_size <= 1_000_000


@pytest.mark.parametrize("reference", ["", "-o", "--output=/etc/passwd", "a b", "a\n", "$(id)", "ä", "a" * 2000])
def test_what_is_no_reference(reference: str, scratch: Path) -> None:
    with pytest.raises(EngineImageError, match=r"^--oci-image=.*is no name of an image$"):
        fetch_image(reference, "docker", scratch, LIMIT)


def test_an_unknown_engine(scratch: Path) -> None:
    with pytest.raises(EngineImageError, match="--oci-engine=nerd: has to be docker or podman"):
        fetch_image("name", "nerd", scratch, LIMIT)


@with_library
def test_an_engine_without_client(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineImageError, match="--oci-engine=podman: there is no podman on PATH"):
        fetch_image("name", "podman", scratch, LIMIT)


def test_without_the_library(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_image, "find_spec", lambda _name: None)
    with pytest.raises(EngineImageError, match=r"pip install 'pytest-oci\[engines\]'"):
        fetch_image("name", "docker", scratch, LIMIT)


def test_the_library_is_imported_only_for_an_engine() -> None:
    code = "import sys, pytest_oci.targets.engine_image; raise SystemExit('python_on_whales' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=LIMIT).returncode == 0


@pytest.mark.parametrize(
    ("names", "holds"),
    [
        (("oci-layout",), True),
        (("./oci-layout",), True),
        (("blobs/", "a", "oci-layout"), True),
        (("manifest.json",), False),
        (("a/oci-layout",), False),
        (("oci-layout-not",), False),
        ((), False),
    ],
    ids=str,
)
def test_archives_that_hold_a_layout(names: tuple[str, ...], holds: bool, tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(archive(*names))
    assert holds_layout(tmp_path / "image.tar") is holds


@pytest.mark.parametrize("size", [b"\xff" * 12, b"\x80" + b"\xff" * 11, b"99999999999\0", b"-0000000001\0", b"\0" * 12])
def test_hostile_sizes_end(size: bytes, tmp_path: Path) -> None:
    header = bytearray(archive("a")[:512])
    header[124:136] = size
    (tmp_path / "image.tar").write_bytes(bytes(header) * 3)
    assert not holds_layout(tmp_path / "image.tar")
