"""What judgements of lists in pages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.distribution.answers import require
from pytest_oci.fixtures.registry.paging import MOST_PAGES
from pytest_oci.fixtures.registry.scenarios.tags import tags_in
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.targets.registry.links import NEXT, LinkError, next_page, parse_links
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_oci.targets.registry.exchange import Exchange

TAGS_200, TAGS_BODY = "dist.tags.list.status-200", "dist.tags.list.body"


def linked(exchange: Exchange) -> bool:
    """Whether an answer has a Link field, of whatever form."""
    return exchange.header("Link") is not None


def tags_shown(exchange: Exchange) -> list[str]:
    """The tags that an answer lists; nothing can be judged of one that lists none for another reason."""
    require(exchange, TAGS_200, TAGS_BODY)
    tags = tags_in(exchange)
    if tags is None:
        try:
            document = exchange.body.json()
        except ValueError:
            document = None
        if isinstance(document, dict) and document.get("tags", ()) is None:
            return []  # how the empty list is written is another clause's
        not_testable(f"depends-on: {TAGS_BODY}", *exchange_lines(exchange))
    return tags


def expect_next(exchange: Exchange) -> None:
    """Hold if an answer's Link fields follow RFC 5988 and tell of a next page; one without any holds."""
    fields = exchange.header_values("Link")
    if not fields:
        return
    expected, evidence = f'Link: <URL>; rel="{NEXT}"', exchange_lines(exchange)
    try:
        links = parse_links(fields)
    except LinkError as error:
        raise Violation(expected, f"{', '.join(fields)}: {error}", evidence) from None
    if not any(NEXT in link.relations for link in links):
        raise Violation(expected, ", ".join(fields), evidence)
    if next_page(exchange) is None:
        raise Violation(expected, f"{', '.join(fields)}: that is no URL", evidence)


def expect_followed(pages: Sequence[Exchange], items: Iterable[Sequence[str]]) -> None:
    """Hold if each page led to one with something else, and the last one to none.

    `items` are those of each page, by what tells them apart.
    """
    for page in pages[1:]:
        if outside(page):
            not_testable(f"{outside(page)}: {page.answer}", *exchange_lines(page))
        if not page.ok:
            raise Violation("a page where Link leads to", page.answer, exchange_lines(page))
    seen: set[str] = set()
    for page, found in zip(pages, items, strict=True):
        again = sorted(seen & set(found))
        if again:
            raise Violation("other entries on the next page", f"{', '.join(again)} again", exchange_lines(page))
        seen |= set(found)
    last = pages[-1]
    if linked(last) and next_page(last) is not None:
        if len(pages) >= MOST_PAGES:
            not_testable(f"limit: more than {MOST_PAGES} pages are not read", *exchange_lines(last))
        raise Violation("a next page", "Link leads to a page that was there before", exchange_lines(last))
