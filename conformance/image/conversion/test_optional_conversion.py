"""Fields that converters need not convert (conversion.md, Optional Fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.conversion import configs
from pytest_oci.fixtures.conversion.convert import annotations_of

from pytest_oci import clause, expect, not_applicable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert, Object

    from pytest_oci.documents.exact import JsonValue

pytestmark = pytest.mark.conversion


def destinations(config: Object) -> list[JsonValue]:
    """Where the configuration mounts something."""
    mounts = config.get("mounts")
    return [mount.get("destination") for mount in mounts if isinstance(mount, dict)] if isinstance(mounts, list) else []


@clause("conversion.optional.extraction-available")
def test_optional_fields_are_converted(convert: Convert) -> None:
    """Ports as an annotation, volumes as mounts, without further words on the command line."""
    ports = configs.PORTS_KEY in annotations_of(convert.config(configs.WITH_PORTS))
    volumes = set(configs.VOLUMES) <= set(map(str, destinations(convert.config(configs.WITH_VOLUMES))))
    expect({"exposed ports": ports, "volumes": volumes}, "converted").equals({"exposed ports": True, "volumes": True})


@clause("conversion.volumes.mounts")
@pytest.mark.parametrize("volume", configs.VOLUMES)
def test_volumes_are_mounts(convert: Convert, volume: str) -> None:
    """What is written there does not go to the root file system."""
    found = destinations(convert.config(configs.WITH_VOLUMES))
    below = [each for each in found if isinstance(each, str) and (volume == each or volume.startswith(f"{each}/"))]
    expect([each for each in below if each != "/"], f"mounts at {volume}", [f"mounts are at {found!r}"]).is_not_empty()


@clause("conversion.volumes.destination")
def test_volumes_are_mounted_where_they_are(convert: Convert) -> None:
    """A volume that is a mount is mounted at that very path."""
    usual, found = (destinations(convert.config(each)) for each in (configs.CMD_ALONE["absent"], configs.WITH_VOLUMES))
    own = sorted(str(each) for each in found if each not in usual)
    if not own:
        not_applicable("volumes become no mounts")
    expect(own, "mounts that only an image with volumes gets").equals(sorted(configs.VOLUMES))
