"""Whose credentials are used: from the environment, or those that `docker login` kept. Never from the command line."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.runtime import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.targets.registry.address import Address

USERNAME, PASSWORD = "PYTEST_OCI_USERNAME", "PYTEST_OCI_PASSWORD"
LARGEST_CONFIG = 1 << 20
HELPER_SECONDS = 10.0
IDENTITY = "<token>"
"""The user name with which Docker keeps an identity token in the place of a password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name with a password, or an identity token; neither is ever shown."""

    username: str
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The value of Authorization for the scheme Basic."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that have to appear nowhere."""
        return tuple(filter(None, (self.password, self.identity_token, self.basic.partition(" ")[2])))


def find_credentials(address: Address, environment: Mapping[str, str]) -> Credentials | None:
    """The credentials for a registry, None if there are none. Raises TargetError in one line."""
    if USERNAME in environment or PASSWORD in environment:
        if not (environment.get(USERNAME) and environment.get(PASSWORD)):
            raise TargetError(f"set both {USERNAME} and {PASSWORD}, or neither")
        return Credentials(environment[USERNAME], environment[PASSWORD])
    home = environment.get("HOME", "")
    directory = environment.get("DOCKER_CONFIG") or (f"{home}/.docker" if home else "")
    path = Path(directory) / "config.json"
    if not directory or not path.is_file():
        return None
    return _from_config(_read(path), address, environment, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(LARGEST_CONFIG))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no JSON"
        raise TargetError(f"{path} cannot be read: {why}") from None
    if not isinstance(document, dict):
        raise TargetError(f"{path} holds no JSON object")
    return document


def _from_config(
    document: Mapping[str, Any], address: Address, environment: Mapping[str, str], path: Path
) -> Credentials | None:
    names = _names(address)
    helpers = document.get("credHelpers")
    if isinstance(helpers, dict):
        for name in names:
            if isinstance(helpers.get(name), str):
                return _ask(helpers[name], name, environment, path)
    auths = document.get("auths")
    entries = [auths[name] for name in names if isinstance(auths.get(name), dict)] if isinstance(auths, dict) else []
    for entry in entries:
        found = _entry(entry, path)
        if found is not None:
            return found
    store = document.get("credsStore")
    # Without an entry nobody has logged in, and the store need not be asked.
    return _ask(store, names[0], environment, path) if isinstance(store, str) and entries else None


def _names(address: Address) -> list[str]:
    """What Docker may call the registry."""
    names = [address.authority, f"{address.host}:{address.port}", address.url, f"{address.url}/", f"{address.url}/v2/"]
    return list(dict.fromkeys(names))


def _entry(entry: Mapping[str, Any], path: Path) -> Credentials | None:
    token = entry.get("identitytoken")
    if isinstance(entry.get("auth"), str) and entry["auth"]:
        try:
            username, colon, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if not colon:
            raise TargetError(f"{path}: the entry of the registry holds no user name and password in base64")
        return Credentials(username, password.rstrip("\0"), token if isinstance(token, str) else "")
    if isinstance(entry.get("username"), str) and isinstance(entry.get("password"), str):
        return Credentials(entry["username"], entry["password"])
    return Credentials(IDENTITY, "", token) if isinstance(token, str) and token else None


def _ask(helper: str, name: str, environment: Mapping[str, str], path: Path) -> Credentials | None:
    """What a credential helper gives: a program that is called with `get` and reads the registry's name."""
    program = shutil.which(f"docker-credential-{helper}", path=environment.get("PATH")) if _plain(helper) else None
    if program is None:
        raise TargetError(
            f"{path} names the credential helper {helper!r}, which is not on PATH: install it, "
            f"or set {USERNAME} and {PASSWORD}"
        )
    try:
        done = subprocess.run(
            [program, "get"], input=name.encode(), capture_output=True, timeout=HELPER_SECONDS, check=False
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
        username, secret = answer.get("Username", ""), answer.get("Secret", "")
    except (OSError, subprocess.TimeoutExpired, ValueError, AttributeError) as error:
        raise TargetError(f"the credential helper {helper!r} failed: {type(error).__name__}") from None
    if not (isinstance(username, str) and isinstance(secret, str) and secret):
        return None
    return Credentials(IDENTITY, "", secret) if username == IDENTITY else Credentials(username, secret)


def _plain(helper: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]+", helper) is not None


def environment_credentials(address: Address) -> Credentials | None:
    """The credentials for a registry in this process's environment. Raises TargetError in one line."""
    return find_credentials(address, os.environ)
