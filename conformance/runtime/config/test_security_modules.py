"""config.md, "Linux Process": apparmorProfile and selinuxLabel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.probe.report import FactError
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.security_modules import NOT_LOADED, under_apparmor, under_selinux

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.probe.report import Report
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


def apparmor_profile(report: Report) -> str | None:
    """The profile that confines a process, None for none: its own attribute file, or the one all modules share."""
    for name in ("attr/apparmor/current", "attr/current"):
        try:
            text = report.proc(name)
        except FactError:
            continue
        profile = re.fullmatch(r"(.+?)(?: \((?:enforce|complain|kill|prompt|user|mixed)\))?\n?\0?", text)
        return profile[1] if profile and profile[1] != "unconfined" else None
    return None


def selinux_label(report: Report) -> str | None:
    """The label of a process, None if it cannot be read."""
    try:
        return report.proc("attr/current").rstrip("\0\n")
    except FactError:
        return None


@clause("config.process.apparmor-profile.applied")
def test_program_runs_under_the_apparmor_profile(observe: Observe) -> None:
    """A loaded profile confines the program."""
    seen = observe(under_apparmor(), refusal="unsupported")
    if seen["profile"] is None:
        not_testable("host: there is no apparmor_parser that loads a profile")
    expect(apparmor_profile(seen.report), "AppArmor profile").equals(seen["profile"])


@clause("config.process.apparmor-profile.applied")
def test_apparmor_profile_that_is_not_loaded_is_an_error(observe: Observe) -> None:
    """The program must not run without the profile that it was to have."""
    observe(under_apparmor(), refusal="unsupported")
    expect_never_runs(observe, NOT_LOADED, MINIMAL, "an AppArmor profile that is not loaded")


@clause("config.process.selinux-label.applied")
def test_program_runs_with_the_selinux_label(observe: Observe) -> None:
    """The program's context is the configured one."""
    seen = observe(under_selinux(), refusal="unsupported")
    if seen["label"] is None:
        not_testable("host: the SELinux policy knows no labels of containers")
    expect(selinux_label(seen.report), "SELinux label").equals(seen["label"])
