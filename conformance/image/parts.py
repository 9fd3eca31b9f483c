"""What rules ask of a part: whether it can be judged at all, its descriptors, its object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import Unseen, cause_of
from pytest_oci.conformance.image.members import is_there, member
from pytest_oci.fixtures.layout_target import NO_INDEX_OBJECT

from pytest_oci.targets.layout.tree import MANIFEST, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Described, Object, Part, Text

INDEX_JSON = "index.json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def is_another_document(root: Object) -> bool:
    """Whether an object in the place of an index is plainly another document: no list of manifests, but a manifest."""
    if is_there(member(root, "manifests")):
        return False
    return "config" in root or "layers" in root or root.get("mediaType") in (MANIFEST, DOCKER_MANIFEST)


def unreadable(text: Text) -> Iterator[Unseen]:
    """Why the object in a document cannot be judged; nothing if it can."""
    if text.root is None:
        yield Unseen(cause_of(text), text.path)
    elif text.path == INDEX_JSON and is_another_document(text.root):
        yield Unseen(f"depends-on: {NO_INDEX_OBJECT}", text.path)


def in_object(rule: Callable[[Object, Text], Iterable[Seen]]) -> Callable[[Part], Iterator[Seen]]:
    """The rule about parts that applies a rule to the object of each."""

    def of_part(part: Part) -> Iterator[Seen]:
        faults = list(unreadable(part.text))
        yield from faults
        if not faults and part.text.root is not None:
            yield from rule(part.text.root, part.text)

    return of_part


def in_descriptors(rule: Callable[[Described], Iterable[Seen]]) -> Callable[[Part], Iterator[Seen]]:
    """The rule about parts that applies a rule to each of their descriptors that is an object.

    Other values in the place of a descriptor are found by the clauses about the place.
    """

    def of_part(part: Part) -> Iterator[Seen]:
        yield from unreadable(part.text)
        for described in part.descriptors:
            if isinstance(described.value, dict):
                yield from rule(described)

    return of_part


def in_entries(rule: Callable[[Described], Iterable[Seen]]) -> Callable[[Index], Iterator[Seen]]:
    """Like `in_descriptors`, of what an index lists."""

    def of_index(index: Index) -> Iterator[Seen]:
        yield from unreadable(index.text)
        for described in index.entries:
            if isinstance(described.value, dict):
                yield from rule(described)

    return of_index
