"""Rules about `seccomp` (config-linux.md, Seccomp)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import STRINGS, UINT64, UNSIGNED, Required
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    is_one_of,
    offending,
    present,
    select,
)

from pytest_oci import not_testable
from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.required import Kind

ACTIONS = tuple(
    f"SCMP_ACT_{name}"
    for name in ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "ALLOW", "LOG", "NOTIFY")
)
"""Those of every version of the text: in each they are the ones that libseccomp defines."""
OPERATORS = tuple(f"SCMP_CMP_{name}" for name in ("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"))

ACTION: Kind = (is_one_of(ACTIONS), f"one of {', '.join(ACTIONS)}")
OPERATOR: Kind = (is_one_of(OPERATORS), f"one of {', '.join(OPERATORS)}")

NAMES = "config.linux.seccomp.syscalls.names.required"
_SECCOMP = ("linux", "seccomp")
_SYSCALLS = (*_SECCOMP, "syscalls", EACH)
_ARGUMENTS = (*_SYSCALLS, "args", EACH)

REQUIRED = (
    Required("config.linux.seccomp.default-action.required", (_SECCOMP,), ("defaultAction",), ACTION),
    Required(NAMES, (_SYSCALLS,), ("names",), STRINGS),
    Required("config.linux.seccomp.syscalls.action.required", (_SYSCALLS,), ("action",), ACTION),
    Required("config.linux.seccomp.syscalls.args.index.required", (_ARGUMENTS,), ("index",), UNSIGNED),
    Required("config.linux.seccomp.syscalls.args.value.required", (_ARGUMENTS,), ("value",), UINT64),
    Required("config.linux.seccomp.syscalls.args.op.required", (_ARGUMENTS,), ("op",), OPERATOR),
)


def names_not_empty(document: Object) -> list[Finding]:
    """Entries of `syscalls` whose `names` is an empty array."""
    entries = present(select(document, *_SYSCALLS), "seccomp.syscalls")
    lists = [
        Node((*entry.tokens, "names"), entry.value["names"])
        for entry in entries
        if isinstance(entry.value, dict) and isinstance(entry.value.get("names"), list)
    ]
    if not lists:
        not_testable(f"depends-on: {NAMES}")
    return offending(lists, bool, "an array of at least one string")


def metadata_with_path(document: Object) -> list[Finding]:
    """A `listenerMetadata` without `listenerPath`; an empty path leads to no socket and counts as none."""
    scope.require_version(document, since=(1, 1))
    metadata = present(select(document, *_SECCOMP, "listenerMetadata"), "listenerMetadata")[0]
    paths = select(document, *_SECCOMP, "listenerPath")
    if paths and paths[0].value != "":
        return []
    stands = "empty" if paths else "absent"
    return [Finding(metadata.pointer, f"there, and listenerPath is {stands}", "absent, or there with listenerPath")]
