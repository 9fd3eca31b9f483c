"""Have oras-py push an artifact to the project's own registry, and pull it from there into a layout.

`python3 oras_push.py FILE TYPE MEDIA LAYOUT REF`; needs the packages oras and pytest-oci. oras-py writes layouts of
what a registry holds alone, and has no artifact type beside the media type of the configuration.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path


def main(words: list[str]) -> int:
    """Push, and pull; 1 if oras-py raises."""
    if words == ["--version"]:
        print(f"oras-py {version('oras')}")
        return 0
    client_type, layout_type = import_module("oras.client").OrasClient, import_module("oras.layout").Layout
    file, artifact_type, media_type, layout, ref = words
    serve = (sys.executable, "-m", "pytest_oci.fixtures.registry")
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as registry:
        try:
            assert registry.stdout is not None
            host = registry.stdout.readline().strip().removeprefix("http://")
            client = client_type(hostname=host, insecure=True)
            name = f"{host}/pytest-oci/artifact:{ref}"
            files, config = [f"{file}:{media_type}"], f":{artifact_type}"
            client.push(name, files=files, manifest_config=config, disable_path_validation=True)
            Path(layout).mkdir()
            layout_type(layout, validate=False).pull_from_registry(client, name, ref)
        finally:
            registry.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
