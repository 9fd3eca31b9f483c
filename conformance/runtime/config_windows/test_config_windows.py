"""config-windows.md: layerFolders, devices, hyperv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.offered import expect_error
from pytest_oci.fixtures.runtime.base_bundle import beside_twin
from pytest_oci.fixtures.runtime.scenarios.windows import (
    AS_GIVEN,
    HYPERV_ISOLATION,
    PROCESS_ISOLATION,
    UNKNOWN_ID_TYPE,
    WITH_SERIAL_PORTS,
    WITHOUT_LAYERS,
    isolation,
    serial_ports,
)

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime


@clause("config.windows.layer-folders.empty-rejected")
def test_no_layer_folder_is_an_error(observe: Observe) -> None:
    """There has to be one at least."""
    seen = observe(beside_twin(AS_GIVEN, WITHOUT_LAYERS))
    expect_error(seen["changed"], seen["twin"], "an empty layerFolders")


@clause("config.windows.devices.available", "config.windows.devices.id.available")
def test_devices_are_available(observe: Observe) -> None:
    """The host's serial ports are in the container that asks for their class, and in no other."""
    seen = observe(serial_ports())
    if not seen["host"]:
        not_testable("host: there is no serial port to make available")
    if seen["without"]:
        not_testable("product: containers have serial ports that were not asked for")
    expect(seen["inside"], "serial ports in the container").equals(seen["host"])


@clause("config.windows.devices.id-type.unknown-rejected")
def test_unknown_id_type_is_an_error(observe: Observe) -> None:
    """The device cannot be found by it."""
    seen = observe(beside_twin(WITH_SERIAL_PORTS, UNKNOWN_ID_TYPE))
    expect_error(seen["changed"], seen["twin"], "an unknown idType")


@clause("config.windows.hyperv.isolation")
def test_hyperv_isolates_in_a_virtual_machine(observe: Observe) -> None:
    """Processes of a virtual machine are not among the host's."""
    seen = _running(observe(isolation(HYPERV_ISOLATION), refusal="unsupported"))
    expect(seen["seen_on_host"], "processes of the container that the host lists").equals(0)


@clause("config.windows.hyperv.absent-process-isolation")
def test_processes_are_isolated_without_hyperv(observe: Observe) -> None:
    """Processes of a Windows Server container are among the host's."""
    seen = _running(observe(isolation(PROCESS_ISOLATION), refusal="unsupported"))
    expect(seen["seen_on_host"], "processes of the container that the host lists").equals(1)


def _running(seen: Seen) -> Seen:
    expect(seen["output"], "the program's output").contains("127.0.0.1")
    return seen
