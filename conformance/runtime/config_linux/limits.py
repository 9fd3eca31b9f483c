"""Judging limits by the files of the container's cgroup, which has version 1 or 2 by the host."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pytest_oci.fixtures.runtime.scenarios.limits import cgroup_files, limited

from pytest_oci import Violation, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

SANDBOXED = "product: the program is no process of the host's kernel, so its limits cannot be told"


def expect_limit(observe: Observe, name: str, files: Mapping[str, str], group: str = "everyday") -> None:
    """Hold if one of the files, of those that cgroups of this host have, says what it should.

    `name` is the limit's in the scenario. Files come with what one of their lines has to be; `*` stands for anything.
    A runtime may put its process into a cgroup within the container's, so any of the container's own cgroups counts;
    where a limit was to be lifted (group `unlimited`) it must be so in all of them. What the files of a program say
    that is no process of the host's kernel is enough to hold, but not to fail.
    """
    wanted = {file: line for file, line in files.items() if file in fresh(observe)["files"]}
    if not wanted:
        not_testable(f"host: a cgroup here has no file {' or '.join(files)}")
    seen = look(observe, name, group)
    found = seen["files"]
    said = {file: found.get(file, []) for file in wanted}
    enough = all if group == "unlimited" else any
    if not any(said[file] and enough(says(content, line) for content in said[file]) for file, line in wanted.items()):
        require_own(seen)
        raise Violation(
            " or ".join(f"{line} in {file}" for file, line in wanted.items()),
            "; ".join(f"{file}: {_shown(contents)}" for file, contents in said.items()),
        )


def require_own(seen: Mapping[str, Any] | Seen) -> None:
    """End the test where limits are missing that a product may have set in a guest, out of the host's sight."""
    if not seen["own"]:
        not_testable(SANDBOXED)


def look(observe: Observe, name: str, group: str = "everyday") -> dict[str, Any]:
    """What was seen of the container with a limit.

    A product may choose what it supports of what is valid, and has to refuse the rest cleanly.
    """
    seen = observe(limited(group))
    if group == "unlimited" and "nothing" in seen["troubles"]:
        not_applicable(f"a cgroup that is there before is refused: {seen['troubles']['nothing']['text']}")
    if name in seen["troubles"]:
        trouble = seen["troubles"][name]
        if trouble["clean"]:
            unsupported(f"this limit ({name}) is refused by {trouble['text']}")
        raise Violation(f"a container with this limit ({name}) to run", trouble["text"])
    if name not in seen["looks"]:
        not_testable(f"host: it has nothing to limit ({name})")
    found = seen["looks"][name]
    there: dict[str, Any] = seen["looks"][found] if isinstance(found, str) else found
    return there


LIFTED = {"memory.limit_in_bytes": "92233720368547*", "memory.max": "max"}
"""What there is instead of a limit of memory. Version 1 shows the most that its counters hold, a multiple of a page."""


def require_lifting(observe: Observe) -> None:
    """End the test where a product leaves the limits of a cgroup that was there before as they are: one cause."""
    seen = observe(limited("unlimited"))
    if "memory-limit" not in seen["looks"]:
        return
    said = [content for file in LIFTED for content in look(observe, "memory-limit", "unlimited")["files"].get(file, [])]
    if not any(says(content, line) for content in said for line in LIFTED.values()):
        require_own(look(observe, "memory-limit", "unlimited"))
        not_testable("depends-on: config.linux.resources.memory.limit", f"limits of memory that are left: {said}")


def fresh(observe: Observe) -> dict[str, Any]:
    """What a new cgroup of this host has (`cgroup_files`)."""
    return dict(observe(cgroup_files()).observation.facts)


def says(content: str, line: str) -> bool:
    """Whether one of a file's lines is this one; `*` stands for anything."""
    return any(fnmatchcase(" ".join(one.split()), line) for one in content.splitlines())


def require_version(observe: Observe, controller: str, version: int) -> None:
    """End the test where the host's cgroups have this controller in another version."""
    if fresh(observe)["versions"].get(controller) != version:
        not_testable(f"host: there is no cgroup controller {controller} of version {version}")


def _shown(contents: Sequence[str]) -> str:
    return " / ".join(repr(content) for content in contents) or "not in the container's cgroup"
