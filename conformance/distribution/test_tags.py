"""spec.md, "Listing Tags"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.conformance.distribution.paged import (
    TAGS_200,
    TAGS_BODY,
    expect_followed,
    expect_next,
    linked,
    tags_shown,
)
from pytest_oci.fixtures.registry.scenarios.tags import NUMBERS, held_tags, mixed_case, tag_lists

from pytest_oci import advised, clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

ORDER, ZERO = "dist.tags.list.order", "dist.tags.list.n-zero-empty"
LISTS = {"many": tag_lists, "mixed-case": mixed_case, "held": held_tags}
EACH_LIST = pytest.mark.parametrize("name", LISTS)
AFTER = pytest.mark.parametrize("where", ["second", "number", "final"])
PLAIN = re.compile("[a-z0-9]+")
"""Tags of which there is one order only."""


def whole_list(seen: Seen) -> list[str]:
    """The tags on all pages of a list, each once."""
    return list(dict.fromkeys(tag for page in seen["whole"] for tag in tags_shown(page)))


def ordered_list(observe: Observe) -> list[str]:
    """The list of many tags, where that is in order; where not, nothing more is judged of orders."""
    seen = observe(tag_lists())
    tags = whole_list(seen)
    if tags != sorted(tags):
        not_testable(f"depends-on: {ORDER}", *exchange_lines(*seen["whole"]))
    return tags


def after(seen: Seen, where: str) -> dict[str, Any]:
    """What was asked for after a tag; nothing could be where the list of tags is not what it should be."""
    if seen["after"] is None:
        not_testable(f"depends-on: {TAGS_BODY}", *exchange_lines(seen["whole"][0]))
    found: dict[str, Any] = seen["after"][where]
    return found


@clause(TAGS_200)
@EACH_LIST
def test_list_is_there(observe: Observe, name: str) -> None:
    """GET of the list of tags of a repository with tags."""
    expect_status(observe(LISTS[name]())["whole"][0], 200, "GET of the list of tags")


@clause(TAGS_BODY)
@EACH_LIST
def test_list_has_its_form(observe: Observe, name: str) -> None:
    """An object with the repository's name and, over all pages, each of its tags once and no others."""
    seen = observe(LISTS[name]())
    for page in seen["whole"]:
        expect_tag_list(page, seen["name"])
    evidence = exchange_lines(*seen["whole"])
    tags = [tag for page in seen["whole"] for tag in page.body.json()["tags"]]
    if name == "held":
        expect(tags, "tags", evidence).contains(seen["tag"])
    else:
        expect(sorted(tags), "tags in any order", evidence).equals(sorted(seen["pushed"]))


def expect_tag_list(page: Exchange, name: str) -> None:
    """Hold if an answer is a JSON object with the name of the repository and a list of texts."""
    require(page, TAGS_200)
    evidence = exchange_lines(page)
    if page.status != 200:
        not_testable(f"depends-on: {TAGS_200}", *evidence)
    expect(page.failure, "what kept the list from coming whole", evidence).equals("")
    try:
        document = page.body.json()
    except ValueError as error:
        raise Violation("the list of tags in JSON", str(error), evidence) from None
    if not isinstance(document, dict):
        raise Violation("an object with name and tags", show(document), evidence)
    expect(document.get("name"), "name", evidence).equals(name)
    tags = document.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Violation("tags: an array of texts", show(tags), evidence)


@clause(TAGS_BODY)
def test_empty_list_has_its_form(observe: Observe) -> None:
    """With n=0 too tags is an array."""
    seen = observe(tag_lists())
    require(seen["zero"], ZERO)
    expect_tag_list(seen["zero"], seen["name"])


@clause(ORDER)
def test_tags_are_in_lexical_order(observe: Observe) -> None:
    """Digits before letters, 10 before 2, a10 before a2."""
    seen = observe(tag_lists())
    tags = whole_list(seen)
    expect(tags, "tags", exchange_lines(*seen["whole"])).equals(sorted(tags))


@clause(ORDER)
def test_tags_of_any_repository_are_in_lexical_order(observe: Observe) -> None:
    """Those of lower-case letters and digits among them, of which there is one order only."""
    seen = observe(held_tags())
    tags = [tag for tag in whole_list(seen) if PLAIN.fullmatch(tag)]
    expect(tags, "tags of lower-case letters and digits", exchange_lines(*seen["whole"])).equals(sorted(tags))


@clause(ORDER)
def test_tags_are_in_order_whatever_their_case(observe: Observe) -> None:
    """Lexical order is said to be that without regard to case; byte by byte is lexical as well."""
    seen = observe(mixed_case())
    tags, evidence = whole_list(seen), exchange_lines(*seen["whole"])
    if tags == sorted(tags, key=str.lower):
        return
    if tags == sorted(tags):
        advised("tags in order without regard to case", f"{show(tags)}, in order byte by byte", *evidence)
    raise Violation("tags in lexical order", show(tags), evidence)


def expect_number(exchange: Exchange, number: int, most: int, *, excused: bool) -> None:
    """Hold if an answer lists as many tags as were asked for, or all that there are (`most`), or is excused."""
    tags, evidence = tags_shown(exchange), exchange_lines(exchange)
    if len(tags) > number:
        raise Violation(f"at most {number} tags", f"{len(tags)}", evidence)
    if len(tags) < min(number, most) and not (excused and linked(exchange)):
        unless = ", or a Link" if excused else ""
        raise Violation(f"{min(number, most)} of {most} tags{unless}", f"{len(tags)}", evidence)


def expect_numbers(observe: Observe, which: str, *, excused: bool) -> None:
    """Hold if the answers to `n` have as many tags as they should."""
    seen = observe(tag_lists())
    if which == "after":
        found = after(seen, "second")
        expect_number(found["two"], 2, len(tags_shown(found["all"])), excused=excused)
    else:
        expect_number(seen["limited"][which], int(which), len(seen["pushed"]), excused=excused)


WHICH = pytest.mark.parametrize("which", [*map(str, NUMBERS), "after"])


@clause("dist.tags.list.n-results")
@WHICH
def test_as_many_tags_as_asked_for(observe: Observe, which: str) -> None:
    """Or all there are; fewer only with a Link to the rest."""
    expect_numbers(observe, which, excused=True)


@clause("dist.tags.list.n-results-1-0")
@WHICH
def test_as_many_tags_as_asked_for_in_1_0(observe: Observe, which: str) -> None:
    """Or all there are; version 1.0 knows no Link that would lead to the rest."""
    expect_numbers(observe, which, excused=False)


@clause("dist.tags.list.link-format")
@pytest.mark.parametrize("pages", ["whole", "by_three"])
def test_link_leads_to_the_next_tags(observe: Observe, pages: str) -> None:
    """Link follows RFC 5988 with the relation next, and where it leads the list goes on, until all tags were there."""
    seen = observe(tag_lists())
    found: list[Exchange] = seen[pages]
    require(found[0], TAGS_200)
    if not any(map(linked, found)):
        not_applicable("the registry sends no Link")
    for page in found:
        expect_next(page)
    expect_followed(found, ([] if not page.ok else tags_shown(page) for page in found))
    listed = sorted(tag for page in found for tag in tags_shown(page))
    expect(listed, "tags on all pages, in any order", exchange_lines(*found)).equals(sorted(seen["pushed"]))


@clause("dist.tags.list.link-format")
def test_link_of_a_limited_list_has_its_form(observe: Observe) -> None:
    """Whatever was asked for, with or without a tag to begin after."""
    seen = observe(tag_lists())
    asked = [*seen["limited"].values(), *(one[how] for one in (seen["after"] or {}).values() for how in ("all", "two"))]
    answered = [exchange for exchange in asked if linked(exchange)]
    if not answered:
        not_applicable("the registry sends no Link")
    for exchange in answered:
        expect_next(exchange)


@clause(ZERO)
def test_no_tags_where_none_are_asked_for(observe: Observe) -> None:
    """n=0 gives an empty list."""
    exchange = observe(tag_lists())["zero"]
    expect_status(exchange, 200, "GET of the list of tags with n=0")
    expect(tags_shown(exchange), "tags", exchange_lines(exchange)).is_empty()


@clause("dist.tags.list.n-zero-no-link")
def test_no_link_where_no_tags_are_asked_for(observe: Observe) -> None:
    """n=0 gives no Link."""
    exchange = observe(tag_lists())["zero"]
    require(exchange, ZERO)
    expect(exchange.header_values("Link"), "Link", exchange_lines(exchange)).is_empty()


@clause("dist.tags.list.n-order")
def test_limited_list_is_in_order(observe: Observe) -> None:
    """With n the list begins at its beginning, and its pages go on in order."""
    whole = ordered_list(observe)
    pages: Sequence[Exchange] = observe(tag_lists())["by_three"]
    evidence = exchange_lines(*pages)
    first = tags_shown(pages[0])
    expect(first, "tags with n=3", evidence).equals(whole[: len(first)])
    listed = list(dict.fromkeys(tag for page in pages if page.ok for tag in tags_shown(page)))
    expect(listed, "tags on all pages with n=3", evidence).equals(sorted(listed))


@clause("dist.tags.list.last-exclusive")
@AFTER
def test_list_begins_after_a_tag(observe: Observe, where: str) -> None:
    """With last it begins with the tag after that, in the registry's own order or in lexical order."""
    found = after(observe(tag_lists()), where)
    tag, own = found["tag"], found["own"]
    rests = [order[order.index(tag) + 1 :] for order in (own, sorted(own))]
    for how in ("all", "two"):
        exchange = found[how]
        tags, evidence = tags_shown(exchange), exchange_lines(exchange)
        expect(tags, f"tags after {tag}", evidence).lacks(tag)
        if not any(set(tags) == set(rest[: len(tags)]) and (tags or not rest or linked(exchange)) for rest in rests):
            raise Violation(f"the tags after {tag}, of {show(own)}", show(tags), evidence)


@clause("dist.tags.list.last-order")
@AFTER
def test_list_after_a_tag_is_in_order(observe: Observe, where: str) -> None:
    """With last, and with n beside it."""
    ordered_list(observe)
    found = after(observe(tag_lists()), where)
    for how in ("all", "two"):
        tags = tags_shown(found[how])
        expect(tags, f"tags after {found['tag']}", exchange_lines(found[how])).equals(sorted(tags))
