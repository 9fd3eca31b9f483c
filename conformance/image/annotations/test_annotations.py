"""Annotations of indexes, manifests and descriptors (annotations.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.annotations import rules_annotations as rules
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.tree import Part, Tree

pytestmark = pytest.mark.image


@clause("annotations.map.is-object")
def test_annotations_are_objects(parts: Sequence[Part], unseen: str) -> None:
    """Annotations are an object, not an array or a scalar."""
    judge(rules.is_object, parts, unseen)


@clause("annotations.map.values-are-strings")
def test_values_are_strings(parts: Sequence[Part], unseen: str) -> None:
    """Every value is a string."""
    judge(rules.values_are_strings, parts, unseen)


@clause("annotations.value.present")
def test_values_are_present(parts: Sequence[Part], unseen: str) -> None:
    """No value is null; it may be an empty string."""
    judge(rules.values_present, parts, unseen)


@clause("annotations.keys.unique")
def test_keys_are_unique(parts: Sequence[Part], unseen: str) -> None:
    """No key stands twice in one object."""
    judge(rules.keys_unique, parts, unseen)


@clause("annotations.keys.reverse-dns")
def test_keys_are_in_reverse_domain_notation(parts: Sequence[Part], unseen: str) -> None:
    """Keys had better be named as com.example.key is."""
    judge(rules.keys_in_reverse_dns, parts, unseen)


@clause("annotations.none.absent-or-empty-map")
def test_no_annotations_are_not_null(parts: Sequence[Part], unseen: str) -> None:
    """Where there are no annotations, the member is absent or an empty object."""
    judge(rules.not_null, parts, unseen)


@clause("annotations.ref-name.charset")
def test_names_of_references(tree: Tree) -> None:
    """Names in index.json had better have the listed characters only, and follow their grammar."""
    judge(rules.ref_names, tree.indexes[:1])


@clause("annotations.base-name.reference-format")
def test_base_names_are_references(parts: Sequence[Part], unseen: str) -> None:
    """The name of a base image had better be a reference."""
    judge(rules.base_name_is_reference, parts, unseen)


@clause("annotations.base-name.fully-qualified")
def test_base_names_are_fully_qualified(parts: Sequence[Part], unseen: str) -> None:
    """The name of a base image had better begin with its registry."""
    judge(rules.base_name_is_qualified, parts, unseen)
