"""Hand file descriptors over as a socket-activating service manager does.

Run as a program, `listen.py FD,… PROGRAM ARG…`: the descriptors are put at 3, 4, … and their number into LISTEN_FDS,
by which a runtime learns how many to hand on to the container; then it becomes PROGRAM. It has to be a program of its
own, since between fork and exec the low descriptors are in use.
"""

from __future__ import annotations

import fcntl
import os
import sys

FIRST = 3


def main(arguments: list[str]) -> None:
    """Rearrange the descriptors and become the program."""
    given = [int(number) for number in arguments[0].split(",")]
    last = FIRST + len(given)
    apart = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, last) for descriptor in given]
    for number, descriptor in enumerate(apart, FIRST):
        os.dup2(descriptor, number)
    os.closerange(last, max(*apart, *given) + 1)
    environment = {**os.environ, "LISTEN_FDS": str(len(given)), "LISTEN_PID": str(os.getpid())}
    os.execvpe(arguments[1], arguments[1:], environment)


if __name__ == "__main__":
    main(sys.argv[1:])
