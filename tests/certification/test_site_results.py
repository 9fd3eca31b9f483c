"""results.yaml as the programme's site reads it: with a YAML library of its own, two maps of names to five words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from submitted import PRODUCT, made

from pytest_oci import catalogue
from pytest_oci.certification.ledgers import join
from pytest_oci.certification.product import check_product
from pytest_oci.certification.site_results import WORDS, results_yaml, word
from pytest_oci.kinds import KINDS
from pytest_oci.status import Status

if TYPE_CHECKING:
    from pathlib import Path

yaml = pytest.importorskip("yaml")

REQUIRED = {
    "apis": {
        "Blob get",
        "Blob head",
        "Manifest get by digest",
        "Manifest get by tag",
        "Manifest head by digest",
        "Manifest head by tag",
    },
    "data": {"Blobs sha256", "Image", "Index"},
}
"""Rows that the site shows of every registry, and marks as required."""


def read(tmp_path: Path, kind: str, status: str, but: dict[str, str] | None = None) -> dict[str, Any]:
    """The file of a product of this kind that has this status in every absolute clause but these."""
    target = {"kind": kind, "path": "/x: y # z", "sha256": "1" * 64, "version": "é\x1b\n- a: &b *c"}
    target |= {"document": "config"} if kind == "document" else {}
    header: dict[str, Any] = {
        "suite": {"name": "pytest-oci", "version": "1.10", "sha256": "0" * 64},
        "claimed": {spec: catalogue.newest(spec) for spec in catalogue.SPECS},
        "targets": [target],
        "host": {"system": "Linux"},
        "deviations": {},
        "command_line": [],
    }
    applicable = made(tmp_path / "none", header, []).applicable()
    results = [
        {"type": "result", "clause": clause.id, "test": "t", "status": (but or {}).get(clause.id, status)}
        for clause in applicable
        if clause.absolute
    ]
    joined = join([made(tmp_path / "ledger", header, results)])
    found = yaml.safe_load(results_yaml(joined, check_product(PRODUCT, "", applied=True)))
    assert isinstance(found, dict)
    assert found["config"]["products"][0]["version"] == target["version"]
    assert found["suite"]["version"] == "1.10"
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_product_of_each_kind_is_read(tmp_path: Path, kind: str) -> None:
    """Whatever the status; where all fails no row is anything but red."""
    for status, words in (("pass", {"Pass"}), ("fail", {"FAIL"}), ("unsupported", {"Disabled"})):
        found = read(tmp_path, kind, status)

        assert found["apis"]
        assert all(isinstance(name, str) for part in ("apis", "data") for name in found[part])
        assert {*found["apis"].values(), *found["data"].values()} == words


def test_every_status_has_one_of_the_five_words() -> None:
    assert {word([status]) for status in Status} == set(WORDS)


def test_a_registry_has_the_rows_that_are_required(tmp_path: Path) -> None:
    found = read(tmp_path, "registry", "pass")

    assert {part: REQUIRED[part] - found[part].keys() for part in REQUIRED} == {"apis": set(), "data": set()}


@pytest.mark.parametrize("kind", ["registry", "client", "layout"])
def test_nothing_that_failed_is_without_a_row(tmp_path: Path, kind: str) -> None:
    """Whichever clause it is."""
    clauses = [clause for clause, status in read(tmp_path, kind, "pass")["clauses"].items() if status == "pass"]
    for clause in clauses[:: max(1, len(clauses) // 12)]:
        found = read(tmp_path, kind, "pass", {clause: "fail"})
        assert "FAIL" in {**found["apis"], **found["data"]}.values(), clause
