"""What stands behind the entries of an index, for rules that ask what kind of content it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pytest_oci.conformance.image.members import is_there, member

from pytest_oci.documents.exact import DocumentError, read_json
from pytest_oci.targets.layout.tree import CONFIG, MANIFEST

if TYPE_CHECKING:
    from pytest_oci.targets.layout.facts import Blob, Layout
    from pytest_oci.targets.layout.tree import Described

MOST_KEPT = 20_000


class _Said(NamedTuple):
    """What is asked of a document, be it a manifest or a configuration: the values that are strings."""

    config_type: str | None = None
    config_digest: str | None = None
    os: str = ""
    architecture: str = ""


def is_artifact(described: Described) -> bool:
    """Whether a descriptor plainly refers to an artifact: it says so, or its manifest has another configuration."""
    if is_there(member(described.value, "artifactType")):
        return True
    return _manifest_of(described).config_type not in (None, CONFIG)


def says_what_it_is(described: Described) -> bool:
    """Whether the manifest that a descriptor refers to is here and names the type of its configuration."""
    return _manifest_of(described).config_type is not None


def platform_of(described: Described, layout: Layout) -> tuple[str, str]:
    """Operating system and architecture of the image that a descriptor refers to, each empty where it is not known.

    They are those of the image configuration of its manifest.
    """
    manifest = _manifest_of(described)
    if manifest.config_type != CONFIG or manifest.config_digest is None:
        return "", ""
    config = _said_in(layout.blobs.get(manifest.config_digest))
    return config.os, config.architecture


def _manifest_of(described: Described) -> _Said:
    """What the image manifest says that a descriptor refers to, if it is here and one."""
    return _said_in(described.blob) if described.media_type == MANIFEST else _Said()


def _said_in(blob: Blob | None) -> _Said:
    if blob is None or blob.data is None or (blob.digest and blob.digest != blob.named):
        return _Said()
    return _said_by(blob.data)


@lru_cache(MOST_KEPT)
def _said_by(data: bytes) -> _Said:
    """Kept, since any number of entries may refer to one large document."""
    try:
        root = read_json(data).root
    except DocumentError:
        return _Said()
    config = member(root, "config")
    return _Said(
        _text(member(config, "mediaType")),
        _text(member(config, "digest")),
        _text(member(root, "os")) or "",
        _text(member(root, "architecture")) or "",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
