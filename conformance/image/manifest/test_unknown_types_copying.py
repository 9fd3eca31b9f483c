"""Media types that a copier does not know (manifest.md, Image Manifest Property Descriptions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.copying import originals

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.copying.copy import Copy

pytestmark = pytest.mark.copier


@clause("image-manifest.artifact-type.unknown-no-copy-error")
def test_unknown_artifact_types_are_no_error(copy: Copy) -> None:
    """Of a manifest that is a plain image otherwise."""
    copy(originals.OF_UNKNOWN_TYPE)


@clause("image-manifest.config.unknown-type-no-copy-error")
def test_unknown_types_of_configurations_are_no_error(copy: Copy) -> None:
    """Of a configuration that is JSON."""
    copy(originals.WITH_UNKNOWN_CONFIG)


@clause("image-manifest.layers.unknown-type-no-copy-error")
def test_unknown_types_of_layers_are_no_error(copy: Copy) -> None:
    """Above a layer that is known."""
    copy(originals.WITH_UNKNOWN_LAYER)


@clause("image-manifest.config.unknown-type-not-parsed")
@pytest.mark.parametrize("name", originals.OPAQUE_CONFIGS)
def test_unknown_configurations_are_not_parsed(copy: Copy, name: str) -> None:
    """What is no JSON is copied like what is; and nobody believes what looks like an image's configuration."""
    copy(originals.WITH_UNKNOWN_CONFIG)
    copied = copy(originals.OPAQUE_CONFIGS[name])
    believed = [each.value for each in copied.entries if each.member("platform") == originals.PLATFORM_OF_NOBODY]
    expect(believed, "descriptors with the platform of that configuration").is_empty()
