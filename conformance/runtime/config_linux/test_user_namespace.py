"""config-linux.md, "User namespace mappings"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.other_user import NO_ROOT
from pytest_oci.fixtures.runtime.scenarios.user_namespace import mapped_ids

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


def _expect_mapped(observe: Observe, member: str, position: int) -> None:
    """Hold if the kernel has the lines asked for and files have the owners that follow from them.

    Where the program is no process of the host's kernel only the owners tell.
    """
    seen = observe(mapped_ids(), refusal="unsupported")
    if seen.get("rootless"):
        not_testable(NO_ROOT, seen["rootless"])
    if seen["own"]:
        expect(seen[member], f"lines of {member}").equals(seen["wanted"][member])
    found = {name: owner and owner[position] for name, owner in seen["owners"].items()}
    wanted = {name: inside[position] for name, inside in seen["wanted"]["owners"].items()}
    expect(found, "owners of files that the program sees").equals(wanted)


@clause("config.linux.uid-mappings.applied")
def test_users_are_mapped(observe: Observe) -> None:
    """Three ranges of users."""
    _expect_mapped(observe, "uid_map", 0)


@clause("config.linux.gid-mappings.applied")
def test_groups_are_mapped(observe: Observe) -> None:
    """Two ranges of groups, other than those of users."""
    _expect_mapped(observe, "gid_map", 1)


@clause("config.linux.id-mappings.no-chown")
def test_owners_of_files_are_left(observe: Observe) -> None:
    """After every operation the files of the rootfs and of a bind's source have the owners that they had."""
    seen = observe(mapped_ids(), refusal="unsupported")
    if seen.get("wanted") and len(seen["wanted"]["uid_map"]) == 1:
        not_testable("host: the run's user is not root and can give files to nobody else")
    before, after = seen["before"], seen["after"]
    changed = {
        f"{path} after {operation}": owners[path]
        for operation, owners in after.items()
        for path in before
        if path in owners and owners[path] != before[path]
    }
    expect(changed, "files with other owners than before").is_empty()
