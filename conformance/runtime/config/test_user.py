"""config.md, "POSIX-platform User"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.other_user import as_other_user
from pytest_oci.fixtures.probe.report import Ids
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.process import AS_USER, GID, UID, run_with_groups

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

MORE_GIDS = (5, 6)
UMASK = 0o077
"""63 in JSON; a runtime that reads the digits as octal makes 0o063 of it."""


@clause("config.process.user.uid-applied")
def test_program_has_the_uid(observe: Observe) -> None:
    """Real, effective, saved and file system uid, though no passwd file knows the user."""
    report = as_other_user(observe, AS_USER).report
    expect((report.uid, report.fsuid), "user ids").equals((Ids(UID, UID, UID), UID))


@clause("config.process.user.gid-applied")
def test_program_has_the_gid(observe: Observe) -> None:
    """Real, effective, saved and file system gid."""
    report = as_other_user(observe, AS_USER).report
    expect((report.gid, report.fsgid), "group ids").equals((Ids(GID, GID, GID), GID))


@clause("config.process.user.additional-gids.applied")
def test_program_has_the_additional_gids(observe: Observe) -> None:
    """They are among the supplementary groups; others may be there too."""
    groups = observe(run_with_groups(AS_USER.having("/process/user/additionalGids", list(MORE_GIDS)))).report.groups
    expect([gid for gid in MORE_GIDS if gid not in groups], f"missing from the groups {sorted(groups)}").is_empty()


@clause("config.process.user.umask.applied")
def test_program_has_the_umask(observe: Observe) -> None:
    """The number in config.json is the mask."""
    seen = observe(MINIMAL.having("/process/user/umask", UMASK), refusal="unsupported")
    expect(f"{seen.report.umask:04o}", "umask").equals(f"{UMASK:04o}")
