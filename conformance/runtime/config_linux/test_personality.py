"""config-linux.md, "Personality"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.execution import in_domain

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

LINUX = MINIMAL.having("/linux/personality", {"domain": "LINUX"})
APPLIED = "config.linux.personality.applied"


@clause(APPLIED)
def test_program_in_the_32_bit_domain(observe: Observe) -> None:
    """The machine has its 32-bit name."""
    seen = observe(in_domain("LINUX32", "LINUX"), refusal="unsupported")
    if seen["machine"] in (None, seen["native"]):
        not_testable("host: this kernel has no 32-bit name for the machine")
    expect(seen.report.machine, "machine").equals(seen["machine"])


@clause(APPLIED)
def test_program_in_the_native_domain(observe: Observe) -> None:
    """The machine has its native name, even if the runtime was called where it has the other."""
    seen = observe(in_domain("LINUX", "LINUX32"), refusal="unsupported")
    expect(seen.report.machine, "machine").equals(seen["machine"])


def _require_effect(observe: Observe) -> None:
    """End the test where a product passes over the whole property: it does not get to see what is invalid in it."""
    seen = observe(in_domain("LINUX32", "LINUX"), whole=False)
    if seen.get("lines") and seen.report.machine != seen["machine"]:
        not_testable(f"depends-on: {APPLIED}", "a valid domain is passed over as well")


@clause("config.linux.personality.domain.unknown-rejected")
def test_unknown_domain_is_an_error(observe: Observe) -> None:
    """There are two domains."""
    _require_effect(observe)
    bogus = MINIMAL.having("/linux/personality", {"domain": "BOGUS"})
    expect_refused_at_create(observe, bogus, LINUX, "an unknown execution domain", refusal="unsupported")


@clause("config.linux.personality.flags-rejected")
def test_flag_is_an_error(observe: Observe) -> None:
    """No flags are supported as yet."""
    _require_effect(observe)
    flagged = LINUX.having("/linux/personality/flags", ["X"])
    expect_refused_at_create(observe, flagged, LINUX, "a flag of personality", refusal="unsupported")
