"""config-linux.md, "Sysctl"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.filesystem import SYSCTLS, with_sysctls

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

SOME = "net.ipv4.ip_default_ttl"
VALID = MINIMAL.having("/linux/sysctl", {SOME: "77"})
INVENTED = MINIMAL.having("/linux/sysctl", {"net.ipv4.pytest_oci_invented": "1"})


def _set(observe: Observe, name: str) -> Seen:
    """The observation, if the parameter was not refused: what cannot be set, or is not supported, has to be."""
    seen = observe(with_sysctls())
    if seen["before"][name] is None:
        not_testable(f"host: this kernel does not have {name}")
    trouble = seen["troubles"].get(name)
    if trouble is not None and trouble["clean"]:
        unsupported(f"{name} is refused: {trouble['text']}")
    if trouble is not None:
        raise Violation(f"a container with {name} to run", trouble["text"])
    return seen


@clause("config.linux.sysctl.applied")
@pytest.mark.parametrize("name", SYSCTLS)
def test_parameter_is_set_in_the_container(observe: Observe, name: str) -> None:
    """The container has the value, and the host, whose namespaces are others, has not."""
    seen = _set(observe, name)
    asked, inside = seen["asked"][name], seen["inside"][name]
    expect(inside if isinstance(inside, int) else inside.strip(), f"{name} in the container").equals(asked)
    expect(seen["after"][name], f"{name} on the host").differs_from(asked)


@clause("config.linux.sysctl.unknown-rejected")
def test_unknown_parameter_is_an_error(observe: Observe) -> None:
    """What cannot be set is not passed over."""
    seen = _set(observe, SOME)
    if seen["inside"][SOME] != f"{seen['asked'][SOME]}\n":
        not_testable("depends-on: config.linux.sysctl.applied", "a parameter that exists is passed over as well")
    expect_refused_at_create(observe, INVENTED, VALID, "a parameter that no kernel has", refusal="unsupported")
