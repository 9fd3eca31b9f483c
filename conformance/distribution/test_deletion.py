"""spec.md, "Content Management": what is deleted, and how it is said where nothing is.

Whether deletion is disabled is told by its effect: what is still there after a refusal was not deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.conformance.distribution.storing import BLOB_200, MANIFEST_200
from pytest_oci.fixtures.registry.scenarios.deletion import blob, manifest, tag, tagged_manifest
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import clause, expect, not_applicable, not_testable, unsupported
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe, Seen

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

DISABLED = (400, 405)
"""How a disabled deletion is answered."""


def judged(seen: Seen, root: str) -> tuple[Exchange, Exchange]:
    """DELETE of what there was, and GET afterwards; `root` is the clause about GET."""
    require(seen["before"], root)
    deleted, after = seen["deleted"], seen["after"]
    for exchange in (deleted, after):
        if outside(exchange):
            not_testable(f"{outside(exchange)}: {exchange.answer}", *exchange_lines(exchange))
        if exchange.status == 500:
            not_testable(f"product: it has an error of its own: {exchange.answer}", *exchange_lines(exchange))
    return deleted, after


def is_deleted(deleted: Exchange, after: Exchange) -> bool:
    """Whether it was deleted: it is gone, or was said to go, which may take its time."""
    return deleted.ok or after.status == 404


def expect_accepted(seen: Seen, root: str, what: str) -> None:
    """Hold if what was deleted was so with 202."""
    deleted, after = judged(seen, root)
    if not is_deleted(deleted, after) and deleted.status:
        unsupported(f"the registry does not delete {what}: {deleted.answer}", *exchange_lines(deleted))
    evidence = exchange_lines(deleted, after)
    if not deleted.status:
        raise Violation(f"DELETE of {what}: an answer", deleted.answer, evidence)
    expect(deleted.status, f"status of DELETE of {what}", evidence).equals(202)


def expect_refused(seen: Seen, root: str, what: str) -> None:
    """Hold if what was not deleted was refused with 400 or 405."""
    deleted, after = judged(seen, root)
    if is_deleted(deleted, after) or not deleted.status:
        not_applicable(f"the registry deletes {what}: {deleted.answer}")
    expect(deleted.status, f"status of DELETE of {what} that is still there", exchange_lines(deleted, after)).is_in(
        DISABLED
    )


def expect_unknown(seen: Seen, what: str, of: str) -> None:
    """Hold if DELETE of what there is not is answered with 404; where nothing is deleted nothing is asked."""
    deleted, after = seen["deleted"], seen["after"]
    if not is_deleted(deleted, after):
        unsupported(f"the registry does not delete {of}: {deleted.answer}", *exchange_lines(deleted))
    expect_status(seen["unknown"], 404, f"DELETE of {what}")


@clause("dist.delete.tag.status-202")
def test_tag_is_deleted_with_202(observe: Observe) -> None:
    """A tag that is gone afterwards."""
    expect_accepted(observe(tag()), MANIFEST_200, "a tag")


@clause("dist.delete.tag.disabled-400-405")
def test_tag_is_refused_with_400_or_405(observe: Observe) -> None:
    """A tag that is still there afterwards."""
    expect_refused(observe(tag()), MANIFEST_200, "a tag")


@clause("dist.delete.tag.gone")
def test_tag_is_gone(observe: Observe) -> None:
    """After DELETE with success, in some time."""
    expect_gone(observe(tag()))


def expect_gone(seen: Any) -> None:
    """Hold if all is answered with 404 after a successful deletion."""
    deleted, after = seen["deleted"], seen["after"]
    if not deleted.ok:
        unsupported(f"the registry does not delete it: {deleted.answer}", *exchange_lines(deleted))
    for exchange in after.values() if isinstance(after, dict) else (after,):
        if outside(exchange):
            not_testable(f"{outside(exchange)}: {exchange.answer}", *exchange_lines(exchange))
        evidence = exchange_lines(deleted, exchange)
        expect(exchange.status, "status of GET of what was deleted", evidence).equals(404)


@clause("dist.delete.manifest.status-202")
def test_manifest_is_deleted_with_202(observe: Observe) -> None:
    """A manifest without a tag, by its digest."""
    expect_accepted(observe(manifest()), MANIFEST_200, "a manifest")


@clause("dist.delete.manifest.disabled-400-405")
def test_manifest_is_refused_with_400_or_405(observe: Observe) -> None:
    """A manifest that is still there afterwards."""
    expect_refused(observe(manifest()), MANIFEST_200, "a manifest")


@clause("dist.delete.manifest.gone")
def test_manifest_is_gone(observe: Observe) -> None:
    """By its digest, and by each of its tags."""
    expect_gone(observe(tagged_manifest()))


@clause("dist.delete.manifest.unknown-repository-404")
def test_manifest_of_unknown_repository(observe: Observe) -> None:
    """DELETE in a repository that there is not, where manifests are deleted."""
    expect_unknown(observe(manifest()), "a manifest of an unknown repository", "manifests")


@clause("dist.delete.blob.status-202")
def test_blob_is_deleted_with_202(observe: Observe) -> None:
    """A blob that nothing refers to."""
    expect_accepted(observe(blob()), BLOB_200, "a blob")


@clause("dist.delete.blob.disabled-400-405")
def test_blob_is_refused_with_400_or_405(observe: Observe) -> None:
    """A blob that is still there afterwards."""
    expect_refused(observe(blob()), BLOB_200, "a blob")


@clause("dist.delete.blob.unknown-404")
def test_unknown_blob(observe: Observe) -> None:
    """DELETE of a blob that there is not, where blobs are deleted."""
    expect_unknown(observe(blob()), "an unknown blob", "blobs")
