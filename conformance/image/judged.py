"""How a rule about image layouts becomes a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pytest_oci.fixtures.layout_target import index_cause

from pytest_oci.documents.findings import Finding
from pytest_oci.violations import advised, expect, not_applicable, not_testable, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_oci.targets.layout.tree import Described, Object, Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that a rule is about and could not look at: a cause of `not-testable`."""

    cause: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A finding that breaks the clause in one reading of the text, or of what is not here, and not in another."""

    finding: Finding


Seen: TypeAlias = "Finding | Unseen | Doubtful"
"""What rules yield; a rule that yields nothing found nothing wrong."""

NO_MANIFEST_OBJECT = "image-manifest.document.json-object"
NO_CONFIG_OBJECT = "image-config.document.json-object"
ALTERED = "image-layout.blobs.content-matches-name"
"""The clauses that fail where a document cannot be judged, so that others depend on them."""


def judge(rule: Callable[[T], Iterable[Seen]], parts: Sequence[T], unseen: str = "") -> None:
    """End the test by what a rule says of these parts.

    A fault found is a violation, whatever else could not be seen; else what could not be seen makes the clause
    `not-testable`; else what is a fault in one reading only is advice. Without any part there is nothing that the
    clause could bind.
    """
    seen = [one for part in parts for one in rule(part)]
    expect([one for one in seen if isinstance(one, Finding)], "faults").is_empty()
    for one in seen:
        if isinstance(one, Unseen):
            not_testable(one.cause, *([one.where] if one.where else []))
    if unseen:
        not_testable(unseen)
    doubtful = [one.finding for one in seen if isinstance(one, Doubtful)]
    if doubtful:
        advised("faults: none in any reading of the text", show(doubtful))
    if not parts:
        not_applicable("the layout holds nothing that the clause is about")


def object_then(text: Text, rule: Callable[[Object], Iterable[Seen]]) -> Iterator[Seen]:
    """What the rule says of the object in a document; where there is none, the clause that fails for it."""
    if text.root is None:
        yield Unseen(cause_of(text), text.path)
    else:
        yield from rule(text.root)


def cause_of(text: Text) -> str:
    """Why a document cannot be judged."""
    from pytest_oci.targets.layout.tree import CONFIG

    if text.path == "index.json":
        return index_cause(text)
    if text.unseen:
        return text.unseen
    if text.altered:
        return f"depends-on: {ALTERED}"
    return f"depends-on: {NO_CONFIG_OBJECT if text.media_type == CONFIG else NO_MANIFEST_OBJECT}"


def depends_on(clause: str, place: str = "") -> Unseen:
    """What stands at a place cannot be judged, since it breaks this clause."""
    return Unseen(f"depends-on: {clause}", place)


def at(path: str, pointer: str = "") -> str:
    """Where something stands: a file of the layout, and the JSON pointer in it."""
    return f"{path}#{pointer}" if pointer else path


def where(described: Described, *members: str) -> str:
    """Where a descriptor, or a member of it, stands."""
    return at(described.path, described.pointer + "".join(f"/{member}" for member in members))
