"""config-freebsd.md: devfs and the jail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.offered import expect_created
from pytest_oci.fixtures.runtime.scenarios.freebsd import child_of_a_jail, devfs, jail

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.freebsd.devfs")
def test_devfs_is_mounted(observe: Observe) -> None:
    """On /dev, without being asked for."""
    mounted = [line.split()[1:3] for line in observe(devfs())["output"].splitlines()]
    expect(mounted, "mount points and types").contains(["/dev", "devfs"])


@clause("config.freebsd.jail.mapped")
@pytest.mark.parametrize(
    "parameter", ["enforce_statfs=1", "allow.raw_sockets", "host=new"], ids=["enforce-statfs", "raw-sockets", "host"]
)
def test_jail_parameter_is_set(observe: Observe, parameter: str) -> None:
    """Each from its own field."""
    parameters = observe(jail())["parameters"]
    if not parameters:
        not_testable("limit: the container's jail cannot be found")
    expect(parameters, "parameters of the jail").contains(parameter)


@clause("config.freebsd.jail.name")
def test_jail_is_called_as_the_container(observe: Observe) -> None:
    """By the ID given to create."""
    seen = observe(jail())
    if not seen["parameters"]:
        not_testable("limit: the container's jail cannot be found")
    expect(seen["name"], "name of the jail").equals(seen["id"])


@clause("config.freebsd.jail.children-max")
def test_container_can_be_in_the_jail_of_another(observe: Observe) -> None:
    """The runtime sees to it that the first jail may have children."""
    seen = observe(child_of_a_jail())
    if not seen["parent"]["exists"]:
        not_testable("product: the first container is not created", *seen["parent"]["errors"])
    expect_created(seen["child"], "the jail of another container as parent")
    if not seen["nested"]:
        not_testable("depends-on: config.freebsd.jail.mapped")
