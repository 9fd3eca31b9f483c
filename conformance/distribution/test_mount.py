"""spec.md, "Mounting a blob from another repository"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status
from pytest_oci.conformance.distribution.storing import expect_location, there
from pytest_oci.fixtures.registry.scenarios.mounts import mounted, not_mounted

from pytest_oci import clause, not_applicable, not_testable, unsupported
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe, Seen

pytestmark = pytest.mark.distribution

MOUNTED_201 = "dist.mount.status-201"
NAMED = pytest.mark.parametrize("named", [True, False], ids=["from", "anywhere"])


def mount(observe: Observe, named: bool) -> Seen:
    """The scenario of a mount that has succeeded: the blob is there, or the answer says so."""
    seen = observe(mounted(named))
    if there(seen["before"]):
        not_testable("product: what is in one repository is in all others", *exchange_lines(seen["before"]))
    if seen["answer"].status != 201 and not there(seen["after"]):
        if not named:
            not_applicable(f"the registry asks for the repository that has the blob: {seen['answer'].answer}")
        unsupported(
            f"the registry does not mount the blob: {seen['answer'].answer}",
            *exchange_lines(seen["answer"], seen["after"]),
        )
    return seen


@clause(MOUNTED_201)
@NAMED
def test_mount_has_201(observe: Observe, named: bool) -> None:
    """What is there after the request without an upload was mounted, and the answer was 201."""
    expect_status(mount(observe, named)["answer"], 201, "POST that has mounted a blob")


@clause("dist.mount.location")
@NAMED
def test_mounted_blob_has_a_location(observe: Observe, named: bool) -> None:
    """The Location of the answer gives the blob."""
    seen = mount(observe, named)
    if seen["answer"].status != 201:
        not_testable(f"depends-on: {MOUNTED_201}", *exchange_lines(seen["answer"]))
    expect_location(seen, MOUNTED_201)


@clause("dist.mount.not-possible-202")
@pytest.mark.parametrize("unknown", ["blob", "repository"])
def test_mount_that_is_not_possible_begins_an_upload(observe: Observe, unknown: str) -> None:
    """202 with a Location, which takes the blob."""
    seen = observe(not_mounted(unknown))
    answer, then = seen["answer"], seen["then"]
    expect_status(answer, 202, f"a mount of an unknown {unknown}")
    if then is None:
        raise Violation("Location", "no such header", exchange_lines(answer))
    if not then.ok:
        raise Violation("the upload that was begun takes the blob", then.line, exchange_lines(answer, then))
