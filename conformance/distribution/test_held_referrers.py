"""spec.md, "Listing Referrers", and "Enabling the Referrers API": referrers that are held, pushed or there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.conformance.distribution.referred import (
    LISTED,
    NO_404,
    STATUS,
    absent,
    entries,
    expect_empty,
    expect_indexes,
    expect_known,
    expect_type_of_indexes,
    is_list,
)
from pytest_oci.fixtures.image.contents import MANIFEST
from pytest_oci.fixtures.registry.scenarios.referrers import descriptors_in, held_referrers

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution


def held(observe: Observe) -> Seen:
    """Referrers that are held, where the registry lists such: it shows so by any list, or the vendor claims it."""
    seen = observe(held_referrers())
    if not (seen["claimed"] or is_list(seen["listed"][0]) or is_list(seen["unknown"])):
        absent(seen["listed"][0])
    return seen


@clause(STATUS)
def test_list_is_there(observe: Observe) -> None:
    """GET of the referrers of a manifest that has some."""
    expect_status(held(observe)["listed"][0], 200, "GET of the referrers")


@clause("dist.referrers.list.body-is-index")
def test_list_is_an_index(observe: Observe) -> None:
    """Every page is an image index, its entries are descriptors; those known have their size and type."""
    seen = held(observe)
    known = {one["digest"]: (one["media_type"], one["size"]) for one in seen["referrers"]}
    expect_indexes(seen["listed"], known)


@clause("dist.referrers.list.content-type")
def test_list_has_the_type_of_an_index(observe: Observe) -> None:
    """On every page."""
    expect_type_of_indexes(held(observe)["listed"])


@clause("dist.referrers.list.invalid-400")
def test_what_is_no_digest_is_refused(observe: Observe) -> None:
    """GET of the referrers of what is no digest."""
    expect_status(held(observe)["invalid"], 400, "GET of the referrers of what is no digest")


@clause(NO_404)
def test_list_is_never_unknown(observe: Observe) -> None:
    """Even of a digest that nothing has."""
    seen = held(observe)
    if seen["listed"][0].status == 404:
        not_testable(f"depends-on: {STATUS}", *exchange_lines(seen["listed"][0]))
    expect_known(seen["unknown"])


@clause("dist.referrers.list.empty")
def test_list_without_referrers_is_empty(observe: Observe) -> None:
    """Of a digest that nothing has."""
    seen = held(observe)
    expect_empty(seen["listed"][0], seen["unknown"])


@clause(LISTED)
def test_referrer_is_listed(observe: Observe) -> None:
    """Those that are image manifests; older ones than the list itself are another clause's."""
    seen = held(observe)
    if enabled_since(seen):
        not_applicable("the registry lists referrers only since they were pushed")
    older = seen["entries"] if seen["before"] is None else ()
    listed = [entry["digest"] for entry in entries(seen["listed"])]
    for one in seen["referrers"]:
        if one["media_type"] == MANIFEST and one["digest"] not in older:
            expect(listed, "digests of the referrers", exchange_lines(*seen["listed"])).contains(one["digest"])


@clause("dist.referrers.upgrade.preexisting-listed")
def test_referrer_from_before_is_listed(observe: Observe) -> None:
    """What an index with the referrers tag lists, where the list of referrers came later than that."""
    seen = held(observe)
    tagged = seen["tagged"]
    if seen["before"] is not None and not enabled_since(seen):
        not_applicable("the registry listed referrers before there were any: name older ones with --oci-seeded")
    if tagged.status == 404 or not descriptors_in(tagged):
        not_applicable(f"no index of referrers has their tag: {tagged.answer}")
    require(tagged, "dist.manifest.get.status-200")
    listed = [entry["digest"] for entry in entries(seen["listed"])]
    for digest, exchange in seen["entries"].items():
        if refers_to(exchange, seen["subject"]):
            evidence = exchange_lines(tagged, *seen["listed"])
            expect(listed, "digests of the referrers", evidence).contains(digest)


def enabled_since(seen: Seen) -> bool:
    """Whether the registry began to list referrers after these were pushed; one that never lists none did not."""
    before = seen["before"]
    return before is not None and not before.ok and seen["unknown"].status != 404


def refers_to(exchange: Exchange, subject: str) -> bool:
    """Whether an answer is an image manifest with this subject."""
    try:
        document = exchange.body.json()
    except ValueError:
        return False
    if not exchange.ok or not isinstance(document, dict):
        return False
    told, media_type = document.get("subject"), document.get("mediaType", exchange.header("Content-Type"))
    return media_type == MANIFEST and isinstance(told, dict) and told.get("digest") == subject
