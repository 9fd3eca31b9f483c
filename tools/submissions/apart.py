"""Run a command where tools may keep what state they like: `python3 -m tools.submissions.apart DIR COMMAND…`.

To be started as the first process of namespaces of its own (`tools.layouts.isolation.UNSHARE`): what is written to the
tools' places goes to a new directory in DIR, and loopback is all the network there is.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tools.layouts import isolation


def main(words: list[str]) -> int:
    """Be the command. Does not return."""
    directory, *command = words
    os.umask(0o022)
    isolation.hide_state(Path("/"), Path(tempfile.mkdtemp(prefix="state-", dir=directory)))
    isolation.loopback_up()
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
