"""Rules about a container's state (runtime.md, State): what one state shows by itself, whoever told it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_oci.conformance.runtime.config.tree import describe

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

STRINGS = ("ociVersion", "id", "status", "bundle")
WITH_PROCESS = ("created", "running")
"""Statuses in which a pid is required on Linux."""
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]|\\\\")


def says(state: Mapping[str, Any], name: str) -> list[Finding]:
    """Without a string of this name that says something."""
    return _required(state, name, lambda value: isinstance(value, str) and value != "", "a string that is not empty")


def has_id(state: Mapping[str, Any]) -> list[Finding]:
    """Without a string `id`."""
    return _required(state, "id", lambda value: isinstance(value, str), "a string")


def bundle_is_absolute(state: Mapping[str, Any]) -> list[Finding]:
    """Without an absolute path `bundle`, of a POSIX platform or of Windows."""
    return _required(
        state, "bundle", lambda value: isinstance(value, str) and _ABSOLUTE.match(value) is not None, "an absolute path"
    )


def pid_where_due(state: Mapping[str, Any]) -> list[Finding]:
    """Without a positive integer `pid` in a state whose status says that there is a process."""
    status = state.get("status")
    if not isinstance(status, str):
        not_testable("depends-on: runtime.state.status")
    if status not in WITH_PROCESS:
        not_applicable(f"no pid is required of a container that is {status}")
    return _required(state, "pid", is_pid, "a positive integer")


def is_pid(value: object) -> bool:
    """Whether a value can be the pid of a process."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def form_faults(state: Mapping[str, Any], *, least_pid: int | None = None) -> list[Finding]:
    """What keeps a state from the form that the JSON Schema of the state asks for, or 1.0's example.

    Only the schema says how small a pid may be. Its closed list of statuses is not applied, since the text lets
    runtimes define more.
    """
    found = [finding for name in STRINGS for finding in _required(state, name, _is_string, "a string")]
    pid = state.get("pid", 0)
    if isinstance(pid, bool) or not (isinstance(pid, int) or str(pid) == "-0"):
        found.append(Finding("/pid", describe(pid), "an integer"))
    elif isinstance(pid, int) and least_pid is not None and pid < least_pid:
        found.append(Finding("/pid", describe(pid), f"{least_pid} or more"))
    annotations = state.get("annotations", {})
    if not isinstance(annotations, dict):
        return [*found, Finding("/annotations", describe(annotations), "an object")]
    return found + [
        Finding(json_pointer("annotations", name), describe(value), "a string")
        for name, value in annotations.items()
        if not isinstance(value, str)
    ]


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _required(state: Mapping[str, Any], name: str, holds: Any, expected: str) -> list[Finding]:
    pointer = json_pointer(name)
    if name not in state:
        return [Finding(pointer, "absent", expected)]
    return [] if holds(state[name]) else [Finding(pointer, describe(state[name]), expected)]
