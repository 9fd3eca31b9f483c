"""config-linux.md, "Huge page limits"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit, fresh
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.limits import HUGE_PAGES, bytes_of

from pytest_oci import clause, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

NO_SIZE = "3MB"
RESERVATION = ("rsvd.limit_in_bytes", "rsvd.max")
FAULT = ("limit_in_bytes", "max")


def _size(observe: Observe) -> str:
    found = fresh(observe)
    if "hugetlb" not in found["versions"] or found["page_size"] is None:
        not_testable("host: there is no cgroup controller hugetlb")
    return str(found["page_size"])


def _files(size: str, endings: tuple[str, ...]) -> dict[str, str]:
    return {f"hugetlb.{size}.{ending}": str(HUGE_PAGES * bytes_of(size)) for ending in endings}


@clause("config.linux.resources.hugepage-limits.applied")
def test_huge_pages_are_limited(observe: Observe) -> None:
    """The cgroup has the limit for reservations or for usage; of usage, where 1.0 is claimed, which knows no other."""
    size = _size(observe)
    expect_limit(
        observe, "huge-pages", _files(size, FAULT if observe.version.startswith("1.0") else FAULT + RESERVATION)
    )


@clause("config.linux.resources.hugepage-limits.reservation")
def test_reservations_of_huge_pages_are_limited(observe: Observe) -> None:
    """Where the kernel counts reservations, they have the limit."""
    expect_limit(observe, "huge-pages", _files(_size(observe), RESERVATION))


@clause("config.linux.resources.hugepage-limits.pagesize.unknown-rejected")
def test_unknown_size_is_refused(observe: Observe) -> None:
    """No host has huge pages of 3 MB."""
    entry = {"pageSize": NO_SIZE, "limit": 3 << 21}
    bad = MINIMAL.having("/linux/resources/hugepageLimits", [entry])
    expect_refused_at_create(observe, bad, MINIMAL, f"huge pages of {NO_SIZE}")
