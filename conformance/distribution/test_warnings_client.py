"""spec.md, "Warnings": what clients make of them."""

from __future__ import annotations

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
    """The same requests, the same end, the same content, as far as these are always the same without warnings."""
    driven = warned(drive, operation)
    one, two = driven.each("plain")
    ran = driven.ran("warned")
    ran.must_end()
    if one.call.result.describe() != two.call.result.describe():
        not_applicable(f"without warnings it ends now with {one.ended}, now with {two.ended}")
    if ran.call.result.describe() != one.call.result.describe():
        raise Violation(f"{one.call.result.describe()}, as without warnings", ran.ended, ran.lines())
    kinds = next((kinds for kinds in (requests, coarse_requests) if kinds(one) == kinds(two)), None)
    if kinds is not None:
        changed = sorted(f"{method} {what}" for method, what in kinds(one) ^ kinds(ran))
        expect(changed, "requests that come with warnings only, or without them only", ran.lines()).is_empty()
    contents = [each.written and sorted(each.written["blobs"]) for each in (one, two, ran)]
    if contents[0] == contents[1]:
        expect(contents[2], "what was written").equals(contents[0])


def requests(ran: Ran) -> set[tuple[str, str]]:
    """The requests that came, however often; an upload is told from others by its digest only."""
    found = set()
    for exchange in ran.exchanges:
        endpoint = asked(exchange)
        reference = "…" if endpoint.kind == "upload" else endpoint.reference
        query = "&".join(f"{name}={','.join(values)}" for name, values in sorted(sent_query(exchange).items()))
        found.add((exchange.method, f"{endpoint.kind} {endpoint.name} {reference} {query}".strip()))
    return found


def coarse_requests(ran: Ran) -> set[tuple[str, str]]:
    """The requests that came, whatever blobs and manifests they are about: some clients compress anew each time."""
    return {(exchange.method, f"{asked(exchange).kind} {asked(exchange).name}") for exchange in ran.exchanges}
