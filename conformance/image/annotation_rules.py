"""The rules for annotations, wherever they stand (annotations.md, Rules); each finds its own kind of fault alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import Seen, Unseen, at
from pytest_oci.conformance.image.members import ABSENT, describe, member

from pytest_oci.documents.exact import MOST_FINDINGS
from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.tree import Part, Text

NAME = "annotations"
MORE_REPEATED = f"limit: only the first {MOST_FINDINGS} repeated members of a document are known"


@dataclass(frozen=True, slots=True)
class Annotations:
    """What stands at a member for annotations, in the document at `path`; `pointer` is the member's."""

    path: str
    pointer: str
    value: JsonValue

    def at(self, key: str) -> str:
        """Where a key stands."""
        return at(self.path, self.pointer + json_pointer(key))


def find(path: str, pointer: str, holder: JsonValue, name: str = NAME) -> Iterator[Annotations]:
    """The annotations of the object at this pointer, if it has the member."""
    value = member(holder, name)
    if value is not ABSENT:
        yield Annotations(path, pointer + json_pointer(name), value)


def of_document(text: Text) -> list[Annotations]:
    """The annotations of an index or a manifest itself."""
    return list(find(text.path, "", text.root))


def of_descriptors(part: Part) -> list[Annotations]:
    """The annotations of every descriptor in an index or a manifest."""
    return [found for one in part.descriptors for found in find(one.path, one.pointer, one.value)]


def of_part(part: Part) -> list[Annotations]:
    """All annotations that an index or a manifest holds."""
    return [*of_document(part.text), *of_descriptors(part)]


def is_object(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    """Annotations that are no object; null is the matter of `not_null`."""
    for one in annotations:
        if one.value is not None and not isinstance(one.value, dict):
            yield Finding(at(one.path, one.pointer), describe(one.value), "an object with strings")


def not_null(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    """Annotations that are null: where there are none, the member is absent or an empty object."""
    for one in annotations:
        if one.value is None:
            yield Finding(at(one.path, one.pointer), "null", "absent or an empty object")


def values_are_strings(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    """Values that are no strings; null is the matter of `values_present`."""
    for one, key, value in _members(annotations):
        if value is not None and not isinstance(value, str):
            yield Finding(one.at(key), describe(value), "a string")


def values_present(annotations: Iterable[Annotations]) -> Iterator[Finding]:
    """Keys without a value, which in JSON is null; an empty string is a value."""
    for one, key, value in _members(annotations):
        if value is None:
            yield Finding(one.at(key), "null", "a string, which may be empty")


def keys_unique(text: Text, annotations: Iterable[Annotations]) -> Iterator[Seen]:
    """Keys that stand more than once in one of these objects, all in this document."""
    duplicates = text.document.duplicates if text.document else ()
    repeated = repeated_members(duplicates)
    found = [
        Finding(at(text.path, pointer), "there again", "there once in the object")
        for one in annotations
        for pointer in repeated.get(one.pointer, ())
    ]
    yield from found
    if not found and len(duplicates) >= MOST_FINDINGS:
        yield Unseen(MORE_REPEATED, text.path)


def repeated_members(pointers: Iterable[str]) -> dict[str, list[str]]:
    """Pointers of members that stand in a document again (`Document.duplicates`), by the pointer of their object."""
    repeated: dict[str, list[str]] = defaultdict(list)
    for pointer in pointers:
        repeated[pointer.rpartition("/")[0]].append(pointer)
    return repeated


def all_rules(text: Text, annotations: Sequence[Annotations], *, null_is_absent: bool = False) -> Iterator[Seen]:
    """Every rule together, for the clauses that say once more that they hold; `Labels` may be null."""
    yield from is_object(annotations)
    if not null_is_absent:
        yield from not_null(annotations)
    yield from values_are_strings(annotations)
    yield from values_present(annotations)
    yield from keys_unique(text, annotations)


def strings(annotations: Iterable[Annotations]) -> Iterator[tuple[Annotations, str, str]]:
    """Every key whose value is a string, with the annotations that it stands in."""
    for one, key, value in _members(annotations):
        if isinstance(value, str):
            yield one, key, value


def _members(annotations: Iterable[Annotations]) -> Iterator[tuple[Annotations, str, JsonValue]]:
    for one in annotations:
        if isinstance(one.value, dict):
            for key, value in one.value.items():
                yield one, key, value
