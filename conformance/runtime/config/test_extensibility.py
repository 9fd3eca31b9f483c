"""config.md, "Extensibility", and unknown keys of "Annotations"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.alike import expect_alike
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.extensibility import (
    OTHER_PLATFORMS,
    PLACES,
    UNKNOWN,
    case_variants,
    ground_alone,
    other_platforms,
    unknown_members,
)

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

ANNOTATIONS = {"com.example.unknown": "x", "plain": "", "com.example.JSON": '{"a": 1}'}


@clause("config.extensibility.unknown-top-level")
def test_unknown_member_of_the_configuration_is_ignored(observe: Observe) -> None:
    """The container runs and is what it is without the member."""
    seen = observe(MINIMAL.having(f"/{UNKNOWN}", {"a": [1], "hostname": "evil"}))
    expect_alike(seen.report, observe(MINIMAL).report)


@clause("config.extensibility.unknown-nested")
@pytest.mark.parametrize("place", PLACES)
def test_unknown_member_inside_is_ignored(observe: Observe, place: str) -> None:
    """The container runs and is what it is without the member."""
    control = observe(ground_alone())
    if "ground" not in control["reports"]:
        not_testable("product: the same bundle without unknown members does not run", str(control["troubles"]))
    seen = observe(unknown_members())
    if place in seen["troubles"]:
        raise Violation(f"an unknown member of {place} to be ignored", seen["troubles"][place]["text"])
    expect_alike(Report.parse(seen["reports"][place]), Report.parse(control["reports"]["ground"]))


@clause("config.extensibility.case-variant-ignored")
def test_member_in_other_letter_case_is_ignored(observe: Observe) -> None:
    """HOSTNAME is not hostname, OOMSCOREADJ not oomScoreAdj: names in JSON are compared as they are."""
    seen = observe(case_variants())
    expect(seen.report.hostname, "hostname").differs_from("evil")
    expect({seen.report.proc("oom_score_adj").strip(), seen["score"]}, "oom_score_adj").lacks("333")


@clause("config.extensibility.other-platform-section")
@pytest.mark.parametrize("platform", OTHER_PLATFORMS)
def test_section_of_another_platform_is_no_error(observe: Observe, platform: str) -> None:
    """What is meant for another platform does not keep a container from running."""
    trouble = observe(other_platforms())["troubles"].get(platform)
    if trouble is not None:
        raise Violation(f"a container to run although its configuration has {platform}", trouble["text"])


@clause("config.annotations.unknown-key-ignored")
def test_unknown_annotation_is_ignored(observe: Observe) -> None:
    """The container runs and is what it is without annotations; that `state` lists them is another matter."""
    seen = observe(MINIMAL.having("/annotations", ANNOTATIONS))
    expect_alike(seen.report, observe(MINIMAL).report)
