"""runtime.md, "Lifecycle": the steps that are about hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.hooked import SLUGS, invoked, kinds, lived
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.runtime.scenarios.hooks import IN_CREATE, failing, going_on, hooks_changed_after_create

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

FATAL = (*IN_CREATE, "startContainer", "poststart")
"""Kinds whose failure ends the container's life."""


@pytest.mark.parametrize("kind", kinds("runtime.lifecycle.{}.invoked"))
def test_hooks_are_invoked(observe: Observe, kind: str) -> None:
    """Every hook of the kind is executed in the course of the container's life."""
    seen = lived(observe, kind)
    begun = {hook.name for hook in seen.begun(kind)}
    missing = [name for name in seen.facts["hooks"][kind] if name not in begun]
    expect(missing, f"{kind} hooks that were never executed").is_empty()


@pytest.mark.parametrize("kind", kinds("runtime.lifecycle.{}.failure-error", of=FATAL))
def test_a_failing_hook_is_an_error(observe: Observe, kind: str) -> None:
    """The operation that the hook belongs to reports an error."""
    seen = _failed(observe, kind)
    operations = " or ".join(_due(observe, kind))
    if not _reported(observe, seen, kind):
        raise Violation(f"an error from {operations}, since a {kind} hook failed", "; ".join(_texts(seen)))


@pytest.mark.parametrize("kind", kinds("runtime.lifecycle.{}.failure-stops", of=FATAL))
def test_a_failing_hook_stops_the_container(observe: Observe, kind: str) -> None:
    """No process of the container is left, and the program does not run after a hook that comes before it."""
    seen = _failed(observe, kind)
    goes_on = bool(seen["alive"]) or (seen["ran"] and kind != "poststart")
    if goes_on and not _reported(observe, seen, kind):
        not_testable(f"depends-on: runtime.lifecycle.{SLUGS[kind]}.failure-error", *_texts(seen))
    expect(seen["alive"], "processes of the container after the failure", _texts(seen)).is_empty()
    if kind != "poststart":
        expect(seen["ran"], "whether the program ran after the failure", _texts(seen)).is_false()


@pytest.mark.parametrize("kind", kinds("runtime.lifecycle.{}.failure-destroys", of=FATAL))
def test_a_failing_hook_has_the_container_destroyed(observe: Observe, kind: str) -> None:
    """Without a delete the container is unknown to state, its cgroups are gone and its id is free."""
    seen = _stopped(observe, kind)
    expect(seen["listed"], "whether state still knows the container after the failure", _texts(seen)).is_false()
    expect(seen["cgroups"], "cgroups of the container after the failure", _texts(seen)).is_empty()
    again = seen["again"]
    expect(again["ok"], "whether the container's id can be used again", [again["text"]]).is_true()


@pytest.mark.parametrize("kind", kinds("runtime.lifecycle.{}.failure-poststop", of=FATAL))
def test_a_failing_hook_is_followed_by_poststop_hooks(observe: Observe, kind: str) -> None:
    """Without a delete the poststop hook is executed."""
    lived(observe, "poststop").hooks("poststop")
    seen = _stopped(observe, kind)
    expect(_began(seen), "hooks executed, the poststop hook `last` after the failing one", _texts(seen)).contains(
        "last"
    )


def _due(observe: Observe, kind: str) -> tuple[str, ...]:
    """Operations at which the failure of a hook has to show; version 1.0 has prestart hooks in create or start."""
    early = kind in IN_CREATE and not (kind == "prestart" and observe.version.startswith("1.0."))
    return ("create",) if early else ("create", "start")


def _reported(observe: Observe, seen: Seen, kind: str) -> bool:
    calls: dict[str, Any] = seen["calls"]
    return any(calls[name]["refused"] for name in _due(observe, kind) if name in calls)


def _failed(observe: Observe, kind: str) -> Seen:
    """The life of a container of which a hook fails; nothing can be said if the hook was not executed."""
    seen = observe(failing(kind))
    if "failing" not in _began(seen):
        not_testable(f"depends-on: {invoked(kind)}", *_texts(seen))
    return seen


def _stopped(observe: Observe, kind: str) -> Seen:
    """The same; nothing can be said of its destruction if it is alive."""
    seen = _failed(observe, kind)
    if seen["alive"]:
        not_testable(f"depends-on: runtime.lifecycle.{SLUGS[kind]}.failure-stops", *seen["alive"])
    return seen


def _began(seen: Seen) -> list[str]:
    return [event.name for event in parse_log(seen["log"]) if event.event == "begin"]


def _texts(seen: Seen) -> list[str]:
    return [call["text"] for call in seen["calls"].values()]


@clause("runtime.lifecycle.poststart.failure-continues")
def test_life_goes_on_after_a_failing_poststart_hook(observe: Observe) -> None:
    """Until version 1.2: start succeeds, the next hook is executed and the program goes on."""
    seen = _went_on(observe, "poststart")
    _expect_success(seen, "create", "start")
    expect(_began(seen), "hooks executed, `second` after the failing one").contains("second")
    expect(seen["ran"], "whether the program ran").is_true()
    expect(seen["status"], "status after start").equals("running")


@clause("runtime.lifecycle.poststop.failure-continues")
def test_deletion_goes_on_after_a_failing_poststop_hook(observe: Observe) -> None:
    """Delete succeeds, the next hook is executed and the container is gone."""
    seen = _went_on(observe, "poststop")
    expect(_began(seen), "hooks executed, `second` after the failing one", _texts(seen)).contains("second")
    _expect_success(seen, "delete")
    expect(seen["listed"], "whether state still knows the container after delete").is_false()


def _expect_success(seen: Seen, *operations: str) -> None:
    for name in operations:
        call = seen["calls"].get(name)
        if call is None or not call["ok"]:
            raise Violation(f"success of {name} although a hook failed", "; ".join(_texts(seen)))


def _went_on(observe: Observe, kind: str) -> Seen:
    seen = observe(going_on(kind))
    if "failing" not in _began(seen):
        not_testable(f"depends-on: {invoked(kind)}", *_texts(seen))
    return seen


@clause("runtime.lifecycle.config-update.hooks-ignored")
def test_hooks_changed_after_create_are_not_executed(observe: Observe) -> None:
    """Hooks put into config.json after create are not executed, those that stood there before are."""
    seen = observe(hooks_changed_after_create())
    began = _began(seen)
    new = [name for name in began if name.endswith("-new")]
    expect(new, "hooks executed that came into config.json after create").is_empty()
    for kind in ("poststart", "poststop"):
        lived(observe, kind).hooks(kind)
        expect(began, "hooks executed, those in config.json at create").contains(f"{kind}-old")
