"""What is made is to be a runtime configuration (conversion.md): the runtime specification says what that is.

No sentence of the image specification says outright that what a converter writes is valid, so that what it breaks of
the runtime specification is shown, and fails nobody: judge the bundle by itself for a verdict (`--oci-bundle`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.conversion.bundle_rules import broken_by
from pytest_oci.fixtures.conversion import configs
from pytest_oci.fixtures.conversion.control import CONTROL, OTHER
from pytest_oci.fixtures.conversion.starting import ARGS, ENV, GROUP, STARTABLE, USER

from pytest_oci import advised, clause, not_applicable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert
    from pytest_oci.fixtures.conversion.stimulus import Stimulus

pytestmark = pytest.mark.conversion

STIMULI = (CONTROL, OTHER, configs.COMPLETE, configs.WITH_PORTS, configs.WITH_VOLUMES, configs.USERS["alice"])


@clause("conversion.relies-on-image-config")
@pytest.mark.parametrize("stimulus", STIMULI, ids=lambda stimulus: stimulus.name)
def test_configuration_is_valid(convert: Convert, stimulus: Stimulus) -> None:
    """By the absolute clauses about configurations alone, in the version that it declares."""
    convert.config(CONTROL)
    if not convert.accepts(stimulus):
        not_applicable("nothing was made of this image, which fails another clause")
    broken = broken_by(convert.config(stimulus))
    if broken:
        advised("a valid runtime configuration", "; ".join(broken))


@clause("conversion.relies-on-image-config")
def test_bundle_is_started(convert: Convert) -> None:
    """Where a runtime is given beside the converter: the program sees what the image says. Either may be at fault."""
    convert.config(STARTABLE)
    started = convert(STARTABLE)["started"]
    if started is None:
        not_applicable("no runtime was given that the bundle could be started with (--oci-runtime)")
    if started["problem"]:
        advised("the bundle to be started as it is", started["problem"])
    said = started["said"]
    seen = [said.get("argv"), said.get("cwd"), said.get("uid"), said.get("gid")]
    wanted = [ARGS, "/srv", [USER] * 3, [GROUP] * 3]
    if seen != wanted:
        advised(f"the program to see {wanted}", str(seen))
    if missing := [each for each in ENV if each not in said.get("env", ())]:
        advised(f"{missing} in the program's environment", str(said.get("env")))
