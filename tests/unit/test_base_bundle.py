"""Bundles of other platforms, from the one that the user names."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.fixtures.runtime.base_bundle import base_document, based, offered

from pytest_oci.requirements import BASE_BUNDLE, CHECKS

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.runtime.container import Container
    from pytest_oci.fixtures.runtime.stage import Stage

    from pytest_oci.host import Host

DOCUMENT = {"ociVersion": "1.3.0", "root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/"}, "mounts": [{}]}


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of the user's."""
    directory = tmp_path / "base"
    directory.mkdir()
    (directory / "config.json").write_text(json.dumps(DOCUMENT))
    monkeypatch.setenv(BASE_BUNDLE, str(directory))
    return directory


def made(tmp_path: Path, changes: dict[str, Any]) -> dict[str, Any]:
    """The configuration that a container gets."""
    stage = SimpleNamespace(directory=tmp_path, container=lambda path, **_: path)
    path = cast("Path", based(cast("Stage", stage), changes))
    document: dict[str, Any] = json.loads((path / "config.json").read_text())
    return document


def test_members_are_changed_and_taken_out(base: Path, tmp_path: Path) -> None:
    """Also those that are not there; the rest is the user's."""
    document = made(tmp_path, {"/mounts": None, "/windows/hyperv": None, "/process/args": ["b"], "/x/y": []})

    assert document == {
        "ociVersion": "1.3.0",
        "root": {"path": str(base / "r")},
        "process": {"args": ["b"], "cwd": "/"},
        "x": {"y": []},
    }


@pytest.mark.parametrize("root", ["/elsewhere", "\\\\?\\Volume{1}\\"])
def test_roots_outside_of_the_bundle_stay(base: Path, root: str) -> None:
    """An absolute path, a volume of Windows."""
    (base / "config.json").write_text(json.dumps({**DOCUMENT, "root": {"path": root}}))

    assert base_document()["root"]["path"] == root


def test_without_a_bundle_nothing_can_be_played(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host lacks it."""
    monkeypatch.delenv(BASE_BUNDLE, raising=False)
    check, text = CHECKS["base-bundle"]

    assert not check(cast("Host", None))
    assert BASE_BUNDLE in text
    with pytest.raises(LookupError):
        base_document()


@pytest.mark.parametrize(
    ("ok", "refused", "state", "facts"),
    [
        (True, False, '{"id": "c"}', {"created": True, "exists": True, "crashes": [], "errors": []}),
        (True, False, '{"id": "d"}', {"created": True, "exists": False, "crashes": [], "errors": []}),
        (False, True, "", {"created": False, "exists": False, "crashes": [], "errors": ["no"]}),
        (False, False, "", {"created": False, "exists": False, "crashes": ["create died"], "errors": []}),
    ],
)
def test_what_is_offered(*, ok: bool, refused: bool, state: str, facts: dict[str, Any]) -> None:
    """Taken, refused, or neither."""
    result = SimpleNamespace(describe=lambda: "died")
    call = SimpleNamespace(ok=ok, refused=refused, stderr="no\n", stdout="", result=result)
    container = SimpleNamespace(id="c", create=lambda: call, state=lambda: SimpleNamespace(stdout=state))

    assert offered(cast("Container", container)) == facts
