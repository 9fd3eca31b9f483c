"""config-linux.md, "Network Devices"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.scenarios.net_devices import (
    DEVICE,
    OTHER,
    RENAMED,
    device_in_joined_namespace,
    moved_devices,
    offered_device,
    template_names,
)

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen
    from pytest_oci.fixtures.runtime.scenario import Scenario

pytestmark = pytest.mark.runtime
AVAILABLE = "config.linux.net-devices.available"
NOT_MOVED_OUT = "config.linux.net-devices.not-moved-out"


def _seen(observe: Observe, scenario: Scenario) -> Seen:
    """A scenario with devices; a runtime may say that it has no such thing."""
    seen = observe(scenario, refusal="unsupported")
    if seen.get("missing"):
        not_testable(f"host: {seen['missing']}")
    return seen


def _moved(observe: Observe, device: str) -> dict[str, Any]:
    """The attributes in the container of a device that was moved there, under whatever name, told by those left."""
    seen = _seen(observe, moved_devices())
    found = _device(seen, device)
    if found is None:
        not_testable(f"depends-on: {AVAILABLE}", f"the container has {', '.join(seen['inside'])}")
    name, attributes = found
    return {"name": name, **attributes}


def _device(seen: Seen, device: str) -> tuple[str, dict[str, Any]] | None:
    """The device in the container: that of the wanted or of its old name, or else the only one that it can be."""
    inside = {name: link for name, link in seen["inside"].items() if name != "lo"}
    other = {DEVICE, RENAMED} if device == OTHER else {OTHER}
    wanted = (RENAMED, DEVICE) if device == DEVICE else (OTHER,)
    names = [name for name in wanted if name in inside] or [name for name in inside if name not in other]
    return (names[0], inside[names[0]]) if names else None


@clause(AVAILABLE)
@pytest.mark.parametrize("device", [DEVICE, OTHER], ids=["renamed", "kept"])
def test_device_is_in_the_container(observe: Observe, device: str) -> None:
    """The container has it, and the runtime's namespace has it no more."""
    seen = _seen(observe, moved_devices())
    expect(_device(seen, device) is not None, f"{device} is in the container", list(seen["inside"])).is_true()
    expect(list(seen["left"]), "devices left in the runtime's network namespace").lacks(device)


@clause("config.linux.net-devices.name.applied")
@pytest.mark.parametrize(("device", "name"), [(DEVICE, RENAMED), (OTHER, OTHER)], ids=["renamed", "kept"])
def test_device_has_its_name(observe: Observe, device: str, name: str) -> None:
    """The given name, or else the one that it had."""
    expect(_moved(observe, device)["name"], f"name of {device} in the container").equals(name)


@clause("config.linux.net-devices.addresses-preserved")
def test_device_keeps_its_addresses(observe: Observe) -> None:
    """Permanent addresses of global scope, with their prefix lengths."""
    found = _moved(observe, DEVICE)
    before = _seen(observe, moved_devices())["before"][DEVICE]["addresses"]
    lost = sorted(set(before) - set(found["addresses"]))
    expect(lost, f"addresses of {DEVICE} that are lost", found["addresses"]).is_empty()


@clause("config.linux.net-devices.attributes-preserved")
@pytest.mark.parametrize("device", [DEVICE, OTHER], ids=["renamed", "kept"])
@pytest.mark.parametrize("attribute", ["mtu", "mac"], ids=str)
def test_device_keeps_its_attributes(observe: Observe, device: str, attribute: str) -> None:
    """The MTU and the hardware address."""
    found = _moved(observe, device)
    before = _seen(observe, moved_devices())["before"][device]
    expect(found[attribute], f"{attribute} of {device} in the container").equals(before[attribute])


@clause("config.linux.net-devices.up")
@pytest.mark.parametrize("device", [DEVICE, OTHER], ids=["was-up", "was-down"])
def test_device_is_up(observe: Observe, device: str) -> None:
    """Whatever state it was in."""
    expect(_moved(observe, device)["up"], f"{device} is up in the container").is_true()


@clause("config.linux.net-devices.name-template")
@pytest.mark.parametrize("stem", ["eth", "tpl"], ids=["taken", "free"])
def test_kernel_completes_a_name(observe: Observe, stem: str) -> None:
    """The device has the stem with some number, also where the namespace has a device with the first one."""
    _require_moves(observe)
    inside = observe(template_names())["inside"]
    names = [name for name in inside if re.fullmatch(rf"{stem}[0-9]+", name)]
    expect(len(names), f"devices called {stem} with a number", list(inside)).equals(2 if stem == "eth" else 1)


def _require_moves(observe: Observe) -> None:
    """Where nothing is moved at all, that is the one failure."""
    _moved(observe, DEVICE)


@clause("config.linux.net-devices.move-checked")
@pytest.mark.parametrize("device", ["oci-none0", "lo"], ids=["missing", "immovable"])
def test_device_that_cannot_be_moved_is_an_error(observe: Observe, device: str) -> None:
    """One that does not exist, and one that every network namespace has of its own."""
    _expect_refused(observe, offered_device(device, RENAMED), f"a device {device} that cannot be moved")


@clause("config.linux.net-devices.name-conflict-error")
def test_name_that_is_taken_is_an_error(observe: Observe) -> None:
    """A name that a device in the joined namespace has."""
    _expect_refused(observe, offered_device(DEVICE, "taken0"), "a device that would have a name that is taken")


def _expect_refused(observe: Observe, scenario: Scenario, what: str) -> None:
    _require_moves(observe)
    twin = offered_device(DEVICE, RENAMED)
    if not observe(twin)["found"]:
        not_testable(f"depends-on: {AVAILABLE}", "a device is not moved into a joined network namespace")
    expect_refused_at_create(observe, scenario, twin, what)


@clause("config.linux.net-devices.no-management")
@pytest.mark.parametrize("moment", ["running", "killed", "deleted"], ids=str)
def test_changes_of_a_device_stand(observe: Observe, moment: str) -> None:
    """What was set down and freed of its addresses from outside stays so, until after delete."""
    seen = _lived(observe)
    if RENAMED not in seen[moment]:
        not_testable(f"depends-on: {NOT_MOVED_OUT}", f"the joined namespace has {', '.join(seen[moment])}")
    expect(seen[moment][RENAMED], f"{RENAMED} when {moment}").equals(seen["changed"][RENAMED])


@clause(NOT_MOVED_OUT)
@pytest.mark.parametrize("moment", ["running", "killed", "deleted"], ids=str)
def test_device_stays_in_the_joined_namespace(observe: Observe, moment: str) -> None:
    """Also after kill and delete; it is not back in the runtime's namespace."""
    seen = _lived(observe)
    expect(list(seen[moment]), f"devices in the joined namespace when {moment}").contains(RENAMED)
    expect(sorted(set(seen["here"]) & {RENAMED, DEVICE}), "devices back in the runtime's namespace").is_empty()


def _lived(observe: Observe) -> Seen:
    _require_moves(observe)
    seen = observe(device_in_joined_namespace(), root=AVAILABLE)
    if RENAMED not in seen["inside"]:
        not_testable(f"depends-on: {AVAILABLE}", f"the container has {', '.join(seen['inside'])}")
    return seen
