"""Docker's daemon, for as long as docker is judged."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.layouts.bench import Bench, Place, end_of, running
from tools.layouts.docker import NO_NETWORK

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCKER, DAEMON = "docker", "dockerd"
READY_SECONDS, ANSWER_SECONDS = 30.0, 10.0
ATTEMPTS = 1
"""To get a layer, which its reader resumes by itself. Usual are 5, and a minute of pauses; of pushing there is no such
setting."""


class DaemonError(Exception):
    """The daemon does not answer; the text says what it said."""


@contextlib.contextmanager
def daemon(directory: Path) -> Iterator[dict[str, str]]:
    """Docker's daemon while the block lasts, and the environment in which its client finds it. Raises DaemonError."""
    directory.mkdir()
    place = Place(Path("/"), directory, "pytest-oci-clients")
    settings, socket = directory / "daemon.json", f"unix://{directory / 'socket'}"
    settings.write_text(json.dumps({"max-download-attempts": ATTEMPTS}), encoding="ascii")
    roots = (f"--data-root={directory / 'data'}", f"--exec-root={directory / 'exec'}", f"--pidfile={directory / 'pid'}")
    command = (DAEMON, f"--config-file={settings}", *roots, f"--host={socket}", *NO_NETWORK)
    with running(place, command, directory, Bench(place, directory).environment):
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(socket):
            if time.monotonic() > deadline:
                raise DaemonError(f"dockerd is not ready: {end_of(directory / 'daemon.log')}")
            time.sleep(0.2)
        yield {"DOCKER_HOST": socket}


def _answers(socket: str) -> bool:
    """Whether the daemon says its version, in a moment."""
    command = [DOCKER, f"--host={socket}", "version"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=ANSWER_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False
