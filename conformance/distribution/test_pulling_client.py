"""spec.md, "Pull", and "Legacy Docker support": what clients ask for, and what they take for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.arrived import (
    expect_done,
    expect_none,
    expect_not_believed,
    expect_refused,
    of_kind,
    sent_headers,
)
from pytest_oci.fixtures.client.scenarios import manifests, plain, pulls
from pytest_oci.fixtures.image.contents import MANIFEST

from pytest_oci import clause
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.client.drive import Drive

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.client


@clause("dist.client.accept-header")
def test_manifests_are_asked_for_by_type(drive: Drive) -> None:
    """Accept names the type of an image manifest in every GET and HEAD; `*/*` names none."""
    ran = drive(plain.pulled()).ran()
    expect_none(
        (
            (exchange, f"Accept: {', '.join(sent_headers(exchange, 'Accept')) or '(none)'}")
            for exchange in of_kind(ran, "GET HEAD", "manifest")
            if MANIFEST not in accepted(exchange)
        ),
        f"an Accept header with the types that the client supports, {MANIFEST} among them",
    )


def accepted(exchange: Exchange) -> set[str]:
    """The media types in Accept, without parameters."""
    listed = ",".join(sent_headers(exchange, "Accept")).split(",")
    return {media_type.partition(";")[0].strip() for media_type in listed}


@clause("dist.client.content-type-parameters-ignored")
def test_parameters_are_ignored(drive: Drive) -> None:
    """A manifest whose Content-Type has a character set is pulled."""
    expect_done(drive(pulls.with_parameters()).ran(), "pull a manifest whose Content-Type has a parameter")


@clause("dist.client.reject-media-type-mismatch")
@pytest.mark.parametrize("kind", pulls.OTHER_TYPES)
def test_another_type_is_refused(drive: Drive, kind: str) -> None:
    """A manifest that calls itself otherwise than Content-Type does."""
    expect_refused(drive(pulls.of_another_type(kind)).ran(), "mediaType is not what Content-Type says")


@clause("dist.client.manifest-digest-header-verified")
def test_digest_of_a_manifest_is_not_believed(drive: Drive) -> None:
    """Who uses Docker-Content-Digest refuses what has another digest, or gets what has this one."""
    driven = drive(pulls.with_another_manifests_digest())
    if not of_kind(driven.ran(), "GET", "manifest", driven["other"]):
        expect_not_believed(driven.ran(), driven["other"], driven["content"]["digest"])


@clause("dist.client.manifest-by-digest-verified")
def test_another_manifest_is_refused(drive: Drive) -> None:
    """What comes for a digest has another one."""
    expect_refused(drive(pulls.another_manifest()).ran(), "the manifest has another digest than was asked for")


@clause("dist.client.blob-digest-header-verified")
def test_digest_of_a_blob_is_not_believed(drive: Drive) -> None:
    """Who uses Docker-Content-Digest refuses what has another digest."""
    driven = drive(pulls.with_another_blobs_digest())
    expect_not_believed(driven.ran(), driven["other"], driven["content"]["layers"][0])


@clause("dist.client.blob-digest-verified")
@pytest.mark.parametrize("how", pulls.OTHER_BLOBS)
def test_another_blob_is_refused(drive: Drive, how: str) -> None:
    """What comes for the digest of a layer has another one, though it unpacks to the same."""
    expect_refused(drive(pulls.another_blob(how)).ran(), "a layer has another digest than was asked for")


@clause("dist.client.manifest.four-megabytes")
def test_large_manifests_are_pulled(drive: Drive) -> None:
    """Four megabytes."""
    expect_done(drive(pulls.four_megabytes()).ran(), "pull a manifest of four megabytes")


@clause("dist.legacy.docker-headers-not-needed")
def test_nothing_is_pulled_by_dockers_headers(drive: Drive) -> None:
    """A registry sends none of them."""
    expect_done(drive(pulls.without_docker_headers()).ran(), "pull without Docker's headers")


@clause("dist.legacy.docker-headers-not-needed")
def test_nothing_is_pushed_by_dockers_headers(drive: Drive) -> None:
    """A registry sends none of them."""
    expect_done(drive(manifests.without_docker_headers(), beside=True).ran(), "push without Docker's headers")


@clause("dist.legacy.error-codes-not-needed")
@pytest.mark.parametrize("operation", ["pull", "push"])
def test_errors_are_known_without_dockers_codes(drive: Drive, operation: str) -> None:
    """A refusal by a code of the specification ends like one by a code of Docker's."""
    pulls_it = operation == "pull"
    current, former = drive(pulls.unknown() if pulls_it else manifests.refused(), beside=not pulls_it).each("ran")
    if current.refused:
        return
    if not former.refused:
        current.must_end()
    raise Violation("an error, by whatever code the registry refuses", current.ended, current.lines())
