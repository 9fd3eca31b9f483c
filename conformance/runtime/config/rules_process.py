"""Rules about `process` (config.md, Process, POSIX process and Linux Process)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    is_integer,
    is_posix_absolute,
    is_string,
    is_uint64,
    is_unsigned,
    is_windows_absolute,
    offending,
    present,
    require,
    select,
    strings,
)

from pytest_oci import not_applicable

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.documents.findings import Finding


def process_required(document: Object, *, to_be_started: bool) -> list[Finding]:
    """Without `process`, in a bundle that is handed over to be started."""
    if "process" not in document and not to_be_started:
        not_applicable("no process, and not known that the bundle is to be started")
    return require([Node((), document)], "process", lambda value: isinstance(value, dict), "an object")


def console_size_has(document: Object, name: str) -> list[Finding]:
    """A `consoleSize` without an unsigned integer of this name."""
    console = present(_in_process(document, "consoleSize"), "consoleSize")
    return require(console, name, is_unsigned, "an integer of zero or more")


def cwd_required(document: Object) -> list[Finding]:
    """A process without a string `cwd`."""
    return require(_process(document), "cwd", is_string, "a string, an absolute path")


def cwd_absolute(document: Object) -> list[Finding]:
    """A `cwd` that is relative."""
    directories = strings(_process(document), "cwd", required_by="config.process.cwd.required")
    if scope.is_for_windows(document):
        return offending(directories, is_windows_absolute, "an absolute path of Windows")
    return offending(directories, is_posix_absolute, "a path that begins with /")


def args_not_empty(document: Object) -> list[Finding]:
    """A process without at least one entry in `args`, outside Windows."""
    scope.require_posix(document)
    return require(_process(document), "args", _has_entries, "an array of at least one string")


def command_line_without_args(document: Object) -> list[Finding]:
    """A process on Windows with neither `args` nor a string `commandLine`."""
    scope.require_windows(document)
    bare = [node for node in _process(document) if not isinstance(node.value, dict) or node.value.get("args") is None]
    return require(bare, "commandLine", is_string, "a string, since there are no args")


def rlimits_have_type(document: Object) -> list[Finding]:
    """Entries of `rlimits` without a string `type`."""
    return require(_rlimits(document), "type", is_string, "a string, the name of a resource")


def rlimits_have(document: Object, name: str) -> list[Finding]:
    """Entries of `rlimits` without an unsigned 64 bit integer of this name."""
    return require(_rlimits(document), name, is_uint64, "an integer from 0 to 2^64-1")


def scheduler_has_policy(document: Object) -> list[Finding]:
    """A `scheduler` without a string `policy`."""
    return require(_since_1_1(document, "scheduler"), "policy", is_string, "a string, the name of a policy")


def io_priority_has_class(document: Object) -> list[Finding]:
    """An `ioPriority` without a string `class`."""
    return require(_since_1_1(document, "ioPriority"), "class", is_string, "a string, the name of a class")


def io_priority_has_priority(document: Object) -> list[Finding]:
    """An `ioPriority` without an integer `priority`."""
    return require(_since_1_1(document, "ioPriority"), "priority", is_integer, "an integer")


def _process(document: Object) -> list[Node]:
    return present(select(document, "process"), "process")


def _in_process(document: Object, *path: str) -> list[Node]:
    return select(document, "process", *path) if select(document, "process") else []


def _rlimits(document: Object) -> list[Node]:
    scope.require_posix(document)
    entries = _in_process(document, "rlimits", EACH) if _in_process(document, "rlimits") else []
    return present(entries, "rlimits")


def _since_1_1(document: Object, name: str) -> list[Node]:
    scope.require_linux(document)
    scope.require_version(document, since=(1, 1))
    return present(_in_process(document, name), name)


def _has_entries(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value)
