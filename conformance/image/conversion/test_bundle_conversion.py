"""What is made is to be started by a runtime (conversion.md). Tests of bundles judge what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.conversion.starting import ARGS, ENV, GROUP, STARTABLE, USER

from pytest_oci import clause, not_applicable, noted

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("conversion.relies-on-image-config")
def test_bundle_is_started(convert: Convert) -> None:
    """Where a runtime is given beside the converter: the program sees what the image says. Either may be at fault."""
    convert.config(STARTABLE)
    started = convert(STARTABLE)["started"]
    if started is None:
        not_applicable("no runtime was given that the bundle could be started with (--oci-runtime)")
    if started["problem"]:
        noted("the bundle to be started as it is", started["problem"])
    said = started["said"]
    seen = [said.get("argv"), said.get("cwd"), said.get("uid"), said.get("gid")]
    wanted = [ARGS, "/srv", [USER] * 3, [GROUP] * 3]
    if seen != wanted:
        noted(f"the program to see {wanted}", str(seen))
    if missing := [each for each in ENV if each not in said.get("env", ())]:
        noted(f"{missing} in the program's environment", str(said.get("env")))
