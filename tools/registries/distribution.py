"""docker-registry, as Debian packages it: for everybody over HTTP, and behind TLS and a password."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
from typing import TYPE_CHECKING, Any

from tools.registries.service import NotStartedError, free_port, listening
from tools.registries.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENSSL_SECONDS = 20
USERNAME, PASSWORD = "judge", "pass word"
HASHED = "$2y$05$abcdefghijklmnopqrstuuIt/9/tGzLcigNq/.RWIDjeEVR30RSf."
"""The password as bcrypt has it, the only way that docker-registry reads."""
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@contextlib.contextmanager
def plain(directory: Path) -> Iterator[Started]:
    """Over HTTP, for everybody."""
    port = free_port()
    with _serving(directory, port, {"addr": f"127.0.0.1:{port}"}):
        yield Started(f"http://127.0.0.1:{port}")


@contextlib.contextmanager
def guarded(directory: Path) -> Iterator[Started]:
    """Over TLS with an authority of its own, with a password that Docker's config.json holds."""
    port = free_port()
    authority, certificate, key = _certify(directory)
    (directory / "htpasswd").write_text(f"{USERNAME}:{HASHED}\n", encoding="utf-8")
    http = {"addr": f"127.0.0.1:{port}", "tls": {"certificate": str(certificate), "key": str(key)}}
    auth = {"htpasswd": {"realm": "registry", "path": str(directory / "htpasswd")}}
    home = directory / "docker"
    home.mkdir()
    entry = {"auth": base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()}
    (home / "config.json").write_text(json.dumps({"auths": {f"127.0.0.1:{port}": entry}}), encoding="utf-8")
    with _serving(directory, port, http, auth=auth):
        yield Started(
            f"https://127.0.0.1:{port}",
            options=(f"--oci-registry-ca={authority}",),
            environment={"DOCKER_CONFIG": str(home)},
            secrets=(PASSWORD, entry["auth"]),
        )


@contextlib.contextmanager
def _serving(directory: Path, port: int, http: dict[str, Any], **more: Any) -> Iterator[None]:
    configuration = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(directory / "data")}, "delete": {"enabled": True}},
        "http": http,
        **more,
    }
    file = directory / "config.yml"
    file.write_text(json.dumps(configuration), encoding="utf-8")  # JSON is YAML
    with listening(["docker-registry", "serve", str(file)], port, directory):
        yield


def _certify(directory: Path) -> tuple[Path, Path, Path]:
    """The certificates of an authority and of 127.0.0.1, and the latter's key."""
    authority, authority_key = directory / "ca.pem", directory / "ca.key"
    request, certificate, key = (directory / f"server.{end}" for end in ("csr", "pem", "key"))
    names = directory / "names.txt"
    names.write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    _openssl("req", "-x509", *CURVE, "-keyout", authority_key, "-out", authority, "-subj", "/CN=authority of a test")
    _openssl("req", *CURVE, "-keyout", key, "-out", request, "-subj", "/CN=127.0.0.1")
    signing = ("-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "2", "-extfile", names)
    _openssl("x509", "-req", "-in", request, "-out", certificate, *signing)
    return authority, certificate, key


def _openssl(*arguments: str | Path) -> None:
    try:
        subprocess.run(
            ["openssl", *map(str, arguments)],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=OPENSSL_SECONDS,
        )
    except subprocess.SubprocessError as error:
        raise NotStartedError(f"no certificate could be made: {error}") from None
