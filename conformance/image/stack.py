"""The layers of an image against the diff_ids of its configuration (config.md, rootfs; manifest.md, layers).

Two faults are told apart: a layer that no diff_id is of, or a number of them that is not that of the layers; and the
right diff_ids in an order that is not that of the layers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from pytest_oci.conformance.image import digests
from pytest_oci.conformance.image.judged import Unseen, at, cause_of, depends_on, where
from pytest_oci.conformance.image.layers import OCI_LAYERS, TAR_LAYERS, not_looked_at, opened
from pytest_oci.conformance.image.members import describe, member

from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.conformance.image.members import Found

    from pytest_oci.targets.layout.tree import Described, Manifest

MATCH = "image-config.rootfs.diff-ids.match-layers"
ROOTFS = "image-config.rootfs.required"
DIFF_IDS = "image-config.rootfs.diff-ids.required"
FORMAT = "layer.format.tar"
DIGESTS = "descriptor.digest.grammar"
LAYERS = "image-manifest.layers.items-are-descriptors"
POINTER = json_pointer("rootfs", "diff_ids")
NO_LAYER = "product: none of the layers is in the layout"


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer, and the diff_id that stands where its own belongs. `digests` are those of its archive, as far as known.

    `unseen` says why the two could not be compared. A layer that the layout need not hold has neither.
    """

    place: int
    layer: Described
    diff_id: str
    digests: Mapping[str, str]
    unseen: Unseen | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """What diff_ids the layer could have."""
        return tuple(self.digests.values())

    @property
    def differs(self) -> bool:
        """Whether the layer is known, and the diff_id another one's."""
        return self.unseen is None and bool(self.digests) and self.diff_id not in self.known


@dataclass(frozen=True, slots=True)
class Stack:
    """What came of the comparison: faults of either kind, and what could not be compared."""

    strangers: tuple[Finding, ...] = ()
    misplaced: tuple[tuple[int, Finding], ...] = ()
    unseen: tuple[Unseen, ...] = ()


def compare(manifest: Manifest) -> Stack:
    """Compare the layers of a manifest with the diff_ids of its configuration, if that is OCI's and in the layout."""
    path, root = manifest.text.path, manifest.text.root
    if root is None:
        return Stack(unseen=(Unseen(cause_of(manifest.text), path),))
    config = manifest.config_text
    if config is None:
        return Stack()
    if config.root is None:
        return Stack(unseen=(Unseen(cause_of(config), config.path),))
    rootfs = config.root.get("rootfs")
    diff_ids = member(rootfs, "diff_ids")
    place = at(config.path, POINTER)
    if not isinstance(rootfs, dict):
        return Stack(unseen=(depends_on(ROOTFS, config.path),))
    if not are_strings(diff_ids):
        return Stack(unseen=(depends_on(DIFF_IDS, place),))
    listed = root.get("layers")
    listed = [] if listed is None else listed
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return Stack(unseen=(depends_on(LAYERS, at(path, json_pointer("layers"))),))
    layers = _layers_for(manifest.layers, len(diff_ids))
    if layers is None:
        return _of_different_length(manifest, place, diff_ids)
    archives = [layer for layer in layers if layer.media_type in TAR_LAYERS]
    if archives and all(layer.blob is None for layer in archives):
        return Stack(unseen=(Unseen(NO_LAYER, place),))
    return _told_apart([_pair(*one) for one in zip(range(len(diff_ids)), layers, diff_ids, strict=True)], place)


def _layers_for(layers: Sequence[Described], diff_ids: int) -> Sequence[Described] | None:
    """The layers that so many diff_ids can be of: all, or those that are archives; None if neither fits."""
    archives = [layer for layer in layers if layer.media_type in TAR_LAYERS]
    return next((fitting for fitting in (layers, archives) if len(fitting) == diff_ids), None)


def _of_different_length(manifest: Manifest, place: str, diff_ids: list[str]) -> Stack:
    wanted = f"{len(manifest.layers)}, one for each layer of {manifest.text.path}"
    found = [Finding(place, f"an array of {len(diff_ids)}", wanted)]
    listed = set(diff_ids)
    for number, layer in enumerate(manifest.layers):
        pair = _pair(number, layer, "")
        if pair.digests and listed.isdisjoint(pair.known):
            found.append(Finding(where(layer), f"a layer whose DiffID is {pair.known[0]}", f"one of {place}"))
    return Stack(strangers=tuple(found), unseen=(depends_on(MATCH, place),))


def _told_apart(pairs: list[Pair], place: str) -> Stack:
    """Which layers' own diff_ids stand at another layer's place, and which stand nowhere."""
    left = Counter(pair.diff_id for pair in pairs if pair.differs or not pair.digests or pair.unseen is not None)
    strangers: list[Finding] = []
    misplaced: list[tuple[int, Finding]] = []
    for pair in pairs:
        if not pair.differs:
            continue
        own = next((digest for digest in pair.known if left[digest] > 0), None)
        if own is None:
            strangers.append(
                Finding(
                    f"{place}/{pair.place}",
                    describe(pair.diff_id),
                    f"{_expected(pair)}, the DiffID of {where(pair.layer)}",
                )
            )
        else:
            left[own] -= 1
            misplaced.append((pair.place, _misplaced(pair, own, place)))
    unseen = [pair.unseen for pair in pairs if pair.unseen is not None]
    if strangers:  # what is left is no other order of the same
        return Stack(tuple(strangers), (), (*unseen, depends_on(MATCH, place)))
    return Stack((), tuple(misplaced), tuple(unseen))


def _misplaced(pair: Pair, own: str, place: str) -> Finding:
    return Finding(where(pair.layer), f"the layer of {own}", f"that of {place}/{pair.place}, {describe(pair.diff_id)}")


def _expected(pair: Pair) -> str:
    algorithm = pair.diff_id.partition(":")[0]
    return next((digest for digest in pair.known if digest.startswith(f"{algorithm}:")), pair.known[0])


def _pair(number: int, layer: Described, diff_id: str) -> Pair:
    blob = opened(layer)
    if blob is None:
        return Pair(number, layer, diff_id, {})
    if blob.fault:
        judged = layer.media_type in OCI_LAYERS
        return Pair(number, layer, diff_id, {}, depends_on(FORMAT, where(layer)) if judged else None)
    known = blob.unpacked.digests if blob.unpacked is not None else {}
    if not known:
        cause = blob.archive_unseen or "host: the layer was not read to its end"
        return Pair(number, layer, diff_id, {}, not_looked_at(layer, cause))
    pair = Pair(number, layer, diff_id, known)
    if diff_id in pair.known:
        return pair
    digest = digests.parse(diff_id)
    if digest is None or not digest.well_formed:
        return Pair(number, layer, diff_id, known, depends_on(DIGESTS, where(layer)))
    if digest.algorithm not in known:
        return Pair(
            number, layer, diff_id, known, not_looked_at(layer, f"host: no digest {digest.algorithm} is computed")
        )
    return pair


def are_strings(value: Found) -> TypeGuard[list[str]]:
    """Whether a value is an array of nothing but strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def bound(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The manifests that have, or may have, a configuration that is OCI's and in the layout."""
    return [manifest for manifest in manifests if manifest.text.root is None or manifest.config_text is not None]
