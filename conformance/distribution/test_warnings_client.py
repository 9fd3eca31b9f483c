"""spec.md, "Warnings": what clients make of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import asked, sent_query
from pytest_oci.fixtures.client.scenarios import others

from pytest_oci import clause, expect, not_applicable
from pytest_oci.targets.client import PULL, PUSH
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive, Driven, Ran

pytestmark = pytest.mark.client
MARK = others.WARNING.partition(":")[0]


def warned(drive: Drive, operation: str) -> Driven:
    """What came of warnings while something is pulled or pushed."""
    if operation == PULL:
        return drive(others.pulled_with_warnings())
    return drive(others.pushed_with_warnings(), beside=True)


@clause("dist.client.warnings.reported")
@pytest.mark.parametrize("operation", [PULL, PUSH])
def test_warnings_are_shown(drive: Drive, operation: str) -> None:
    """Somewhere in what the client says."""
    ran = warned(drive, operation).ran("warned")
    expect(ran.output, "what the client says").satisfies(lambda text: MARK in text, f"the warning {others.WARNING!r}")


@clause("dist.client.warnings.deduplicated")
@pytest.mark.parametrize("operation", [PULL, PUSH])
def test_warnings_are_shown_once(drive: Drive, operation: str) -> None:
    """Every answer has the same."""
    times = warned(drive, operation).ran("warned").output.count(MARK)
    if not times:
        not_applicable("the client shows no warnings")
    expect(times, "how often the warning is shown").equals(1)


@clause("dist.client.warnings.no-automated-action")
@pytest.mark.parametrize("operation", [PULL, PUSH])
def test_warnings_change_nothing(drive: Drive, operation: str) -> None:
    """The same requests, the same end, the same content; what differs without warnings already is left out."""
    driven = warned(drive, operation)
    one, two = driven.each("plain")
    ran = driven.ran("warned")
    ran.must_end()
    if one.call.result.describe() != two.call.result.describe():
        not_applicable(f"without warnings it ends now with {one.ended}, now with {two.ended}")
    if ran.call.result.describe() != one.call.result.describe():
        raise Violation(f"{one.call.result.describe()}, as without warnings", ran.ended, ran.lines())
    usual = [requests(each) for each in (one, two)]
    steady = {request for request in usual[0] | usual[1] | requests(ran) if usual[0][request] == usual[1][request]}
    changed = {request for request in steady if requests(ran)[request] != usual[0][request]}
    shown = [
        f"{method} {path}: {usual[0][method, path]} times, {requests(ran)[method, path]} with warnings"
        for method, path in sorted(changed)
    ]
    expect(shown, "requests that differ", ran.lines()).is_empty()
    contents = [each.written and sorted(each.written["blobs"]) for each in (one, two, ran)]
    if contents[0] == contents[1]:
        expect(contents[2], "what was written").equals(contents[0])


def requests(ran: Ran) -> Counter[tuple[str, str]]:
    """How often each request came; an upload is told from others by its digest only."""
    found: Counter[tuple[str, str]] = Counter()
    for exchange in ran.exchanges:
        endpoint = asked(exchange)
        reference = "…" if endpoint.kind == "upload" else endpoint.reference
        query = "&".join(f"{name}={','.join(values)}" for name, values in sorted(sent_query(exchange).items()))
        found[exchange.method, f"{endpoint.kind} {endpoint.name} {reference} {query}".strip()] += 1
    return found
