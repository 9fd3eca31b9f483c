"""media-types.md, "Media Type Conflicts": what clients make of what registries and indexes call a manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import expect_done, expect_refused, of_kind
from pytest_oci.fixtures.client.scenarios.media_types import MISTAKEN, TYPES, listed, named_by_tag
from pytest_oci.fixtures.image.contents import MANIFEST

from pytest_oci import clause, not_testable
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive, Driven, Ran

pytestmark = pytest.mark.client
UNEXPECTED = "media-types.no-expectation.respect-returned"
MATCHED = "media-types.match.respect"


@clause(UNEXPECTED)
@pytest.mark.parametrize(("shape", "other"), [("image", "index"), ("index", "image")], ids=["image", "index"])
def test_a_manifest_is_what_the_registry_calls_it(drive: Drive, shape: str, other: str) -> None:
    """It does not say itself: it is pulled as what it is called, and never as what it only looks like."""
    expect_image(drive(named_by_tag(shape, shape)), f"the {shape}, which comes as {TYPES[shape]}")
    mistaken = drive(named_by_tag(shape, other))
    ran = mistaken.ran()
    ran.must_end()
    followed = [mistaken["image"]] if shape == "index" else mistaken["blobs"]
    got = [digest for digest in followed if _got(ran, digest)]
    if got:
        expected = f"an {shape} that comes as {TYPES[other]} not to be taken for an {shape}"
        raise Violation(expected, f"{got[0]}, to which it refers, was pulled; {ran.ended}", ran.lines())


@clause("media-types.mismatch.error-if-no-digest")
def test_what_is_no_manifest_is_refused(drive: Drive) -> None:
    """No type that was asked for, and no digest by which it could be known."""
    if not drive(named_by_tag("image", "image")).ran().ok:
        not_testable(f"depends-on: {UNEXPECTED}")
    expect_refused(drive(named_by_tag("image", "text")).ran(), "the manifest comes as text/plain")


@clause(MATCHED)
def test_a_listed_image_is_pulled_as_what_it_is(drive: Drive) -> None:
    """Index and registry agree."""
    expect_image(drive(listed("image")), "an image that an index lists")


@clause("media-types.mismatch.expected-wins-if-digest-ok")
@pytest.mark.parametrize("told", MISTAKEN)
def test_an_index_is_believed_rather_than_the_registry(drive: Drive, told: str) -> None:
    """What comes has the digest that the index says, and so its type as well."""
    _require_listed(drive)
    expect_image(drive(listed(told)), f"an image that an index lists, though it comes as {TYPES[told]}")


@clause("media-types.mismatch.error-if-digest-wrong")
def test_what_has_neither_type_nor_digest_is_refused(drive: Drive) -> None:
    """That the type is another one does not excuse the digest."""
    _require_listed(drive)
    ran = drive(listed("octets", altered=True)).ran()
    expect_refused(ran, "a manifest has neither the digest nor the type that the index says")


def expect_image(driven: Driven, what: str) -> None:
    """Hold if all of the image was pulled, and is called an image where it is kept as it came."""
    ran = driven.ran()
    expect_done(ran, f"pull {what}")
    missing = [digest for digest in driven["blobs"] if not _got(ran, digest)]
    if missing:
        raise Violation(f"the client to pull {what}", f"{missing[0]} was not got; {ran.ended}", ran.lines())
    wrong = [media_type for media_type in _kept_as(ran, driven["image"]) if media_type != MANIFEST]
    if wrong:
        raise Violation(f"{MANIFEST} to be the type of {what}", f"index.json has {wrong[0]}", ran.lines())


def _require_listed(drive: Drive) -> None:
    """A client that pulls nothing through an index shows nothing of what it makes of types there."""
    if not drive(listed("image")).ran().ok:
        not_testable(f"depends-on: {MATCHED}")


def _got(ran: Ran, digest: str) -> bool:
    kinds = ("manifest", "blob")
    return any(one.ok for kind in kinds for one in of_kind(ran, "GET", kind, digest))


def _kept_as(ran: Ran, digest: str) -> list[object]:
    """The media types by which the index.json that the client wrote lists a manifest."""
    if ran.written is None or ran.written["problem"]:
        return []
    index = json.loads(ran.written["index"])
    entries = index.get("manifests") if isinstance(index, dict) else None
    listed_there = entries if isinstance(entries, list) else []
    return [each.get("mediaType") for each in listed_there if isinstance(each, dict) and each.get("digest") == digest]
