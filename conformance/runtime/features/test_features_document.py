"""features.md: a features document by itself. Whether its runtime keeps it is judged in test_features.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.document_form import not_an_object
from pytest_oci.conformance.runtime.features import rules_features as rules
from pytest_oci.fixtures.document_target import features_of

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.targets.document import DocumentFile

pytestmark = pytest.mark.document


@clause("features.oci-version-min.required")
def test_minimum_version_is_there(features_file: DocumentFile) -> None:
    """The document is an object with a string ociVersionMin."""
    expect(not_an_object(features_file, f"a JSON object with {rules.MIN}"), "faults").is_empty()
    expect(rules.version_required(features_of(features_file), rules.MIN), "faults").is_empty()


@clause("features.oci-version-max.required")
def test_maximum_version_is_there(features: Object) -> None:
    """There is a string ociVersionMax."""
    expect(rules.version_required(features, rules.MAX), "faults").is_empty()


@clause("features.oci-version-max.not-less")
def test_maximum_is_not_less_than_minimum(features: Object) -> None:
    """In the order of SemVer."""
    expect(rules.max_not_less_than_min(features), "faults").is_empty()


@clause("features.no-undefined-properties")
def test_properties_are_defined_ones(features: Object) -> None:
    """Every property is one of the specification's."""
    expect(rules.properties_are_defined(features), "faults").is_empty()


@clause("features.annotations.map")
def test_annotations_are_a_map_of_strings(features: Object) -> None:
    """With keys that are not empty."""
    expect(rules.annotations_are_a_map(features), "faults").is_empty()


@clause("features.mount-options.no-fs-specific")
def test_mount_options_are_no_file_systems_own(features: Object) -> None:
    """No option that goes into the data of mount(2) is listed."""
    expect(rules.no_mount_data(features), "faults").is_empty()
