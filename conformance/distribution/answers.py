"""What judgements of answers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import expect
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.targets.registry.exchange import TOO_LONG
from pytest_oci.violations import Violation, not_testable

if TYPE_CHECKING:
    from pytest_oci.targets.registry.exchange import Exchange


def expect_status(exchange: Exchange, status: int, what: str) -> None:
    """Hold if the answer has this status; nothing can be said where the account may not ask, or nobody had time."""
    _answered(exchange, what)
    expect(exchange.status, f"status of {what}", exchange_lines(exchange)).equals(status)


def expect_success(exchange: Exchange, what: str) -> None:
    """Hold if the answer is 2xx, whichever."""
    _answered(exchange, what)
    evidence = exchange_lines(exchange)
    expect(exchange.status, f"status of {what}", evidence).satisfies(lambda status: 200 <= status < 300, "2xx")


def _answered(exchange: Exchange, what: str) -> None:
    evidence = exchange_lines(exchange)
    cause = outside(exchange)
    if cause:
        not_testable(f"{cause}: {exchange.answer}", *evidence)
    if not exchange.status:
        raise Violation(f"{what}: an answer", exchange.answer, evidence)


def require(exchange: Exchange, root: str, content: str = "") -> None:
    """Go on only with a 2xx; otherwise the clause at the root fails elsewhere.

    Where `content` is the clause about the body, go on only if that came whole.
    """
    evidence = exchange_lines(exchange)
    cause = outside(exchange)
    if cause:
        not_testable(f"{cause}: {exchange.answer}", *evidence)
    if exchange.failure == TOO_LONG:
        not_testable(f"limit: {exchange.detail}", *evidence)
    if not 200 <= exchange.status < 300:
        not_testable(f"depends-on: {root}", *evidence)
    if exchange.failure and content:
        not_testable(f"depends-on: {content}", *evidence)


def media_type_of(exchange: Exchange) -> str:
    """The media type in Content-Type, without parameters and in lower case; empty if there is none."""
    return (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()
