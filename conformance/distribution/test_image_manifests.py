"""What image-spec asks of registries: to store what they do not know, and to change nothing.

It is judged where image-spec is claimed beside distribution-spec (`--oci-spec-version=image:1.1`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import require
from pytest_oci.conformance.distribution.storing import MANIFEST_200, MANIFEST_CONTENT
from pytest_oci.fixtures.registry.scenarios.manifests import unusual_bytes
from pytest_oci.fixtures.registry.scenarios.media_types import empty_config, unknown_types
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import clause, expect, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.observer import Observe

pytestmark = pytest.mark.distribution

BY_REFERENCE = pytest.mark.parametrize("reference", ["tag", "digest"])
NOT_PARSED, CONFIG = (
    "image-manifest.config.unknown-type-not-parsed-registry",
    "image-manifest.config.unknown-type-no-store-error",
)


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param("artifact", marks=clause("image-manifest.artifact-type.unknown-no-store-error")),
        pytest.param("config", marks=clause(CONFIG)),
        pytest.param("unparsable", marks=clause(NOT_PARSED)),
        pytest.param("layer", marks=clause("image-manifest.layers.unknown-type-no-store-error")),
    ],
)
def test_unknown_type_is_stored(observe: Observe, unknown: str) -> None:
    """A manifest is accepted, and there, whatever the type is of what it says it is or holds."""
    seen = observe(unknown_types())[unknown]
    put, got = seen["put"], seen["got"]
    if outside(put):
        not_testable(f"{outside(put)}: {put.answer}", *exchange_lines(put))
    if not put.ok:
        raise Violation(f"a manifest to be stored, its {unknown} unknown", put.answer, exchange_lines(put))
    if not got.ok:
        raise Violation("the manifest that was accepted", got.answer, exchange_lines(put, got))


@clause("considerations.store.registry-no-digest-change")
@BY_REFERENCE
@pytest.mark.parametrize("kind", ["image", "index"])
def test_stored_manifest_keeps_its_digest(observe: Observe, kind: str, reference: str) -> None:
    """Unusual JSON, with members that nobody knows, comes back in the same bytes."""
    seen = observe(unusual_bytes())[kind]
    if not seen["put"].ok:
        not_applicable(f"the registry does not take such JSON: {seen['put'].answer}")
    got = seen["got"][reference]
    require(got, MANIFEST_200, MANIFEST_CONTENT)
    expect(got.body.sha256, "digest of the manifest", exchange_lines(seen["put"], got)).equals(seen["digest"])


@clause("descriptor.data.registry-does-not-populate")
@BY_REFERENCE
def test_data_is_not_added(observe: Observe, reference: str) -> None:
    """The configuration is empty, two bytes, and its descriptor comes back without data."""
    got = observe(empty_config())["got"][reference]
    require(got, MANIFEST_200, MANIFEST_CONTENT)
    evidence = exchange_lines(got)
    try:
        document = got.body.json()
        descriptors = [document["config"], *document["layers"]]
        added = [descriptor for descriptor in descriptors if "data" in descriptor]
    except (ValueError, KeyError, TypeError):
        not_testable(f"depends-on: {MANIFEST_CONTENT}", *evidence)
    expect(added, "descriptors with data", evidence).equals([])
