"""The process that speaks to docker or podman through python-on-whales, a command at a time; `whales` starts it.

`python -m pytest_oci.targets.engine.client PROGRAM [GLOBAL-OPTION...]` reads JSON arrays from standard input, a line
each: the words of a command for the engine's client. Each is answered by a line with an object: `argv`, `code`,
`stdout` and `stderr`, of which at most KEPT characters are told.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from python_on_whales import ClientNotFoundError, DockerClient, DockerException
from python_on_whales.utils import run

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = 65_536


def main(arguments: Sequence[str]) -> int:
    """Answer until standard input ends."""
    client = DockerClient(client_call=list(arguments))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(client, json.loads(line))) + "\n")
        sys.stdout.flush()
    return 0


def answer(client: DockerClient, words: Sequence[str]) -> dict[str, Any]:
    """Run one command."""
    began = time.monotonic()
    try:
        argv = [*map(str, client.client_config.docker_cmd), *words]
        out, err = run(argv, return_stderr=True)
        code = 0
    except DockerException as error:
        argv, code = error.docker_command, error.return_code
        out, err = error.stdout or "", error.stderr or ""
    except (ClientNotFoundError, OSError) as error:
        argv, code, out, err = list(words), -1, "", str(error)
    return {
        "argv": list(map(str, argv)),
        "code": code,
        "stdout": out[:KEPT],
        "stderr": err[:KEPT],
        "seconds": time.monotonic() - began,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
