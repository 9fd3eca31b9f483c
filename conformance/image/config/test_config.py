"""Image configurations (config.md, Properties)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image import stack
from pytest_oci.conformance.image.config import rules_config as rules
from pytest_oci.conformance.image.config import rules_diff_ids, rules_types
from pytest_oci.conformance.image.config.configs import judge_configs, judge_texts
from pytest_oci.conformance.image.judged import judge

from pytest_oci import clause, not_applicable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.targets.layout.tree import Manifest, Tree

pytestmark = pytest.mark.image


@clause("image-config.document.json-object")
def test_configurations_are_json_objects(manifests: Sequence[Manifest], unseen: str) -> None:
    """One JSON object each, and nothing else."""
    judge_texts(rules.json_object, manifests, unseen)


@clause("image-config.created.rfc3339")
def test_times_are_date_times(manifests: Sequence[Manifest], unseen: str) -> None:
    """Times of the image and of its history follow RFC 3339."""
    judge_configs(rules.date_times, manifests, unseen)


@clause("image-config.optional.types")
def test_optional_members_have_their_types(manifests: Sequence[Manifest], unseen: str) -> None:
    """What is there and not null has the type that the text gives."""
    judge_configs(rules_types.optional_types, manifests, unseen)


@clause("image-config.optional.types")
def test_optional_members_of_1_1_have_their_types(manifests: Sequence[Manifest], tree: Tree, unseen: str) -> None:
    """So have the members that the text of 1.0 does not know."""
    if not tree.subjects:
        not_applicable("image-spec 1.0 knows no such members")
    judge_configs(rules_types.optional_types_of_1_1, manifests, unseen)


@clause("image-config.architecture.required")
def test_architecture_is_a_string(manifests: Sequence[Manifest], unseen: str) -> None:
    """Every configuration says for which architecture it is."""
    judge_configs(rules.architecture_required, manifests, unseen)


@clause("image-config.architecture.goarch-value")
def test_architecture_is_one_of_go(manifests: Sequence[Manifest], unseen: str) -> None:
    """Architectures had better be called what Go calls them."""
    judge_configs(rules.architecture_of_go, manifests, unseen)


@clause("image-config.os.required")
def test_os_is_a_string(manifests: Sequence[Manifest], unseen: str) -> None:
    """Every configuration says for which operating system it is."""
    judge_configs(rules.os_required, manifests, unseen)


@clause("image-config.os.goos-value")
def test_os_is_one_of_go(manifests: Sequence[Manifest], unseen: str) -> None:
    """Operating systems had better be called what Go calls them."""
    judge_configs(rules.os_of_go, manifests, unseen)


@clause("image-config.os-features.windows-values")
def test_features_of_windows_are_listed(manifests: Sequence[Manifest], unseen: str) -> None:
    """Features of Windows had better be those that are listed."""
    judge_configs(rules.windows_features, manifests, unseen)


@clause("image-config.variant.listed-value")
def test_variant_is_listed(manifests: Sequence[Manifest], unseen: str) -> None:
    """Variants had better be those of the table."""
    judge_configs(rules.listed_variant, manifests, unseen)


@clause("image-config.struct-maps.empty-objects")
def test_ports_and_volumes_are_empty_objects(manifests: Sequence[Manifest], unseen: str) -> None:
    """Ports and volumes are keys of empty objects."""
    judge_configs(rules.struct_maps, manifests, unseen)


@clause("image-config.env.format")
def test_environment_has_names_and_values(manifests: Sequence[Manifest], unseen: str) -> None:
    """Entries of the environment are a name, an equals sign and a value."""
    judge_configs(rules.environment, manifests, unseen)


@clause("image-config.labels.annotation-rules")
def test_labels_follow_the_rules_for_annotations(manifests: Sequence[Manifest], unseen: str) -> None:
    """Labels are strings by unique keys."""
    judge_texts(rules.labels, manifests, unseen)


@clause("image-config.rootfs.required")
def test_rootfs_is_an_object(manifests: Sequence[Manifest], unseen: str) -> None:
    """Every configuration has a rootfs."""
    judge_configs(rules.rootfs_required, manifests, unseen)


@clause("image-config.rootfs.type.required")
def test_type_of_rootfs_is_a_string(manifests: Sequence[Manifest], unseen: str) -> None:
    """It has a type."""
    judge_configs(rules.rootfs_type_required, manifests, unseen)


@clause("image-config.rootfs.type.is-layers")
def test_type_of_rootfs_is_layers(manifests: Sequence[Manifest], unseen: str) -> None:
    """There is but one type."""
    judge_configs(rules.rootfs_type_is_layers, manifests, unseen)


@clause("image-config.rootfs.diff-ids.required")
def test_diff_ids_are_strings(manifests: Sequence[Manifest], unseen: str) -> None:
    """It has an array of DiffIDs."""
    judge_configs(rules.diff_ids_required, manifests, unseen)


@clause("image-config.rootfs.diff-ids.match-layers")
def test_diff_ids_are_those_of_the_layers(manifests: Sequence[Manifest], unseen: str) -> None:
    """They are the digests of the layers, uncompressed; their order is a matter of the manifest."""
    judge(rules_diff_ids.match_layers, stack.bound(manifests), unseen)
