"""What judgements of lists of referrers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_oci.conformance.distribution.answers import expect_status, media_type_of, require
from pytest_oci.fixtures.image.contents import INDEX
from pytest_oci.fixtures.registry.endpoints import is_digest
from pytest_oci.fixtures.registry.scenarios.referrers import descriptors_in
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import advised, expect, not_testable, unsupported
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_oci.targets.registry.exchange import Exchange

STATUS, NO_404, BODY = (f"dist.referrers.list.{name}" for name in ("status-200", "no-404", "body-is-index"))
LISTED = "dist.referrers.new-manifests-listed"


def is_list(exchange: Exchange) -> bool:
    """Whether an answer shows that the registry lists referrers, even if its body did not come whole."""
    return 200 <= exchange.status < 300


def absent(exchange: Exchange) -> None:
    """End the test where no referrers are listed: that is left to registries, if it is them who say so."""
    evidence = exchange_lines(exchange)
    if outside(exchange):
        not_testable(f"{outside(exchange)}: {exchange.answer}", *evidence)
    if not exchange.status or (exchange.status >= 500 and exchange.status != 501):
        not_testable(f"product: its list of referrers is broken: {exchange.answer}", *evidence)
    unsupported(f"the registry lists no referrers: {exchange.answer}", *evidence)


def entries(pages: Iterable[Exchange]) -> list[dict[str, Any]]:
    """The entries with a digest on all pages; what has none is another clause's."""
    found: list[dict[str, Any]] = []
    for page in pages:
        if page.status == 404:
            not_testable(f"depends-on: {NO_404}", *exchange_lines(page))
        require(page, STATUS, BODY)
        listed = descriptors_in(page)
        if listed is None:
            not_testable(f"depends-on: {BODY}", *exchange_lines(page))
        found += [entry for entry in listed if isinstance(entry, dict) and has_digest(entry)]
    return found


def has_digest(entry: dict[str, Any]) -> bool:
    """Whether an entry has a digest."""
    return isinstance(entry.get("digest"), str) and is_digest(entry["digest"])


def is_descriptor(entry: dict[str, Any]) -> bool:
    """Whether an entry has what every descriptor has (image-spec, descriptor.md)."""
    media_type, size = entry.get("mediaType"), entry.get("size")
    return has_digest(entry) and isinstance(media_type, str) and media_type != "" and type(size) is int and size >= 0


def expect_known(exchange: Exchange) -> None:
    """Hold if a list of referrers was not answered with 404."""
    if outside(exchange):
        not_testable(f"{outside(exchange)}: {exchange.answer}", *exchange_lines(exchange))
    expect(exchange.status, "status of GET of the referrers", exchange_lines(exchange)).differs_from(404)


def _whole(page: Exchange) -> list[str]:
    """Go on where a page is one with 200; it as evidence."""
    require(page, STATUS)
    evidence = exchange_lines(page)
    if page.status != 200:
        not_testable(f"depends-on: {STATUS}", *evidence)
    return evidence


def expect_indexes(pages: Iterable[Exchange], known: Mapping[str, tuple[str, int]]) -> None:
    """Hold if every page is an image index of descriptors; `known` are media types and sizes by digest."""
    for page in pages:
        evidence = _whole(page)
        expect(page.failure, "what kept the list from coming whole", evidence).equals("")
        for entry in index_of(page)["manifests"]:
            if not isinstance(entry, dict) or not is_descriptor(entry):
                raise Violation("a descriptor with mediaType, digest and size", show(entry), evidence)
            told = (entry["mediaType"], entry["size"])
            expect(list(told), f"media type and size of {entry['digest']}", evidence).equals(
                list(known.get(entry["digest"], told))
            )


def index_of(page: Exchange) -> dict[str, Any]:
    """The image index that an answer is; a violation if it is none."""
    evidence = exchange_lines(page)
    try:
        document = page.body.json()
    except ValueError as error:
        raise Violation("an image index", str(error), evidence) from None
    if not isinstance(document, dict):
        raise Violation("an image index", show(document), evidence)
    expect(document.get("schemaVersion"), "schemaVersion", evidence).equals(2)
    expect(document.get("mediaType", INDEX), "mediaType", evidence).equals(INDEX)
    if not isinstance(document.get("manifests"), list):
        raise Violation("manifests: an array", show(document.get("manifests")), evidence)
    return document


def expect_type_of_indexes(pages: Iterable[Exchange]) -> None:
    """Hold if every page says that it is an image index; parameters of its type are odd."""
    for page in pages:
        evidence = _whole(page)
        expect(media_type_of(page), "Content-Type", evidence).equals(INDEX)
        told = page.header("Content-Type") or ""
        if ";" in told:
            advised(f"Content-Type: {INDEX}", f"{told}, which has parameters", *evidence)


def expect_empty(full: Exchange, exchange: Exchange) -> None:
    """Hold if an answer is an index with an empty array of manifests, where the `full` list is there."""
    if full.status != 200:
        not_testable(f"depends-on: {STATUS}", *exchange_lines(full))
    if exchange.status == 404:
        not_testable(f"depends-on: {NO_404}", *exchange_lines(exchange))
    expect_status(exchange, 200, "GET of the referrers")
    evidence = exchange_lines(exchange)
    try:
        document = exchange.body.json()
    except ValueError as error:
        raise Violation("an image index", str(error), evidence) from None
    listed = document.get("manifests") if isinstance(document, dict) else None
    expect(listed, "manifests", evidence).equals([])
