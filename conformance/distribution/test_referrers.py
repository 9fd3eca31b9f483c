"""spec.md, "Listing Referrers", and "Enabling the Referrers API"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.conformance.distribution.paged import expect_followed, expect_next, linked
from pytest_oci.conformance.distribution.referred import (
    BODY,
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
from pytest_oci.fixtures.registry.scenarios.referrers import (
    INVALID,
    LARGEST_LIST,
    deleted_referrer,
    digests_in,
    many_referrers,
    referrers,
)

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

FILTER_HEADER, SUBJECT = "OCI-Filters-Applied", "OCI-Subject"
IMAGES = ("artifact", "image")
"""Referrers that have to be listed; indexes need not be."""


def supported(seen: Seen) -> Seen:
    """Go on where the registry lists referrers, which it shows by any list, or by OCI-Subject."""
    puts = [one["put"] for one in (*seen["pushed"].values(), seen["late"]["referrer"])]
    asked = [seen["listed"][0], seen["late"]["listed"][0], seen["missing"], *seen["empty"].values()]
    shown = any(map(is_list, asked)) or any(put.ok and put.header(SUBJECT) is not None for put in puts)
    if not shown:
        absent(asked[0])
    return seen


def descriptor_of(seen: Seen, name: str) -> dict[str, Any]:
    """How a referrer is listed."""
    pushed = seen["pushed"][name]
    if not pushed["put"].ok:
        not_applicable(f"the registry does not take this manifest: {pushed['put'].answer}")
    found = [entry for entry in entries(seen["listed"]) if entry["digest"] == pushed["digest"]]
    if not found and name in IMAGES:
        not_testable(f"depends-on: {LISTED}", *exchange_lines(*seen["listed"]))
    if not found:
        not_applicable("the registry does not list this manifest, nor need it")
    return found[0]


@clause(STATUS)
@pytest.mark.parametrize("which", ["listed", "late"])
def test_list_is_there(observe: Observe, which: str) -> None:
    """GET of the referrers of a manifest that has some."""
    seen = supported(observe(referrers()))
    pages = seen["listed"] if which == "listed" else seen["late"]["listed"]
    expect_status(pages[0], 200, "GET of the referrers")


@clause(NO_404)
@pytest.mark.parametrize("which", ["lonely", "unknown", "missing", "filtered"])
def test_list_is_never_unknown(observe: Observe, which: str) -> None:
    """Even where there are no referrers, or no such subject."""
    seen = supported(observe(referrers()))
    if seen["listed"][0].status == 404:
        not_testable(f"depends-on: {STATUS}", *exchange_lines(seen["listed"][0]))
    asked = {**seen["empty"], "missing": seen["missing"], "filtered": seen["filtered"]["none"][0]}
    exchange: Exchange = asked[which]
    expect_known(exchange)


@clause("dist.referrers.list.invalid-400")
@pytest.mark.parametrize("text", INVALID)
def test_what_is_no_digest_is_refused(observe: Observe, text: str) -> None:
    """GET of the referrers of what is no digest."""
    seen = supported(observe(referrers()))
    expect_status(seen["invalid"][text], 400, f"GET of the referrers of {text}")


@clause(BODY)
@pytest.mark.parametrize("which", ["listed", "late"])
def test_list_is_an_index(observe: Observe, which: str) -> None:
    """Every page is an image index, and its entries are descriptors; those known have the size and type pushed."""
    seen = supported(observe(referrers()))
    pages = seen["listed"] if which == "listed" else seen["late"]["listed"]
    pushed = [*seen["pushed"].values(), seen["late"]["referrer"]]
    known = {one["digest"]: (one["media_type"], one["size"]) for one in pushed}
    expect_indexes(pages, known)


@clause("dist.referrers.list.only-matching")
def test_list_holds_nothing_else(observe: Observe) -> None:
    """No manifest with another subject, without one, of another repository, or that was never pushed."""
    seen = supported(observe(referrers()))
    pushed = {one["digest"] for one in seen["pushed"].values()}
    reasons = {one["digest"]: why for why, one in seen["others"].items()}
    for entry in entries(seen["listed"]):
        if entry["digest"] not in pushed:
            why = reasons.get(entry["digest"], "that was never pushed")
            raise Violation("referrers of the subject", f"a manifest {why}", exchange_lines(*seen["listed"]))


@clause("dist.referrers.list.only-matching")
def test_deleted_referrer_is_not_listed(observe: Observe) -> None:
    """Some time after it was deleted, and is not there any more."""
    seen = observe(deleted_referrer())
    if not (is_list(seen["before"][0]) or is_list(seen["listed"][0])):
        absent(seen["before"][0])
    gone = seen["gone"]
    if gone.status != 404:
        not_applicable(f"the manifest is not deleted: {seen['deleted'].answer}")
    if seen["digest"] not in {entry["digest"] for entry in entries(seen["before"])}:
        not_testable(f"depends-on: {LISTED}", *exchange_lines(*seen["before"]))
    digests = {entry["digest"] for entry in entries(seen["listed"])}
    expect(sorted(digests), "referrers", exchange_lines(gone, *seen["listed"])).lacks(seen["digest"])


@clause("dist.referrers.list.content-type")
@pytest.mark.parametrize("which", ["listed", "lonely", "unknown"])
def test_list_has_the_type_of_an_index(observe: Observe, which: str) -> None:
    """On every page, and where there are no referrers."""
    seen = supported(observe(referrers()))
    pages: Sequence[Exchange] = seen["listed"] if which == "listed" else [seen["empty"][which]]
    expect_type_of_indexes(pages)


@clause("dist.referrers.descriptor.artifact-type")
@pytest.mark.parametrize("name", ["artifact", "typed-index"])
def test_type_of_a_referrer_is_told(observe: Observe, name: str) -> None:
    """The artifactType of an image manifest or an index, where it has one."""
    seen = supported(observe(referrers()))
    told = descriptor_of(seen, name).get("artifactType")
    evidence = exchange_lines(*seen["listed"])
    expect(told, "artifactType", evidence).equals(seen["pushed"][name]["artifact_type"])


@clause("dist.referrers.descriptor.artifact-type-from-config")
@pytest.mark.parametrize("name", ["image", "blank"])
def test_type_of_a_configuration_is_told(observe: Observe, name: str) -> None:
    """Of an image manifest whose artifactType is missing or empty."""
    seen = supported(observe(referrers()))
    told = descriptor_of(seen, name).get("artifactType")
    evidence = exchange_lines(*seen["listed"])
    expect(told, "artifactType", evidence).equals(seen["pushed"][name]["config_type"])


@clause("dist.referrers.descriptor.index-artifact-type-omitted")
def test_index_without_a_type_has_none(observe: Observe) -> None:
    """Not even an empty one."""
    seen = supported(observe(referrers()))
    found = descriptor_of(seen, "index")
    if "artifactType" in found:
        told = f"artifactType: {show(found['artifactType'])}"
        raise Violation("no artifactType", told, exchange_lines(*seen["listed"]))


@clause("dist.referrers.descriptor.annotations")
@pytest.mark.parametrize("name", ["artifact", "typed-index", "index"])
def test_annotations_of_a_referrer_are_told(observe: Observe, name: str) -> None:
    """All of them, with their values."""
    seen = supported(observe(referrers()))
    told = descriptor_of(seen, name).get("annotations")
    evidence = exchange_lines(*seen["listed"])
    found = told if isinstance(told, dict) else {}
    for key, value in seen["pushed"][name]["annotations"].items():
        expect(found.get(key), f"annotation {key}", evidence).equals(value)


@clause("dist.referrers.list.empty")
@pytest.mark.parametrize("which", ["lonely", "unknown"])
def test_list_without_referrers_is_empty(observe: Observe, which: str) -> None:
    """Of a manifest without referrers, and of a digest that nothing has."""
    seen = supported(observe(referrers()))
    expect_empty(seen["listed"][0], seen["empty"][which])


@clause("dist.referrers.list.empty")
def test_list_without_matches_is_empty(observe: Observe) -> None:
    """With a filter that nothing passes."""
    seen = supported(observe(referrers()))
    pages = seen["filtered"]["none"]
    if entries(pages):
        not_applicable("the registry does not filter referrers")
    for page in pages:
        expect_empty(seen["listed"][0], page)


@clause("dist.referrers.list.link-when-split")
def test_no_referrer_is_lost(observe: Observe) -> None:
    """Of a list of more than four mebibytes; Link leads from each part to the next."""
    seen = large(observe)
    last = seen["pages"][-1]
    missing = set(seen["digests"]) - {digest for digests in seen["listed"] for digest in digests or ()}
    if not missing:
        return
    if not any(seen["listed"]):
        not_testable(f"depends-on: {LISTED}", *exchange_lines(*seen["pages"]))
    if linked(last) or not last.ok:
        not_testable("depends-on: dist.referrers.list.link-format", *exchange_lines(*seen["pages"]))
    text = f"{len(missing)} of {len(seen['digests'])} are not listed, and there is no Link"
    raise Violation("every referrer, or a Link to the rest", text, exchange_lines(*seen["pages"]))


def large(observe: Observe) -> Seen:
    """A large list of referrers, where a registry has one."""
    seen = observe(many_referrers())
    if not seen["put"]:
        absent(seen["first"])
    for put in seen["put"]:
        if not put.ok:
            not_testable(f"product: it does not take a manifest of half a mebibyte: {put.answer}", *exchange_lines(put))
    first = seen["pages"][0]
    require(first, STATUS, BODY)
    if seen["listed"][0] is None:
        if first.body.length > LARGEST_LIST:
            not_testable(f"limit: a list of more than {LARGEST_LIST} bytes is not read", *exchange_lines(first))
        not_testable(f"depends-on: {BODY}", *exchange_lines(first))
    return seen


@clause("dist.referrers.list.link-format")
def test_link_leads_to_the_next_referrers(observe: Observe) -> None:
    """Link follows RFC 5988 with the relation next, and leads to an index with other descriptors."""
    seen = large(observe)
    pages = seen["pages"]
    if not any(map(linked, pages)):
        not_applicable("the registry sends no Link")
    for page in pages:
        expect_next(page)
    expect_followed(pages, (digests or [] for digests in seen["listed"]))
    for page, digests in zip(pages, seen["listed"], strict=True):
        if digests is None:
            raise Violation("an image index where Link leads to", page.answer, exchange_lines(page))


@clause("dist.referrers.list.link-format")
def test_link_of_a_short_list_has_its_form(observe: Observe) -> None:
    """Where a registry has small pages."""
    seen = supported(observe(referrers()))
    sets: list[list[Exchange]] = [seen["listed"], seen["late"]["listed"], *seen["filtered"].values()]
    if not any(linked(page) for pages in sets for page in pages):
        not_applicable("the registry sends no Link")
    for pages in sets:
        for page in pages:
            expect_next(page)
        expect_followed(pages, [digests_in(page) or [] for page in pages])


def filtered(seen: Seen, name: str) -> tuple[Sequence[Exchange], bool]:
    """The pages of a list with a filter for the type of a referrer, and whether others are left out of it."""
    pages: Sequence[Exchange] = seen["filtered"][name]
    kinds = {one["digest"]: one["artifact_type"] or one["config_type"] for one in seen["pushed"].values()}
    wanted = kinds[seen["pushed"][name]["digest"]]
    whole = {entry["digest"] for entry in entries(seen["listed"])}
    others = {digest for digest in whole if kinds.get(digest) != wanted}
    if not others:
        not_testable(f"depends-on: {LISTED}", *exchange_lines(*seen["listed"]))
    return pages, bool(others - {entry["digest"] for entry in entries(pages)})


@clause("dist.referrers.filter.supported")
@pytest.mark.parametrize("name", IMAGES)
def test_referrers_are_filtered(observe: Observe, name: str) -> None:
    """By artifactType, or by the type of the configuration: what matches is listed, and nothing else."""
    seen = supported(observe(referrers()))
    pages, _ = filtered(seen, name)
    kinds = {one["digest"]: one["artifact_type"] or one["config_type"] for one in seen["pushed"].values()}
    digest = seen["pushed"][name]["digest"]
    wanted = {entry["digest"] for entry in entries(seen["listed"]) if kinds.get(entry["digest"]) == kinds[digest]}
    found = {entry["digest"] for entry in entries(pages)} & kinds.keys()
    expect(sorted(found), f"referrers of the type {kinds[digest]}", exchange_lines(*pages)).equals(sorted(wanted))


@clause("dist.referrers.filter.header")
@pytest.mark.parametrize("name", IMAGES)
def test_applied_filter_is_announced(observe: Observe, name: str) -> None:
    """With OCI-Filters-Applied, and only where the filter was applied."""
    seen = supported(observe(referrers()))
    pages, applied = filtered(seen, name)
    for page in pages:
        told = [word.strip() for value in page.header_values(FILTER_HEADER) for word in value.split(",")]
        evidence = exchange_lines(page)
        if applied:
            expect(told, FILTER_HEADER, evidence).contains("artifactType")
        else:
            expect(told, f"{FILTER_HEADER} of a list with other types", evidence).lacks("artifactType")


@clause(LISTED)
@pytest.mark.parametrize("name", [*IMAGES, "late"])
def test_referrer_is_listed(observe: Observe, name: str) -> None:
    """With a tag or without, and where it came before its subject."""
    seen = supported(observe(referrers()))
    pages = seen["late"]["listed"] if name == "late" else seen["listed"]
    pushed = seen["late"]["referrer"] if name == "late" else seen["pushed"][name]
    if not pushed["put"].ok:
        not_testable("depends-on: dist.manifest.put.status-201", *exchange_lines(pushed["put"]))
    listed = [entry["digest"] for entry in entries(pages)]
    expect(listed, "digests of the referrers", exchange_lines(pushed["put"], *pages)).contains(pushed["digest"])
