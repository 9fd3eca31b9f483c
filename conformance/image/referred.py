"""What stands behind the entries of an index, for rules that ask what kind of content it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.members import is_there, member

from pytest_oci.documents.exact import DocumentError, read_json
from pytest_oci.targets.layout.tree import CONFIG, MANIFEST

if TYPE_CHECKING:
    from pytest_oci.targets.layout.facts import Blob, Layout
    from pytest_oci.targets.layout.tree import Described, Object


def manifest_of(described: Described) -> Object | None:
    """The image manifest that a descriptor refers to; None if it refers to something else, or nothing that is here."""
    return _object(described.blob) if described.media_type == MANIFEST else None


def is_artifact(described: Described) -> bool:
    """Whether a descriptor plainly refers to an artifact: it says so, or its manifest has another configuration."""
    if is_there(member(described.value, "artifactType")):
        return True
    config = member(manifest_of(described), "config")
    media_type = member(config, "mediaType")
    return isinstance(media_type, str) and media_type != CONFIG


def config_of(described: Described, layout: Layout) -> Object | None:
    """The image configuration of the manifest that a descriptor refers to; None if there is none to be seen."""
    config = member(manifest_of(described), "config")
    digest = member(config, "digest")
    if member(config, "mediaType") != CONFIG or not isinstance(digest, str):
        return None
    return _object(layout.blobs.get(digest))


def _object(blob: Blob | None) -> Object | None:
    if blob is None or blob.data is None or (blob.digest and blob.digest != blob.named):
        return None
    try:
        root = read_json(blob.data).root
    except DocumentError:
        return None
    return root if isinstance(root, dict) else None
