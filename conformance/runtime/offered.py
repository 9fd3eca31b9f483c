"""Judging that a runtime generates an error, on scenarios that only offer bundles to create (`base_bundle.offered`).

As in `refusal`: judged by effect, beside a valid twin that has to be accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_oci import Violation, not_testable

if TYPE_CHECKING:
    from typing import Protocol

    class Offered(Protocol):
        """The facts of `offered`, or what was seen of a scenario that has them among its own."""

        def __getitem__(self, name: str, /) -> Any: ...


def expect_created(offered: Offered, what: str) -> None:
    """Hold if the container exists."""
    if not (offered["created"] and offered["exists"]):
        raise Violation(f"create with {what} to succeed", "; ".join([*offered["errors"], *offered["crashes"]]))


def expect_error(offered: Offered, twin: Offered, what: str) -> None:
    """Hold if create reported an error for what was offered, or at least left no container."""
    if not twin["exists"]:
        not_testable("product: the valid twin of this bundle is not created", *twin["errors"], *twin["crashes"])
    if offered["crashes"]:
        raise Violation(f"an error reported for {what}", "; ".join(offered["crashes"]))
    if offered["created"] and offered["exists"]:
        raise Violation(f"an error from create for {what}", "create reported success and the container exists")
