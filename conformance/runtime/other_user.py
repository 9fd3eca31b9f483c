"""Programs of another user than root, which an ordinary user's runtime may be unable to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.fixtures.runtime.scenarios.process import run_as

from pytest_oci import not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

NO_ROOT = "product: without root, it refuses a user namespace that maps no root"


def as_other_user(observe: Observe, bundle: Bundle, *, also: bool = False) -> Seen:
    """The plain lifecycle of a bundle; an end without judgement where an ordinary user's runtime refuses its user.

    With `also` the clause is judged on a program of root's as well, and this one is beyond what the run can have.
    """
    seen = observe(run_as(bundle))
    if seen.get("rootless"):
        if also:
            not_applicable(f"{NO_ROOT}: {seen['rootless']}")
        not_testable(NO_ROOT, seen["rootless"])
    return seen
