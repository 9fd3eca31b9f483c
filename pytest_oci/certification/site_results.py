"""results.yaml: what the programme's site reads (`config`, `apis`, `data`, in its five words), and ours beside it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.yaml_file import write_yaml
from pytest_oci.report.terminal import section_of
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_oci.certification.ledgers import Joined
    from pytest_oci.certification.product import Product

WORDS = ("Pass", "Skip", "Disabled", "FAIL", "Error")
"""The only words that the site's generator takes."""
REGISTRY_APIS: Mapping[str, tuple[str, ...]] = {
    "Ping": ("dist.api.base.*",),
    "Blob get": ("dist.blob.get.*",),
    "Blob get range": ("dist.blob.get.range*",),
    "Blob head": ("dist.blob.head.*", "dist.head.*"),
    "Blob push": ("dist.upload.location.*", "dist.upload.put.*"),
    "Blob post only": ("dist.upload.single-post.*",),
    "Blob post put": ("dist.upload.post.*", "dist.upload.put.*"),
    "Blob chunked": ("dist.upload.patch.*", "dist.upload.chunked.*", "dist.upload.status.*"),
    "Blob mount": ("dist.mount.*",),
    "Blob delete": ("dist.delete.blob.*",),
    "Manifest put by digest": ("dist.manifest.put.*",),
    "Manifest put by tag": ("dist.manifest.put.*",),
    "Manifest put with subject": ("dist.manifest.put.*subject*",),
    "Manifest get by digest": ("dist.manifest.get.*",),
    "Manifest get by tag": ("dist.manifest.get.*",),
    "Manifest head by digest": ("dist.manifest.head.*", "dist.head.*"),
    "Manifest head by tag": ("dist.manifest.head.*", "dist.head.*"),
    "Manifest delete": ("dist.delete.manifest.*",),
    "Tag delete": ("dist.delete.tag.*",),
    "Tag listing": ("dist.tags.list.*",),
    "Referrers": ("dist.referrers.*",),
}
"""The site's rows for registries, with the clauses that each rests on."""
REGISTRY_DATA: Mapping[str, tuple[str, ...]] = {
    "Blobs sha256": ("dist.blob.get.*", "dist.blob.head.*"),
    "Image": ("dist.manifest.get.*", "dist.manifest.head.*"),
    "Index": ("dist.manifest.get.*", "dist.manifest.put.*"),
    "Artifact": ("dist.manifest.put.*",),
    "Missing Subject": ("dist.manifest.put.subject-may-be-missing",),
}
"""What is pushed and pulled: the tests of these clauses do it with images, indexes and artifacts."""


def results_yaml(joined: Joined, product: Product) -> str:
    """The whole file, the same for the same ledgers."""
    statuses = {clause.id: joined.statuses[clause.id] for clause in joined.clauses if clause.id in joined.statuses}
    return write_yaml(
        {
            "config": _config(joined),
            "apis": _apis(joined, statuses),
            "data": _rows(REGISTRY_DATA, statuses) if joined.spec == "distribution" else {},
            "specification": f"{joined.spec}-spec {joined.version}",
            "suite": {str(name): str(value) for name, value in joined.header["suite"].items()},
            **({"demonstration": product.watermark} if product.watermark else {}),
            "verdict": joined.verdict.word,
            "reasons": list(joined.verdict.reasons),
            "ledgers": [ledger.sha256 for ledger in joined.ledgers],
            "clauses": {clause: str(status) for clause, status in statuses.items()},
        }
    )


def _config(joined: Joined) -> dict[str, Any]:
    """What was judged with which options; credentials are in the environment and stand in no ledger."""
    products = [
        {name: _plain(value) for name, value in target.items() if value not in ("", [], False)}
        for target in joined.header["targets"]
    ]
    workflows = {"workflows": joined.workflows} if joined.workflows else {}
    return {"products": products, "claimed": dict(joined.header["claimed"]), **workflows}


def _plain(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _apis(joined: Joined, statuses: Mapping[str, Status]) -> dict[str, str]:
    """The site's rows, and a row for each section with absolute clauses that are in none of them.

    So nothing that failed is without a row.
    """
    site = REGISTRY_APIS if joined.spec == "distribution" else {}
    patterns = {one for row in site.values() for one in row}
    sections: dict[str, list[Status]] = {}
    for clause in joined.clauses:
        if clause.absolute and clause.id in statuses and not _in(clause.id, patterns):
            sections.setdefault(" ".join(section_of(clause).split()), []).append(statuses[clause.id])
    return {**_rows(site, statuses), **{section: word(found) for section, found in sections.items()}}


def _rows(rows: Mapping[str, tuple[str, ...]], statuses: Mapping[str, Status]) -> dict[str, str]:
    found = {}
    for row, patterns in rows.items():
        shown = [status for name, status in statuses.items() if _in(name, patterns)]
        if shown:
            found[row] = word(shown)
    return found


def _in(clause: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(clause, one) for one in patterns)


def word(statuses: Iterable[Status]) -> str:
    """The site's word for several clauses: nothing that is open or broken is ever a `Pass`."""
    found = set(statuses)
    for status, said in (
        (Status.ERROR, "Error"),
        (Status.FAIL, "FAIL"),
        (Status.DEVIATION, "FAIL"),
        (Status.NOT_TESTABLE, "Skip"),
    ):
        if status in found:
            return said
    return "Pass" if found & {Status.PASS, Status.ADVICE} else "Disabled"
