"""Whose credentials are used."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci.targets.registry.address import parse_address
from pytest_oci.targets.registry.credentials import Credentials, find_credentials
from pytest_oci.targets.runtime import TargetError

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = parse_address("https://registry.example:5000")
AUTH = base64.b64encode(b"user:pass:word").decode()
USER = Credentials("user", "pass:word")


def found(tmp_path: Path, config: Any, **environment: str) -> Credentials | None:
    (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return find_credentials(REGISTRY, {"DOCKER_CONFIG": str(tmp_path), "PATH": str(tmp_path), **environment})


def helper(tmp_path: Path, name: str, script: str) -> None:
    path = tmp_path / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """Both variables, or neither."""
    given = {"PYTEST_OCI_USERNAME": "a", "PYTEST_OCI_PASSWORD": "b"}

    assert found(tmp_path, {"auths": {"registry.example:5000": {"auth": AUTH}}}, **given) == Credentials("a", "b")
    with pytest.raises(TargetError, match="set both"):
        found(tmp_path, {}, PYTEST_OCI_USERNAME="a")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, None),
        ({"auths": {"other.example": {"auth": AUTH}}}, None),
        ({"auths": {"registry.example:5000": {"auth": AUTH}}}, USER),
        ({"auths": {"https://registry.example:5000": {"auth": AUTH}}}, USER),
        ({"auths": {"registry.example:5000": {"username": "user", "password": "pass:word"}}}, USER),
        ({"auths": {"registry.example:5000": {}}}, None),
        (
            {"auths": {"registry.example:5000": {"auth": AUTH, "identitytoken": "t0ken"}}},
            Credentials("user", "pass:word", "t0ken"),
        ),
        ({"auths": [], "credHelpers": "x"}, None),
    ],
)
def test_what_docker_keeps(tmp_path: Path, config: Any, expected: Credentials | None) -> None:
    """In its configuration."""
    assert found(tmp_path, config) == expected


def test_helpers(tmp_path: Path) -> None:
    """Programs that give credentials; one that is not installed is named in one line."""
    config = {"credHelpers": {"registry.example:5000": "x"}}
    with pytest.raises(TargetError, match="credential helper 'x', which is not on PATH"):
        found(tmp_path, config)
    helper(tmp_path, "x", """read name; echo '{"Username": "user", "Secret": "'$name'"}'""")
    assert found(tmp_path, config) == Credentials("user", "registry.example:5000")
    helper(tmp_path, "x", """echo '{"Username": "<token>", "Secret": "t0ken"}'""")
    assert found(tmp_path, config) == Credentials("<token>", "", "t0ken")
    helper(tmp_path, "x", "echo credentials not found; exit 1")
    assert found(tmp_path, config) is None
    with pytest.raises(TargetError, match="not on PATH"):
        found(tmp_path, {"credHelpers": {"registry.example:5000": "../x"}})
    store = {"credsStore": "x", "auths": {"registry.example:5000": {}}}
    helper(tmp_path, "x", """echo '{"Username": "user", "Secret": "pass:word"}'""")
    assert found(tmp_path, store) == USER


@pytest.mark.parametrize("config", ["{", "[]", {"auths": {"registry.example:5000": {"auth": "%%%"}}}])
def test_what_cannot_be_read(tmp_path: Path, config: Any) -> None:
    """One line that names the file."""
    with pytest.raises(TargetError, match=r"config\.json"):
        found(tmp_path, config)


def test_nothing_secret_is_shown() -> None:
    """Where credentials are printed."""
    assert "word" not in repr(USER)
