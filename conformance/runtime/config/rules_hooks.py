"""Rules about `hooks` (config.md, POSIX-platform Hooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    integer,
    is_posix_absolute,
    is_string,
    offending,
    present,
    require,
    select,
    strings,
)

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.documents.findings import Finding

PRESTART = ("prestart",)
OTHERS = ("createRuntime", "createContainer", "startContainer", "poststart", "poststop")
"""The kinds whose entries have the schema of `createRuntime`."""


def path_required(document: Object, kinds: tuple[str, ...]) -> list[Finding]:
    """Hooks of these kinds without a string `path`."""
    return require(_hooks(document, kinds), "path", is_string, "a string, an absolute path")


def path_absolute(document: Object, kinds: tuple[str, ...], *, required_by: str) -> list[Finding]:
    """Hooks of these kinds whose `path` is relative."""
    paths = strings(_hooks(document, kinds), "path", required_by=required_by)
    return offending(paths, is_posix_absolute, "a path that begins with /")


def timeout_positive(document: Object, kinds: tuple[str, ...]) -> list[Finding]:
    """Hooks of these kinds with a `timeout` that is no integer greater than zero."""
    timeouts = [
        Node((*hook.tokens, "timeout"), hook.value["timeout"])
        for hook in _hooks(document, kinds)
        if isinstance(hook.value, dict) and hook.value.get("timeout") is not None
    ]
    return offending(present(timeouts, "timeout of such a hook"), _is_positive, "an integer greater than zero")


def _hooks(document: Object, kinds: tuple[str, ...]) -> list[Node]:
    scope.require_posix(document)
    hooks = select(document, "hooks")
    if hooks:
        hooks = [
            hook for kind in kinds if select(document, "hooks", kind) for hook in select(document, "hooks", kind, EACH)
        ]
    return present(hooks, f"{' or '.join(kinds)} hook")


def _is_positive(value: JsonValue) -> bool:
    number = integer(value)
    return number is not None and number > 0
