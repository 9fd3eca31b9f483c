"""Run a command beside a Docker daemon of its own: `python3 -m tools.dockerd DIRECTORY COMMAND…`.

It has to be the first process of namespaces made for it (`tools.layouts.isolation.UNSHARE`): the daemon, what it keeps
in memory below DIRECTORY, and what it writes elsewhere all end with it, however that comes about. The command finds
the daemon by DOCKER_HOST; the exit status is the command's, or 125 if there is no daemon.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tools.layouts import isolation
from tools.layouts.bench import Bench, Place, end_of, running
from tools.layouts.docker import NO_NETWORK

READY_SECONDS = 30.0
ATTEMPTS = 1
"""To get a layer, which its reader resumes by itself. Usual are 5, and a minute of pauses; of pushing there is no such
setting."""
NO_DAEMON = 125


def main(directory: Path, command: list[str]) -> int:
    """Start the daemon, run the command, end the daemon; the exit status."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", str(directory)], check=True)
    isolation.hide_state(Path("/"), directory / "state")
    isolation.loopback_up()
    place = Place(Path("/"), directory, "pytest-oci-clients")
    settings, socket = directory / "daemon.json", f"unix://{directory / 'socket'}"
    settings.write_text(json.dumps({"max-download-attempts": ATTEMPTS}), encoding="ascii")
    roots = (f"--data-root={directory / 'data'}", f"--exec-root={directory / 'exec'}", f"--pidfile={directory / 'pid'}")
    words = ("dockerd", f"--config-file={settings}", *roots, f"--host={socket}", *NO_NETWORK)
    with running(place, words, directory, Bench(place, directory).environment):
        deadline = time.monotonic() + READY_SECONDS
        while subprocess.run(["docker", f"--host={socket}", "version"], capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                print(f"dockerd is not ready: {end_of(directory / 'daemon.log')}", file=sys.stderr)
                return NO_DAEMON
            time.sleep(0.2)
        return subprocess.run(command, env={**os.environ, "DOCKER_HOST": socket}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
