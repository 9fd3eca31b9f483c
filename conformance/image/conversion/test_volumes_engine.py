"""What becomes of volumes when an engine makes an image of a container (conversion.md, Volumes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.engine import images

from pytest_oci import clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.engine


@clause("conversion.volumes.excluded-from-new-image")
def test_volumes_are_left_out_of_new_images(convert: Convert) -> None:
    """What the program wrote beside the volume is in the new image, what it wrote there is not."""
    written = convert(images.committed())["written"]
    if not written:
        unsupported("the engine makes no images of containers")
    if written[-1]["problem"]:
        not_testable(f"product: it made no image: {written[-1]['problem']}")
    names = [f"/{name}" for layer in written for name in layer["names"]]
    if images.OUTSIDE not in names:
        not_testable(f"product: {images.OUTSIDE}, which the program wrote, is not in the new image either")
    expect([name for name in names if name == images.INSIDE], "files of the volume in the new image").is_empty()
