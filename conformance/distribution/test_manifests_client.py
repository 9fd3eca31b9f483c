"""spec.md, "Pushing Manifests": how clients push manifests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.arrived import (
    expect_none,
    expect_not_believed,
    of_kind,
    sent_blob,
    sent_header,
    sent_manifests,
)
from pytest_oci.fixtures.client.contents import FOUR_MEGABYTES
from pytest_oci.fixtures.client.drive import whole
from pytest_oci.fixtures.client.scenarios import manifests, plain
from pytest_oci.fixtures.image.contents import CONFIG, INDEX, MANIFEST

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.targets.client import PUSH
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive, Ran

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.client
CONFIGS = (CONFIG, "application/vnd.docker.container.image.v1+json")
"""The types of configurations that have a diff_id for each layer."""


def pushed(ran: Ran) -> list[tuple[Exchange, dict[str, Any]]]:
    """The manifests that were pushed; ends the test if there are none."""
    found = list(sent_manifests(ran))
    if not found:
        if ran.operation == PUSH and ran.refused:
            not_applicable(f"it does not push this: {ran.ended}")
        not_testable("product: no manifest arrived at the registry", ran.ended, *ran.lines())
    return found


def content_type(exchange: Exchange) -> str:
    """What a manifest was pushed as, without parameters."""
    return (sent_header(exchange, "Content-Type") or "").partition(";")[0].strip()


def expect_own_type(ran: Ran) -> None:
    """Hold if every manifest was pushed as what it says itself."""
    expect_none(
        (
            (exchange, f"Content-Type: {sent_header(exchange, 'Content-Type')} for {document['mediaType']}")
            for exchange, document in pushed(ran)
            if "mediaType" in document and content_type(exchange) != document["mediaType"]
        ),
        "Content-Type to be the mediaType of the manifest",
    )


@clause("dist.client.manifest-put.content-type-is-media-type")
def test_manifests_are_pushed_as_what_they_are(drive: Drive) -> None:
    """An image."""
    expect_own_type(drive(plain.pushed()).ran())


@clause("dist.client.manifest-put.content-type-is-media-type")
@pytest.mark.parametrize("number", [0, 1], ids=["honest", "misnamed"])
def test_dockers_manifests_are_pushed_as_what_they_are(drive: Drive, number: int) -> None:
    """Whatever the layout calls them."""
    expect_own_type(drive(manifests.of_docker()).each("ran")[number])


@clause("dist.client.manifest-put.content-type")
def test_manifests_that_say_no_type_are_pushed_with_one(drive: Drive) -> None:
    """The layout says it."""
    ran = drive(manifests.untyped()).ran()
    expect_none(
        (
            (exchange, f"Content-Type: {sent_header(exchange, 'Content-Type')}")
            for exchange, document in pushed(ran)
            if content_type(exchange) != document.get("mediaType", INDEX if "manifests" in document else MANIFEST)
        ),
        "Content-Type to be the type of the manifest",
    )


@clause("dist.client.manifest-put.no-parameters")
def test_manifests_are_pushed_without_parameters(drive: Drive) -> None:
    """Of Content-Type."""
    expect_none(
        (
            (exchange, f"Content-Type: {value}")
            for exchange, _ in pushed(drive(plain.pushed()).ran())
            if ";" in (value := sent_header(exchange, "Content-Type") or "")
        ),
        "no parameters in Content-Type",
    )


@clause("dist.client.manifest-put.has-media-type")
def test_manifests_say_what_they_are(drive: Drive) -> None:
    """Those that the client makes itself: it changes no other."""
    driven = drive(plain.pushed())
    given = driven["content"]["digest"]
    made = [(exchange, document) for exchange, document in pushed(driven.ran()) if exchange.sent.sha256 != given]
    if not made:
        not_applicable("it pushes manifests as they are given to it")
    wrong = ((exchange, "no mediaType") for exchange, document in made if "mediaType" not in document)
    expect_none(wrong, "a manifest with mediaType")


@clause("dist.client.manifest-put.references-all-blobs")
def test_manifests_name_all_blobs(drive: Drive) -> None:
    """A configuration, and as many layers as that has diff_ids."""
    ran = drive(plain.pushed()).ran()
    images = [
        (exchange, document)
        for exchange, document in pushed(ran)
        if "layers" in document and document.get("config", {}).get("mediaType") in CONFIGS
    ]
    if not images:
        not_testable("product: no image manifest arrived at the registry", ran.ended, *ran.lines())
    for exchange, document in images:
        config = config_of(ran, document)
        layers, wanted = len(document["layers"]), len(config["rootfs"]["diff_ids"])
        expect(layers, "layers in the manifest, by the diff_ids of its configuration", whole(exchange)).equals(wanted)


def config_of(ran: Ran, document: dict[str, Any]) -> dict[str, Any]:
    """The configuration that was pushed for a manifest; ends the test if it cannot be known."""
    try:
        found: dict[str, Any] = json.loads(sent_blob(ran, document["config"]["digest"]))
    except (LookupError, ValueError) as error:
        not_testable(f"product: the configuration of the manifest was not pushed: {error}", *ran.lines())
    return found


@clause("dist.client.manifest-put.digest-header-verified")
def test_digest_of_a_pushed_manifest_is_not_believed(drive: Drive) -> None:
    """Who uses Docker-Content-Digest of the answer fails if it is wrong."""
    driven = drive(manifests.with_another_digest())
    exchange, _ = pushed(driven.ran())[-1]
    expect_not_believed(driven.ran(), driven["other"], exchange.sent.sha256)


@clause("dist.client.manifest.four-megabytes")
def test_large_manifests_are_pushed(drive: Drive) -> None:
    """Four megabytes."""
    ran = drive(manifests.four_megabytes(), beside=True).ran()
    ran.must_end()
    if not ran.ok:
        raise Violation("the client to push a manifest of four megabytes", ran.ended, ran.lines())
    if not any(one.sent.length >= FOUR_MEGABYTES for one in of_kind(ran, "PUT", "manifest")):
        not_applicable("it pushes a manifest of its own making, which is small")
