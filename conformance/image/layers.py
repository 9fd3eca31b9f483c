"""Layers: their media types, and what the blob of one is (image-spec layer.md, media-types.md).

A layer that is not in the layout, which is allowed, is passed over here. One whose content is not what its name says is
unseen: what it should hold is not known, and that it is another is found by a clause of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import ALTERED, Unseen, where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.targets.layout.facts import Blob, Tar, Unpacked
    from pytest_oci.targets.layout.tree import Described

_OCI = "application/vnd.oci.image.layer."
_DOCKER = "application/vnd.docker.image.rootfs."
_COMPRESSIONS = {"": "", "+gzip": "gzip", "+zstd": "zstd"}

DISTRIBUTABLE: Mapping[str, str] = {f"{_OCI}v1.tar{suffix}": shown for suffix, shown in _COMPRESSIONS.items()}
NONDISTRIBUTABLE: Mapping[str, str] = {
    f"{_OCI}nondistributable.v1.tar{suffix}": shown for suffix, shown in _COMPRESSIONS.items()
}
OCI_LAYERS: Mapping[str, str] = {**DISTRIBUTABLE, **NONDISTRIBUTABLE}
"""The media types of layer.md, with the compression that the bytes of such a layer show."""
OCI_LAYERS_OF_1_0 = {name: shown for name, shown in OCI_LAYERS.items() if shown != "zstd"}
"""Those that image-spec 1.0 knows."""
DOCKER_LAYERS: Mapping[str, str] = {
    f"{_DOCKER}{kind}.tar{suffix}": shown
    for kind in ("diff", "foreign.diff")
    for suffix, shown in {"": "", ".gzip": "gzip", ".zstd": "zstd"}.items()
}
"""Those of Docker for the same archives."""
TAR_LAYERS: Mapping[str, str] = {**OCI_LAYERS, **DOCKER_LAYERS}
PORTABLE = tuple(OCI_LAYERS_OF_1_0)
"""Those that every implementation has to support."""

SHOWN_BYTES = 16


def is_filesystem(media_type: str) -> bool:
    """Whether a media type is that of a layer of a root filesystem, be it one that is not known here (encrypted...)."""
    return media_type.startswith((_OCI, _DOCKER))


@dataclass(frozen=True, slots=True)
class Opened:
    """The blob of a layer as its media type has it; `fault` says what it is instead.

    What `unpacked` holds may be unknown in part: see `archive_unseen`.
    """

    blob: Blob
    fault: str = ""
    unpacked: Unpacked | None = None
    unseen: str = ""

    @property
    def tar(self) -> Tar | None:
        """What was found in the archive; None where there is none."""
        return self.unpacked.tar if self.unpacked is not None and not self.fault else None

    @property
    def archive_unseen(self) -> str:
        """Why not all of the archive is known."""
        if self.unseen or self.unpacked is None:
            return self.unseen
        return self.unpacked.unseen or self.unpacked.tar.unseen


def opened(layer: Described) -> Opened | None:
    """The blob of a layer; None for what is no layer of a known type, or not in the layout."""
    blob = layer.blob
    wanted = TAR_LAYERS.get(layer.media_type)
    if blob is None or wanted is None:
        return None
    if blob.digest and blob.digest != blob.named and not blob.unseen:
        return Opened(blob, unseen=f"depends-on: {ALTERED}")
    unpacked = blob.unpacked
    if unpacked is None:
        return Opened(blob, unseen=blob.unseen or "host: the layer was not unpacked")
    if layer.media_type in DOCKER_LAYERS:
        wanted = unpacked.compression  # no clause holds their bytes to it
    return Opened(blob, _fault(blob, unpacked, wanted), unpacked, blob.unseen)


def not_looked_at(layer: Described, cause: str) -> Unseen:
    """What a rule yields for a layer of which something is not known."""
    return Unseen(cause, f"{where(layer)}: {layer.blob.path}" if layer.blob is not None else where(layer))


def _fault(blob: Blob, unpacked: Unpacked, wanted: str) -> str:
    """What a blob is instead of a tar archive in the wanted compression; empty if nothing shows that it is not."""
    if unpacked.compression != wanted:
        if unpacked.compression:
            return f"{unpacked.compression} data"
        return f"not compressed, beginning with {blob.head[:SHOWN_BYTES]!r}" if blob.head else "without any bytes"
    if unpacked.problem:
        return f"{wanted} data with a fault: {unpacked.problem}"
    if unpacked.tar.problem:
        inside = f"{wanted} data of " if wanted else ""
        return f"{inside}no tar archive: {unpacked.tar.problem}"
    return ""
