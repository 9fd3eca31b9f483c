"""config-linux.md, "Allowed Device list". What is denied is seen by EPERM from open(2), whatever the cgroups."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.device_rules import everything, under_rules

from pytest_oci import Violation, clause, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


def _expect_opened(observe: Observe, name: str, **wanted: bool) -> None:
    """Hold if under these rules exactly what is wanted can be opened; `kmsg_r=True` is reading /mnt/kmsg."""
    control = observe(under_rules("open"), root="config.linux.resources.devices.enforced")["opened"]
    seen = observe(under_rules(name))
    opened = seen["opened"]
    for words, may in wanted.items():
        what = words.replace("_", " ")
        if control[what] in (-errno.EPERM, -errno.EACCES) or (may and control[what] < 0):
            not_testable(
                f"product: {what} cannot be opened even where every device is allowed (errno {-control[what]})"
            )
        if opened[what] >= 0 if may else opened[what] == -errno.EPERM:
            continue
        if control[what] < 0:
            not_testable(f"host: there is no device for {what}")
        raise Violation(
            f"{what}: open(2) to {'succeed' if may else 'give EPERM'}",
            f"errno {-opened[what]}" if opened[what] < 0 else "success",
            [f"rules: {seen['rules']}", f"opened: {opened}"],
        )


@clause("config.linux.resources.devices.enforced")
def test_devices_outside_the_list_are_denied(observe: Observe) -> None:
    """One device may be read; it may not be written, and no other device may be opened."""
    _expect_opened(observe, "one", kmsg_r=True, kmsg_w=False, other_r=False, disk_r=False)


@clause("config.linux.resources.devices.order")
def test_later_rules_win(observe: Observe) -> None:
    """Reading is allowed, then denied; writing is denied, then allowed."""
    _expect_opened(observe, "ordered", kmsg_r=False, kmsg_w=True)


@clause("config.linux.resources.devices.type-default")
def test_rule_without_type_is_for_all(observe: Observe) -> None:
    """After it neither the character nor the block device can be opened."""
    _expect_opened(observe, "all-types", kmsg_r=False, disk_r=False)


@clause("config.linux.resources.devices.major-minor-default")
@pytest.mark.parametrize("name", ["any-minor", "any-major"])
def test_rule_without_number_is_for_all(observe: Observe, name: str) -> None:
    """It matches a device by the other number, and none that differs in that."""
    _expect_opened(observe, name, kmsg_r=True, other_r=False)


@clause("config.linux.resources.devices.type.unknown-rejected")
def test_unknown_type_is_refused(observe: Observe) -> None:
    """The types are a, b and c."""
    rule = {**everything(allow=True), "type": "x", "major": 1, "minor": 11}
    bad, good = (MINIMAL.having("/linux/resources/devices", [{**rule, "type": kind}]) for kind in "xc")
    expect_refused_at_create(observe, bad, good, "a rule for devices of type x")


@clause("config.linux.resources.devices.access.unknown-rejected")
@pytest.mark.parametrize("access", ["z", "rz"])
def test_unknown_access_is_refused(observe: Observe, access: str) -> None:
    """Access is composed of r, w and m."""
    rule = {"allow": False, "type": "c", "major": 1, "minor": 11}
    bad, good = (MINIMAL.having("/linux/resources/devices", [{**rule, "access": one}]) for one in (access, "rw"))
    expect_refused_at_create(observe, bad, good, f"a rule for devices with access {access}")
