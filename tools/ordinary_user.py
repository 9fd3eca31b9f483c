"""Prepare runs as an ordinary user: `python3 -m tools.ordinary_user DIR`, as root, with a Python that has pip.

In DIR, which every user can reach afterwards, it makes an environment with the package, a directory `results` that the
user nobody may write to, and `python`, which runs the environment's Python as nobody without any capability. So
`python3 -m tools.full_run --python DIR/python --results DIR/results crun` is a run as an ordinary user.
"""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
INTERPRETER = "/usr/bin/python3"
"""The system's own, since root's may lie where nobody else gets to."""
LIMIT = 300.0
RUN_NAMES = [f"{runtime}-{view}-1" for runtime in ("crun", "runc") for view in ("host", "v1", "v2")]


def main(arguments: list[str]) -> int:
    """Prepare the directory; the exit status."""
    (directory,) = (Path(argument).absolute() for argument in arguments)
    nobody = pwd.getpwnam("nobody")
    directory.chmod(0o755)
    environment = directory / "env"
    subprocess.run([INTERPRETER, "-m", "venv", "--without-pip", environment], check=True, timeout=LIMIT)
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, "install", str(TOP)], check=True, timeout=LIMIT)
    home = directory / "home"
    for path in (home, directory / "results", *(directory / "results" / name for name in RUN_NAMES)):
        path.mkdir()
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    drop = ["setpriv", "--reuid=nobody", f"--regid={nobody.pw_gid}", "--clear-groups", "--inh-caps=-all"]
    words = [*drop, "--bounding-set=-all", "env", f"HOME={home}", str(environment / "bin" / "python")]
    python = directory / "python"
    python.write_text(f'#!/bin/sh\ncd {shlex.quote(str(home))} || exit\nexec {shlex.join(words)} "$@"\n', "utf-8")
    python.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
