"""What registries may do otherwise, or leave out, fails no absolute clause; upstream's suite fails the first seven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.memory import MemoryRegistry
from pytest_oci.fixtures.registry.messages import Response
from pytest_oci.fixtures.registry.options import Options
from pytest_oci.fixtures.registry.server import Server

if TYPE_CHECKING:
    from plugin_runs import Plugin
    from pytest_oci.fixtures.registry.messages import Request

pytest.importorskip("httpx")

KEPT = {"pass", "not-applicable", "unsupported"}
NO_DELETION: dict[str, Any] = {"delete_tags": False, "delete_manifests": False, "delete_blobs": False}


@dataclass(frozen=True)
class Variant:
    """Options of a registry that keeps every absolute clause, the clauses that these are about, and what is advised."""

    clauses: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    advised: frozenset[str] = frozenset()


VARIANTS = {
    "get-without-content-length": Variant(
        ("dist.blob.get.*", "dist.manifest.get.*", "dist.head.*"),
        {"lengths": False},
        frozenset({"dist.head.content-length"}),
    ),
    "charset-of-manifests": Variant(
        ("dist.manifest.*",), {"charset": True}, frozenset({"dist.manifest.get.content-type-no-parameters"})
    ),
    "sha512-refused": Variant(("dist.manifest.put.*", "dist.upload.put.*"), {"sha512": False}),
    "deletion-disabled-400": Variant(("dist.delete.*", "dist.categories.*"), {**NO_DELETION, "deletion_disabled": 400}),
    "tags-in-pages": Variant(("dist.tags.*",), {"tags_page": 1}),
    "referrers-in-pages": Variant(("dist.referrers.*",), {"referrers_page": 1}),
    "no-referrers": Variant(("dist.referrers.*", "dist.manifest.put.oci-subject"), {"referrers": False}),
    "deletion-disabled-405": Variant(("dist.delete.*", "dist.categories.*"), NO_DELETION),
    "unfiltered-referrers": Variant(
        ("dist.referrers.*",), {"filters": False}, frozenset({"dist.referrers.filter.supported"})
    ),
    "sha256-locations": Variant(("dist.upload.*",), {"sha256_locations": True}),
    "absolute-locations": Variant(("dist.upload.*", "dist.mount.*"), {"absolute_locations": True}),
    "changing-locations": Variant(("dist.upload.*",), {"changing_locations": True}),
    "locations-elsewhere": Variant(("dist.upload.*",), {"locations_elsewhere": True}),
    "least-chunk": Variant(("dist.upload.*",), {"chunk_min_length": 1000}),
    "no-mounts": Variant(("dist.mount.*",), {"mounts": False}),
    "mounts-of-named-sources": Variant(("dist.mount.*",), {"mounts_from_anywhere": False}),
    "no-single-post": Variant(("dist.upload.single*",), {"single_post": False}),
    "dangling-references": Variant(("dist.manifest.put.*",), {"check_references": False}),
    "no-ranges": Variant(("dist.blob.get.*",), {"ranges": False}, frozenset({"dist.blob.get.range"})),
    "warnings": Variant(("dist.warnings.*",), {"warning": "this registry is for tests"}),
}


def judged(plugin: Plugin, url: str, *clauses: str) -> dict[str, str]:
    """The status of each test, run in this process."""
    ledger = plugin.path / "ledger.jsonl"
    words = [f"--oci-clause={clause}" for clause in clauses]
    result = plugin.run(f"--oci-registry={url}", f"--oci-ledger={ledger}", *words)
    assert result.ret == 0, result.stdout.str()
    return plugin.statuses(ledger)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_the_text_allows_is_no_failure(plugin: Plugin, name: str) -> None:
    """Nor error, nor out of reach."""
    variant = VARIANTS[name]
    with Server(MemoryRegistry(Options(**variant.options))) as server:
        statuses = judged(plugin, server.url, *variant.clauses)
    others = {test: status for test, status in statuses.items() if status not in KEPT}
    assert set(others.values()) <= {"advice"}, others
    assert {test.split()[0] for test in others} == variant.advised


def test_a_busy_registry_is_given_its_time(plugin: Plugin) -> None:
    """Every fifth request is answered with 429 and Retry-After."""
    registry, asked = MemoryRegistry(), [0]

    def limiting(request: Request) -> Response:
        asked[0] += 1
        if asked[0] % 5 == 0:
            return Response(429, (("Retry-After", "0"),))
        return registry(request)

    with Server(limiting) as server:
        statuses = judged(plugin, server.url, "dist.upload.put.*", "dist.manifest.put.*")
    assert set(statuses.values()) <= KEPT
