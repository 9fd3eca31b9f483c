"""Judgements that several tests of runtime.md share; pure but for `expect_error`, which may observe a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_oci.conformance.runtime.document_form import repetitions
from pytest_oci.fixtures.runtime.scenarios.operations import nonsense

from pytest_oci import Violation, not_testable
from pytest_oci.documents.exact import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

    from pytest_oci.documents.findings import Finding

RETURNS_STATE = "runtime.ops.state.returns-state"
DEFINED = ("creating", "created", "running", "stopped")


def expect_error(observe: Observe, call: Mapping[str, Any], what: str) -> None:
    """Hold if the operation reported an error.

    The text leaves open how, and even whether, an error shows (runtime.md, "Errors"). So reported success is held
    against a product only if it shows other errors in the exit status; a crash or a hang is no error that it generated.
    """
    if call["refused"]:
        return
    if not call["ok"]:
        raise Violation(f"an error reported for {what}", call["text"])
    tried = observe(nonsense())
    if not shows_errors(tried.observation.facts):
        not_testable("product: it shows no error in its exit status, whatever is asked", call["text"])
    raise Violation(f"an error for {what}", call["text"])


def shows_errors(tried: Mapping[str, Any]) -> bool:
    """Whether the product's exit status tells of any error, by what it said of senseless operations."""
    return any(fact["call"]["refused"] for fact in tried.values())


def state_in(look: Mapping[str, Any], moment: str) -> dict[str, Any]:
    """The state that a look found; without one nothing can be said of it."""
    if look["document"] is None:
        not_testable(f"depends-on: {RETURNS_STATE}", f"{moment}: {look['call']['text']}")
    document: dict[str, Any] = look["document"]
    return document


def expect_state(seen: Seen, status: str) -> None:
    """End the test as depending on the clause about this status unless the container had it before what is judged."""
    found = (seen["before"]["document"] or {}).get("status")
    if found != status:
        not_testable(f"depends-on: runtime.ops.state.status-{status}", seen["before"]["call"]["text"])


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What an operation that was to have no effect changed in the container's state, as far as looks can tell."""
    old, new = before["document"] or {}, after["document"]
    if new is None:
        return [f"the container is gone: {after['call']['text']}"]
    changed = [
        f"{name} was {old.get(name)!r} and is {new.get(name)!r}"
        for name in ("status", "pid", "bundle")
        if old.get(name) != new.get(name)
    ]
    if before["alive"] and not after["alive"] and old.get("pid") == new.get("pid"):
        changed.append(f"the process {old.get('pid')} has ended")
    return changed


def repeated_names(text: str) -> list[Finding]:
    """Names that stand more than once in one object of a JSON text, at any depth. ValueError if it is no JSON."""
    return repetitions(read_json(text.encode("utf-8", "surrogateescape")))


def pid_faults(hooks: list[Mapping[str, Any]], wanted: Mapping[str, int]) -> list[str]:
    """Hooks whose state has to have a pid, since it says created or running, and does not have the wanted one."""
    faults = []
    for hook in hooks:
        document = hook["document"] or {}
        if document.get("status") in ("created", "running") and document.get("pid") != wanted[hook["name"]]:
            faults.append(f"{hook['name']}: pid {document.get('pid')!r}, not {wanted[hook['name']]}")
    return faults


def pid_is_due(hooks: list[Mapping[str, Any]]) -> bool:
    """Whether any hook got a state that has to have a pid."""
    return any((hook["document"] or {}).get("status") in ("created", "running") for hook in hooks)
