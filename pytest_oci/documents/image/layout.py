"""The file `oci-layout` (image-spec image-layout.md)."""

from pytest_oci.documents.base import WireModel


class LayoutHeader(WireModel):
    """What marks the root of a layout (image-layout.md, oci-layout file)."""

    image_layout_version: str
