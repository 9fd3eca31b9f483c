"""Judging that a runtime generates an error.

The text leaves open how an error shows (runtime.md, "Errors"), so it is judged by effect, with the exit status as
evidence. A crash, a death by signal or a hang is no error that the runtime generated. And since a runtime that refuses
everything would keep every such clause, the valid twin of the input has to be accepted first.

What is offered is a bundle, or a scenario with the facts of `attempt` where more has to be arranged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import Bundle

from pytest_oci import Violation, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen
    from pytest_oci.fixtures.runtime.scenario import Scenario

    Offer = Bundle | Scenario


def expect_refused_at_create(
    observe: Observe, bundle: Offer, twin: Offer, what: str, *, refusal: str = "not-testable"
) -> Seen:
    """Hold if create reports an error for the bundle, or at least leaves no container. `what` names the fault.

    Scenarios stand for bundles if they attempt them and give the facts of `attempt`. For `refusal` see
    `expect_never_runs`.
    """
    seen = _attempted(observe, bundle, twin, what, refusal)
    if seen["created"] and seen["exists"]:
        raise Violation(f"an error from create for {what}", "create reported success and the container exists")
    return seen


def expect_never_runs(
    observe: Observe, bundle: Offer, twin: Offer, what: str, *, refusal: str = "not-testable"
) -> Seen:
    """Hold if create or start reports an error for the bundle, or the program does not run.

    For clauses that do not say at which operation the error is due. With `refusal="unsupported"` a product that cleanly
    refuses the valid twin too does not offer what the text makes optional.
    """
    seen = _attempted(observe, bundle, twin, what, refusal)
    if seen["created"] and seen["started"] and seen["ran"]:
        raise Violation(f"an error for {what}", "create and start reported success and the program ran")
    return seen


def _attempted(observe: Observe, bundle: Offer, twin: Offer, what: str, refusal: str = "not-testable") -> Seen:
    control = observe(_offering(twin))
    if not control["ran"]:
        if refusal == "unsupported" and control["errors"] and not control["crashes"]:
            unsupported(f"refused even where {what} is replaced by a valid value", *control["errors"])
        not_testable("product: the valid twin of this bundle does not run", *control["errors"], *control["crashes"])
    seen = observe(_offering(bundle))
    if seen["crashes"]:
        raise Violation(f"an error reported for {what}", "; ".join(seen["crashes"]))
    return seen


def _offering(offer: Offer) -> Scenario:
    return attempt(offer) if isinstance(offer, Bundle) else offer
