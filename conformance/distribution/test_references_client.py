"""spec.md, "Pulling manifests": the forms of names, tags and references in what clients ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import asked, expect_none
from pytest_oci.fixtures.client.scenarios import plain, references
from pytest_oci.fixtures.registry.endpoints import NAME, TAG, is_digest

from pytest_oci import clause
from pytest_oci.targets.client import PULL, PUSH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.client.drive import Drive, Ran

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.client

FORMER_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
"""The grammar of 1.0."""
EITHER = ("dist.client.reference.tag-or-digest", "dist.client.reference.no-other-form")
OPERATIONS = pytest.mark.parametrize("operation", [PULL, PUSH])


def wrong_references(ran: Ran) -> Iterator[tuple[Exchange, str]]:
    """Requests for a manifest by something else than a tag or a digest."""
    for exchange in ran.exchanges:
        found = asked(exchange)
        if found.kind == "manifest" and not TAG.fullmatch(found.reference) and not is_digest(found.reference):
            yield exchange, f"{exchange.method} of {found.reference!r}"


def expect_references(ran: Ran) -> None:
    """Hold if all manifests were asked for by a tag or a digest."""
    expect_none(wrong_references(ran), "a digest or a tag as the reference of every manifest")


@clause(*EITHER)
def test_tags_are_references(drive: Drive) -> None:
    """Whatever the client asks for while it pulls by a tag."""
    expect_references(drive(plain.pulled()).ran())


@clause(*EITHER)
@pytest.mark.parametrize("number", [0, 1], ids=["digest", "tag-and-digest"])
def test_digests_are_references(drive: Drive, number: int) -> None:
    """A user may give a digest, and a tag beside it; then one of the two is asked for, or nothing."""
    expect_references(drive(references.pulled_by_digest()).each("ran")[number])


@clause(*EITHER)
def test_what_is_deleted_is_a_reference(drive: Drive) -> None:
    """Whatever the client asks for while it deletes."""
    expect_references(drive(references.deleted(), beside=True).ran())


@clause("dist.client.manifest-put.reference-form")
def test_manifests_are_pushed_to_references(drive: Drive) -> None:
    """A tag, or a digest."""
    expect_references(drive(plain.pushed()).ran())


@clause("dist.client.name.regex")
@pytest.mark.parametrize("names", ["right", "wrong"])
def test_names_have_their_form(drive: Drive, names: str) -> None:
    """Names that have none are refused, or made such by the client, but never asked for."""
    former = drive.version.startswith("1.0")
    right = references.NAMES if former else (*references.NAMES, *references.NEWER_NAMES)
    grammar = FORMER_NAME if former else NAME
    driven = drive(references.names_pulled(*(right if names == "right" else references.WRONG_NAMES)))
    wrong = (
        (exchange, f"{exchange.method} in {asked(exchange).name!r}")
        for ran in driven.each("ran")
        for exchange in ran.exchanges
        if asked(exchange).name and not grammar.fullmatch(asked(exchange).name)
    )
    expect_none(wrong, f"names of repositories that match {grammar.pattern}")


@clause("dist.client.tag.max-length")
@OPERATIONS
def test_tags_are_not_too_long(drive: Drive, operation: str) -> None:
    """128 characters are asked for, 129 are not."""
    play = references.tags_pulled if operation == PULL else references.tags_pushed
    driven = drive(play(references.LONGEST_TAG, *references.TOO_LONG), beside=operation == PUSH)
    wrong = (
        (exchange, f"{exchange.method} of {len(asked(exchange).reference)} characters")
        for ran in driven.each("ran")
        for exchange in ran.exchanges
        if asked(exchange).kind == "manifest"
        and not is_digest(asked(exchange).reference)
        and len(asked(exchange).reference) > len(references.LONGEST_TAG)
    )
    expect_none(wrong, "tags of at most 128 characters")


@clause("dist.client.tag.regex")
@OPERATIONS
def test_tags_have_their_form(drive: Drive, operation: str) -> None:
    """What is no tag is not asked for."""
    play = references.tags_pulled if operation == PULL else references.tags_pushed
    driven = drive(play(*references.WRONG_TAGS), beside=operation == PUSH)
    wrong = (one for ran in driven.each("ran") for one in wrong_references(ran))
    expect_none(wrong, f"tags that match {TAG.pattern}")
