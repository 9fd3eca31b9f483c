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
    from collections.abc import Mapping

    from pytest_oci.fixtures.client.drive import Drive, Driven, Ran

    from pytest_oci.targets.registry.exchange import Exchange

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
    found = [requests(each, roles) for each, roles in zip((one, two, ran), driven["roles"], strict=True)]
    if found[0] != found[1]:
        found = [coarse_requests(each) for each in (one, two, ran)]
    if found[0] == found[1]:
        changed = sorted(f"{method} {what}" for method, what in found[0] ^ found[2])
        expect(changed, "requests that come with warnings only, or without them only", ran.lines()).is_empty()
    written = [each.written and len(each.written["blobs"]) for each in (one, two, ran)]
    if written[0] == written[1]:
        expect(written[2], "how many blobs were written").equals(written[0])


def requests(ran: Ran, roles: Mapping[str, str]) -> set[tuple[str, str]]:
    """The requests that came, however often; manifests and blobs are told apart by their roles in the image."""
    found = set()
    for exchange in substantial(ran):
        endpoint = asked(exchange)
        reference = "…" if endpoint.kind == "upload" else roles.get(endpoint.reference, endpoint.reference)
        values = (f"{name}={roles.get(value, value)}" for name, some in sent_query(exchange).items() for value in some)
        what = f"{endpoint.kind} {endpoint.name} {reference} {'&'.join(sorted(values))}"
        found.add((exchange.method, what.strip()))
    return found


def coarse_requests(ran: Ran) -> set[tuple[str, str]]:
    """The requests that came, whatever blobs and manifests they are about: of these clients may make others."""
    return {(exchange.method, f"{asked(exchange).kind} {asked(exchange).name}") for exchange in substantial(ran)}


def substantial(ran: Ran) -> list[Exchange]:
    """All requests but HEAD: whether something is asked for once more depends on what is done at the same time."""
    return [exchange for exchange in ran.exchanges if exchange.method != "HEAD"]
