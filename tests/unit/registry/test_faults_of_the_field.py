"""Faults that upstream's suite was seen to let through, and the mutants that the suite catches them by."""

from __future__ import annotations

import pytest
from pytest_oci.fixtures.mutants.registries import MUTANTS

FAULTS = {
    "the base of the API answers 404": ("base-404", "dist.api.base.answers-200"),
    "error bodies of the wrong shape": ("errors-one-text", "dist.errors.json-format"),
    "error bodies without their object": ("errors-bare-array", "dist.errors.json-format"),
    "codes that nobody has registered": ("errors-own-code", "dist.errors.code-listed"),
    "codes with other characters": ("errors-camel-case", "dist.errors.code-characters"),
    "PATCH without Range": ("chunk-without-range", "dist.upload.patch.range"),
    "PATCH with a wrong Range": ("chunk-range-past-the-end", "dist.upload.patch.range"),
    "the status of an upload without Location": ("upload-status-without-location", "dist.upload.status.location"),
    "tags that are not sorted": ("tags-unsorted", "dist.tags.list.order"),
    "tags with a wrong name": ("tags-wrong-name", "dist.tags.list.body"),
    "n ignored": ("tags-n-ignored", "dist.tags.list.n-results"),
    "referrers that are none": ("referrers-never-pushed", "dist.referrers.list.only-matching"),
    "referrers of other subjects": ("referrers-of-any-subject", "dist.referrers.list.only-matching"),
    "stale referrers": ("referrers-stale", "dist.referrers.list.only-matching"),
    "referrers of what is no digest, empty": ("referrers-invalid-empty", "dist.referrers.list.invalid-400"),
    "referrers of what is no digest, 404": ("referrers-invalid-404", "dist.referrers.list.invalid-400"),
    "referrers with a digest that is none": ("referrers-invalid-digest", "dist.referrers.list.body-is-index"),
    "a blob of another digest stored after its 400": ("blob-stored-after-refusal", "dist.blob.get.expected-content"),
    "deletion of a tag answered 404": ("delete-tag-done-404", "dist.delete.tag.status-202"),
    "deletion of a manifest answered 404": ("delete-manifest-done-404", "dist.delete.manifest.status-202"),
    "deletion of a blob answered 404": ("delete-blob-done-404", "dist.delete.blob.status-202"),
    "disabled deletion answered 404": ("delete-manifest-disabled-404", "dist.delete.manifest.disabled-400-405"),
    "blobs that leak between repositories": ("blob-get-leaks", "dist.blob.get.unknown-404"),
    "manifests that leak between repositories": ("manifest-get-leaks", "dist.manifest.get.unknown-404"),
    "a tag that is not moved": ("manifest-of-first-push", "dist.manifest.get.expected-content"),
    "Warning with another code": ("warning-199", "dist.warnings.code-and-agent"),
    "Warning with an agent": ("warning-agent", "dist.warnings.code-and-agent"),
    "Warning with a date": ("warning-date", "dist.warnings.no-date"),
    "Warning without end": ("warning-long", "dist.warnings.max-4096-bytes"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_field_breaks_one_clause(fault: str) -> None:
    """That each is caught, and no other clause breaks, is shown by the proofs."""
    mutant, clause = FAULTS[fault]
    assert {found.id: found.clauses for found in MUTANTS}[mutant] == (clause,)
