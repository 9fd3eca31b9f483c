"""config-zos.md: file systems and namespaces, and the devices of version 1.1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.offered import expect_created, expect_error
from pytest_oci.fixtures.runtime.base_bundle import beside_twin
from pytest_oci.fixtures.runtime.scenarios.zos import (
    CHARACTER,
    FIFO,
    ONCE,
    SLEEPING,
    TWICE,
    TYPES,
    UNKNOWN_TYPE,
    devices,
    namespace_paths,
    namespace_types,
    namespaces,
    proc_by_default,
    refused_devices,
)

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

LISTED = re.compile(r"^(?P<kind>[a-z-])(?P<mode>[rwxsStT-]{9})\S*\s.*?(?P<major>\d+),\s*(?P<minor>\d+)\s.*$")
LISTED_PIPE = re.compile(r"^(?P<kind>p)(?P<mode>[rwxsStT-]{9})")


@clause("config.zos.default-filesystems")
def test_proc_is_there(observe: Observe) -> None:
    """A process finds itself in it."""
    expect(observe(proc_by_default())["output"], "the program's look at /proc").contains("own process")


@clause("config.zos.namespaces.type.supported")
@pytest.mark.parametrize("kind", TYPES)
def test_namespace_type_is_supported(observe: Observe, kind: str) -> None:
    """Create takes it."""
    expect_created(observe(namespace_types())[kind], f"a namespace of type {kind}")


@clause("config.zos.namespaces.type.unknown-rejected")
def test_unknown_namespace_type_is_an_error(observe: Observe) -> None:
    """It cannot be made."""
    seen = observe(beside_twin({**SLEEPING, **ONCE}, {**SLEEPING, **UNKNOWN_TYPE}))
    expect_error(seen["changed"], seen["twin"], "an unknown namespace type")


@clause("config.zos.namespaces.duplicate-error")
def test_two_namespaces_of_a_type_are_an_error(observe: Observe) -> None:
    """Only one of them could be applied."""
    seen = observe(beside_twin({**SLEEPING, **ONCE}, {**SLEEPING, **TWICE}))
    expect_error(seen["changed"], seen["twin"], "two namespaces of one type")


@clause("config.zos.namespaces.path.relative-rejected")
def test_relative_namespace_path_is_an_error(observe: Observe) -> None:
    """Even one that leads to a fitting namespace."""
    seen = observe(namespace_paths())
    expect_error(seen["relative"], seen["by_path"], "a relative namespace path")


@clause("config.zos.namespaces.path.wrong-type-error")
def test_namespace_of_another_type_is_an_error(observe: Observe) -> None:
    """The path of an ipc namespace is none of a uts namespace."""
    seen = observe(namespace_paths())
    expect_error(seen["wrong_type"], seen["by_path"], "the path of a namespace of another type")


@clause("config.zos.namespaces.path.joined")
def test_namespace_is_joined_by_its_path(observe: Observe) -> None:
    """The container is in the namespace that another process holds."""
    seen = observe(namespace_paths())
    expect_created(seen["by_path"], "the path of a namespace")
    if seen["held"] is None or seen["held"] == seen["ours"]:
        not_testable("product: there is no other uts namespace to join")
    expect(seen["joined"], "the container's uts namespace").equals(seen["held"])


@clause("config.zos.namespaces.new")
@pytest.mark.parametrize("kind", TYPES)
def test_namespace_is_new(observe: Observe, kind: str) -> None:
    """It is not the runtime's."""
    seen = observe(namespaces())
    ours, own = _known(seen["ours"], kind), _known(seen["own"], kind)
    expect(own, f"the container's {kind} namespace").differs_from(ours)


@clause("config.zos.namespaces.inherit")
def test_namespace_is_inherited(observe: Observe) -> None:
    """A type that is not listed is the runtime's."""
    seen = observe(namespaces())
    ours, own = _known(seen["ours"], "uts"), _known(seen["inheriting"], "uts")
    expect(own, "the container's uts namespace").equals(ours)


def _known(identities: Mapping[str, str | None], kind: str) -> str:
    identity = identities[kind]
    if identity is None:
        not_testable(f"limit: the {kind} namespace of a process cannot be told")
    return str(identity)


@clause("config.zos.devices.available")
def test_devices_are_available(observe: Observe) -> None:
    """They have their type and numbers."""
    seen = observe(devices())
    character = _listed(LISTED, seen["output"], CHARACTER)
    expect(character["kind"], "type of the character device").equals("c")
    numbers = [int(character["major"]), int(character["minor"])]
    expect(numbers, "major and minor number").equals(seen["numbers"])
    expect(_listed(LISTED_PIPE, seen["output"], FIFO)["kind"], "type of the pipe").equals("p")


@clause("config.zos.devices.filemode.applied")
def test_file_mode_of_devices(observe: Observe) -> None:
    """The number is decimal in JSON, not octal digits."""
    seen = observe(devices())
    if not all(path in seen["output"] for path in (CHARACTER, FIFO)):
        not_testable("depends-on: config.zos.devices.available", seen["output"])
    expect(_listed(LISTED, seen["output"], CHARACTER)["mode"], "mode asked as 438").equals("rw-rw-rw-")
    expect(_listed(LISTED_PIPE, seen["output"], FIFO)["mode"], "mode asked as 384").equals("rw-------")


def _listed(form: re.Pattern[str], output: str, path: str) -> dict[str, str]:
    """What `ls -l` says of a path; a violation if it is not listed, or not as what it was to be."""
    lines = [line for line in output.splitlines() if line.endswith(path)]
    match = form.match(lines[0]) if lines else None
    expect(match is not None, f"{path} is listed by ls as the device asked for", output.splitlines()).is_true()
    return match.groupdict() if match else {}


@clause("config.zos.devices.type.unknown-rejected")
def test_unknown_device_type_is_an_error(observe: Observe) -> None:
    """There is nothing to make."""
    seen = observe(refused_devices())
    expect_error(seen["unknown"], seen["valid"], "a device of unknown type")


@clause("config.zos.devices.path.mismatch-error")
def test_file_in_the_place_of_a_device_is_an_error(observe: Observe) -> None:
    """An ordinary file is not the device."""
    seen = observe(refused_devices())
    expect_error(seen["taken"], seen["valid"], "a device whose path an ordinary file has")
