"""Additions that are tried together or apart: what is said of those that do not run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.container import Stuck
from pytest_oci.fixtures.runtime.scenarios import features
from pytest_oci.fixtures.runtime.together import together_or_apart

from pytest_oci.observation import Trouble

ADDITIONS = {"first": [("/hostname", "a")], "second": [("/domainname", "b")]}
STAGE = cast("Any", None)


def failing(*, limit_for: str = "") -> Any:
    def play(_: object, __: object, name: str) -> list[dict[str, Any]]:
        raise Stuck(Trouble("create", f"{name} failed", clean=True, limit=name == limit_for))

    return play


def test_each_that_does_not_run_alone_has_its_trouble() -> None:
    """With what the judges need to know of it."""
    facts = together_or_apart(STAGE, MINIMAL, ADDITIONS, failing())

    assert facts["reports"] == {}
    assert facts["troubles"]["second"] == {"operation": "create", "text": "only1 failed", "clean": True}


@pytest.mark.parametrize("name", ["all", "only0", "only1"])
def test_what_was_never_tried_is_no_trouble_of_an_addition(name: str) -> None:
    """The scenario ends there: nothing is known, so nothing can be judged."""
    with pytest.raises(Stuck) as raised:
        together_or_apart(STAGE, MINIMAL, ADDITIONS, failing(limit_for=name))
    assert raised.value.trouble.limit


@pytest.mark.parametrize("limit", [True, False])
def test_a_memory_policy_that_was_never_tried(monkeypatch: pytest.MonkeyPatch, limit: bool) -> None:
    """It is not the policy's trouble."""

    def stuck(_: object) -> None:
        raise Stuck(Trouble("create", "no", clean=False, limit=limit))

    monkeypatch.setattr(features, "kernel_has_policy", lambda *_, **__: True)
    monkeypatch.setattr(features, "play_through", stuck)
    stage = cast("Any", SimpleNamespace(host=SimpleNamespace(architecture=""), container=lambda *_, **__: None))
    played = features.memory_policies(["MPOL_BIND"], [])
    if limit:
        with pytest.raises(Stuck):
            played.play(stage)
    else:
        assert played.play(stage)["troubles"] == {"MPOL_BIND": {"text": "no", "clean": False}}
