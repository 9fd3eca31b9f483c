"""The process that speaks to an engine through python-on-whales; `engine_image` starts and limits it.

`python -m pytest_oci.targets.engine_client ENGINE size REFERENCE` writes the size of an image in bytes, and
`... ENGINE save REFERENCE FILE` writes the image to a file: as podman's OCI archive, or as what `docker save` writes.
The exit status is 1 if that could not be done; the last line of standard error says why.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from python_on_whales import ClientNotFoundError, DockerClient, DockerException
from python_on_whales.utils import run

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = ("no such image", "no such object", "image not known")
"""What engines say of an image that they do not have."""
UNREACHED = ("cannot connect", "is the docker daemon running", "unable to connect", "connection refused")
DENIED = ("permission denied",)


def main(arguments: Sequence[str]) -> int:
    """Do what is asked; the exit status."""
    engine, action, reference, *rest = arguments
    client = DockerClient(client_call=[engine])
    # The engine's client, too, puts its temporary files where this process was started.
    os.environ["TMPDIR"] = str(Path.cwd())
    try:
        if action == "size":
            print(client.image.inspect(reference).size or 0)  # noqa: T201 - the answer
        elif engine == "podman":
            # Its default is Docker's format, and `DockerClient.save` takes no other.
            run(
                [
                    *client.client_config.docker_cmd,
                    "image",
                    "save",
                    "--format=oci-archive",
                    "--output",
                    *rest,
                    reference,
                ]
            )
        else:
            client.image.save(reference, output=rest[0])
    except DockerException as error:
        print(why(engine, reference, error.stderr or ""), file=sys.stderr)  # noqa: T201 - the message
        return 1
    except ClientNotFoundError:
        print(f"there is no {engine} on PATH", file=sys.stderr)  # noqa: T201 - the message
        return 1
    return 0


def why(engine: str, reference: str, said: str) -> str:
    """One line for what the engine's client said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no reason was given"]
    folded = said.lower()
    if any(words in folded for words in UNREACHED):
        return f"{engine} does not answer: {lines[-1]}"
    if any(words in folded for words in DENIED):
        return f"{engine} may not be used by this user: {lines[-1]}"
    if any(words in folded for words in UNKNOWN):
        return f"{engine} has no image {reference}"
    return f"{engine} gave no image {reference}: {lines[-1]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
