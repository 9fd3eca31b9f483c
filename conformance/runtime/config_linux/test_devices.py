"""config-linux.md, "Devices": what `linux.devices` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.probe.report import FileStatus, error_name
from pytest_oci.fixtures.runtime.attempt import attempt_by_root
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.rootfs import device, directory, file
from pytest_oci.fixtures.runtime.scenarios.devices import DEVICES, GID, MODES, OUTSIDE, STANDING, UID, listed_devices

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen
    from pytest_oci.fixtures.runtime.rootfs import Entry

pytestmark = pytest.mark.runtime

ROOT = "config.linux.devices.available"
SHOWN_AS = {"c": "c", "u": "c", "b": "b", "p": "p"}
"""What stat says of each type: an unbuffered device is a character device."""
OPTIONAL_TYPES = ("u", "b", "p")
PERMISSIONS = 0o777

WITH_STANDING = MINIMAL.with_files(directory(OUTSIDE)).having("/linux/devices", [STANDING])
MISMATCHES: dict[str, tuple[str, Entry]] = {
    "regular-file": ("a regular file", file(STANDING["path"], "no device")),
    "directory": ("a directory", directory(STANDING["path"])),
    "other-number": (
        "a device of another number",
        device(STANDING["path"], STANDING["type"], STANDING["major"], STANDING["minor"] + 1),
    ),
    "other-type": ("a block device", device(STANDING["path"], "b", STANDING["major"], STANDING["minor"])),
}
"""Files that lie where a character device is asked for."""


def _supplied(seen: Seen, name: str) -> FileStatus:
    """What is at the device's path. A clean refusal of a type that a product need not have is `unsupported`."""
    trouble = seen["troubles"].get(name)
    if trouble is not None and trouble["clean"] and DEVICES[name]["type"] in OPTIONAL_TYPES:
        unsupported(f"a device of type {DEVICES[name]['type']} is refused: {trouble['text']}")
    if trouble is not None:
        raise Violation(f"a container with the device {DEVICES[name]} to run", trouble["text"])
    stat = seen["found"][name]
    if stat["rc"] < 0:
        raise Violation(f"{DEVICES[name]['path']} to be there", f"stat gives {error_name(stat['rc'])}")
    return FileStatus.parse(stat)


def _shown(observe: Observe, name: str) -> FileStatus:
    """What is at the device's path, where something is: an attribute depends on the device."""
    seen = observe(listed_devices(), root=ROOT)
    trouble = seen["troubles"].get(name)
    if trouble is not None and trouble["clean"]:
        unsupported(f"the attribute is refused: {trouble['text']}")
    if trouble is not None:
        raise Violation(f"a container with the device {DEVICES[name]} to run", trouble["text"])
    _require_device(seen, name)
    return FileStatus.parse(seen["found"][name])


def _require_device(seen: Seen, name: str) -> None:
    """End the test where a product passes over the property: it does not get to see what is in it."""
    if seen["found"].get(name, {"rc": 0})["rc"] < 0:
        not_testable(f"depends-on: {ROOT}", f"{DEVICES[name]['path']} is not there")


@clause("config.linux.devices.available")
@pytest.mark.parametrize("name", ["character", "unbuffered", "block", "fifo", "outside-dev", "in-place"])
def test_listed_device_is_there(observe: Observe, name: str) -> None:
    """Type and number are those asked for; a product with a kernel of its own may have other numbers."""
    seen, asked = observe(listed_devices()), DEVICES[name]
    found = _supplied(seen, name)
    expect(found.type, f"type of {asked['path']}").equals(SHOWN_AS[asked["type"]])
    if "major" in asked and seen["own_kernel"] is False:
        expect(found.rdev, f"number of {asked['path']}").equals((asked["major"], asked["minor"]))


@clause("config.linux.devices.filemode.applied")
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_device_has_the_mode(observe: Observe, mode: int) -> None:
    """The decimal number is the mode."""
    found = _shown(observe, f"mode-{mode}").mode & PERMISSIONS
    expect(f"{found:04o}", f"permissions with fileMode {mode}, in octal").equals(f"{mode:04o}")


@clause("config.linux.devices.uid.applied")
def test_device_has_the_owner(observe: Observe) -> None:
    """The owner is the user asked for."""
    expect(_shown(observe, "uid").uid, "owner").equals(UID)


@clause("config.linux.devices.gid.applied")
def test_device_has_the_group(observe: Observe) -> None:
    """The group is the one asked for."""
    expect(_shown(observe, "gid").gid, "group").equals(GID)


@clause("config.linux.devices.path.mismatch-error")
@pytest.mark.parametrize("there", MISMATCHES)
def test_another_file_in_the_devices_place_is_an_error(observe: Observe, there: str) -> None:
    """What lies there is neither taken for the device nor replaced by it."""
    _require_device(observe(listed_devices(), root=ROOT), "outside-dev")
    what, entry = MISMATCHES[there]
    bundle = attempt_by_root(WITH_STANDING.with_files(entry))
    expect_refused_at_create(observe, bundle, attempt_by_root(WITH_STANDING), f"{what} where a device is asked for")


@clause("config.linux.devices.type.unknown-rejected")
def test_device_of_unknown_type_is_an_error(observe: Observe) -> None:
    """There are devices of four types."""
    _require_device(observe(listed_devices(), root=ROOT), "outside-dev")
    unknown = attempt_by_root(WITH_STANDING.having("/linux/devices/0/type", "x"))
    expect_refused_at_create(observe, unknown, attempt_by_root(WITH_STANDING), "a device of type x")
