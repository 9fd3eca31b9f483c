"""config.md, "Linux Process": capabilities and noNewPrivileges."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.other_user import as_other_user
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.bundle import CAPABILITY_SETS, MINIMAL
from pytest_oci.fixtures.runtime.scenarios.process import run_as, run_lacking_capability, run_with_helper

from pytest_oci import clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

BOUNDING = ("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID")
INHERITABLE = ("CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE")
PERMITTED = ("CAP_CHOWN", "CAP_KILL", "CAP_SETGID", "CAP_SETUID")
AMBIENT = ("CAP_CHOWN", "CAP_KILL")
PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET = 47, 1
ASK_AMBIENT = ("syscall", "prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0)

USER = 1234
ROOTS = MINIMAL.with_capabilities(
    bounding=BOUNDING, effective=PERMITTED, permitted=PERMITTED, inheritable=INHERITABLE, ambient=AMBIENT
).with_verb("sequence", "all", "--", *map(str, ASK_AMBIENT))
USERS = (
    ROOTS.having("/process/user/uid", USER)
    .having("/process/capabilities/permitted", list(AMBIENT))
    .having("/process/capabilities/effective", list(AMBIENT))
)
HELD_DOWN = MINIMAL.with_capabilities(bounding=BOUNDING, effective=PERMITTED, permitted=PERMITTED).having(
    "/process/noNewPrivileges", True
)
BY_USER = {"root": ROOTS, "user": USERS}

ONLY_CHOWN = MINIMAL.with_capabilities(**{name: ["CAP_CHOWN"] for name in CAPABILITY_SETS})
WITH_BOGUS = MINIMAL.with_capabilities(**{name: ["CAP_CHOWN", "CAP_BOGUS"] for name in CAPABILITY_SETS})

UNGRANTABLE = "CAP_LEASE"


def _of_user(observe: Observe, user: str) -> Seen:
    """What a program run by root or by another user sees of the five sets."""
    seen = as_other_user(observe, BY_USER[user], also=True)
    if user == "user" and seen.report.uid.effective != USER:
        not_testable("depends-on: config.process.user.uid-applied")
    return seen


@clause("config.process.capabilities.bounding")
@pytest.mark.parametrize("user", BY_USER)
def test_bounding_set_is_the_list(observe: Observe, user: str) -> None:
    """No more and no less than the list."""
    expect(sorted(_of_user(observe, user).report.capabilities.bounding), "bounding set").equals(sorted(BOUNDING))


@clause("config.process.capabilities.inheritable")
@pytest.mark.parametrize("user", BY_USER)
def test_inheritable_set_is_the_list(observe: Observe, user: str) -> None:
    """No more and no less than the list."""
    found = _of_user(observe, user).report.capabilities.inheritable
    expect(sorted(found), "inheritable set").equals(sorted(INHERITABLE))


@clause("config.process.capabilities.ambient")
@pytest.mark.parametrize("user", BY_USER)
def test_ambient_set_is_the_list(observe: Observe, user: str) -> None:
    """No more and no less than the list; what the kernel that the program sees does not have cannot be granted."""
    seen = _of_user(observe, user)
    asked = seen["lines"][1]["rc"]
    if asked < 0:
        unsupported(f"the kernel in the container has no ambient set ({errno.errorcode.get(-asked, asked)})")
    expect(sorted(seen.report.capabilities.ambient), "ambient set").equals(sorted(AMBIENT))


@clause("config.process.capabilities.permitted")
def test_permitted_set_is_the_list(observe: Observe) -> None:
    """With no_new_privs execve gives root only what was permitted before; another user keeps what is ambient."""
    seen = observe(run_as(HELD_DOWN), root="config.process.no-new-privileges.applied")
    if not seen.report.no_new_privileges:
        not_testable("depends-on: config.process.no-new-privileges.applied")
    expect(sorted(seen.report.capabilities.permitted), "permitted set").equals(sorted(PERMITTED))
    other = observe(run_as(USERS))
    if other.get("rootless"):
        return
    users = other.report
    if users.uid.effective == USER and sorted(users.capabilities.ambient) == sorted(AMBIENT):
        expect(sorted(users.capabilities.permitted), "permitted set of another user").equals(sorted(AMBIENT))


@clause("config.process.capabilities.unmappable-continues")
def test_unknown_capability_does_not_stop_the_container(observe: Observe) -> None:
    """A name that the kernel does not have is passed over, its neighbour is granted (from 1.1)."""
    capabilities = observe(WITH_BOGUS).report.capabilities
    found = {name: sorted(getattr(capabilities, name)) for name in ("bounding", "permitted", "effective")}
    expect(found, "capability sets").equals({name: ["CAP_CHOWN"] for name in found})


@clause("config.process.capabilities.unmappable-error")
def test_unknown_capability_is_an_error(observe: Observe) -> None:
    """A name that the kernel does not have is refused (1.0 only)."""
    expect_never_runs(observe, WITH_BOGUS, ONLY_CHOWN, "an unknown capability")


@clause("config.process.capabilities.ungrantable-no-fail")
def test_capability_that_the_runtime_lacks_does_not_stop_the_container(observe: Observe) -> None:
    """A runtime that was called without a capability grants the others."""
    names = ["CAP_CHOWN", UNGRANTABLE]
    bundle = MINIMAL.with_capabilities(bounding=names, permitted=names, effective=names)
    seen = observe(run_lacking_capability(bundle, UNGRANTABLE))
    expect(sorted(seen.report.capabilities.bounding), "bounding set").contains("CAP_CHOWN")


@clause("config.process.no-new-privileges.applied")
def test_no_new_privileges_is_set(observe: Observe) -> None:
    """The program has no_new_privs, and a set-uid program that it runs gains nothing."""
    seen = observe(run_with_helper(held_down=True), refusal="unsupported")
    expect(seen.report.no_new_privileges, "no_new_privs").is_true()
    own = seen.report.uid.effective
    if own != 0 and _helpers_uid(observe(run_with_helper(held_down=False))) == 0:
        expect(_helpers_uid(seen), "effective uid of a set-uid-root program").equals(own)


def _helpers_uid(seen: Seen) -> int | None:
    """The effective uid that the helper had, None if it did not run."""
    output = seen["lines"][1].get("output")
    return Report.parse(json.loads(output)).uid.effective if output else None
