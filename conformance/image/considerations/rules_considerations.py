"""Rules about the text of JSON blobs (considerations.md, Canonicalization)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules
from pytest_oci.conformance.image.considerations.canonical import difference
from pytest_oci.conformance.image.image_layout.rules_image_layout import NO_OBJECT, read_oci_layout
from pytest_oci.conformance.image.judged import Unseen, at, cause_of, depends_on
from pytest_oci.conformance.image.members import describe

from pytest_oci.documents.exact import MOST_FINDINGS, Document
from pytest_oci.documents.findings import Finding, json_pointer
from pytest_oci.targets.layout.tree import Manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Part, Text

UNIQUE = "depends-on: considerations.json.unique-members"
LABELS = "/config/Labels"
MAPS = frozenset({"annotations", "Labels", "ExposedPorts", "Volumes"})
"""Members whose object has names of the author's own, which may differ in case only."""
_DOCUMENTS = "schemaVersion mediaType artifactType config layers manifests subject annotations imageLayoutVersion"
_DESCRIPTOR = "digest size urls data platform architecture os os.version os.features variant features"
_IMAGE = "created author rootfs type diff_ids history created_by comment empty_layer"
_EXECUTION = "User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal ArgsEscaped"
DEFINED = frozenset(" ".join((_DOCUMENTS, _DESCRIPTOR, _IMAGE, _EXECUTION)).lower().split())
"""Names that the specification defines, in lower case."""
_FOLDED = str.maketrans({"\N{LATIN SMALL LETTER LONG S}": "s", "\N{KELVIN SIGN}": "k"})


def canonical(part: Part, layout: Layout) -> Iterator[Seen]:
    """JSON blobs that are not canonical JSON; index.json is none."""
    for text in _texts(part):
        if text.document is None or text.altered:
            yield Unseen(cause_of(text), text.path)
            continue
        blob = layout.blobs.get(":".join(text.path.split("/")[1:]))
        if blob is None or blob.data is None:
            continue
        if text.document.duplicates:
            yield Unseen(UNIQUE, text.path)
        elif not text.document.byte_order_mark:
            yield from _not_canonical(text.path, blob.data, text.document.root)


def _not_canonical(path: str, data: bytes, root: JsonValue) -> Iterator[Seen]:
    try:
        found = difference(data, root)
    except RecursionError:
        yield Unseen("limit: the document is nested too deeply to be written again", path)
    else:
        if found:
            yield Finding(path, f"not canonical JSON: {found}", "canonical JSON")


def unique_members(part: Part) -> Iterator[Seen]:
    """Members that stand twice in one object, or that differ from another in case only.

    Annotations and labels are left to the clauses about them.
    """
    for text in _texts(part):
        if text.document is None or text.altered:
            yield Unseen(cause_of(text), text.path)
            continue
        maps = {one.pointer for one in annotation_rules.of_part(part)} if text is part.text else {LABELS}
        yield from _once(text.path, text.document, maps)


def unique_members_of_oci_layout(layout: Layout) -> Iterator[Seen]:
    """The same of `oci-layout`."""
    read = read_oci_layout(layout)
    if isinstance(read, Document):
        yield from _once(layout.oci_layout.path, read, frozenset())
    else:
        yield read if isinstance(read, Unseen) else depends_on(NO_OBJECT, layout.oci_layout.path)


def _once(path: str, document: Document, maps: Collection[str]) -> Iterator[Seen]:
    """What is there more than once in a document, but for what the clauses about `maps` find."""
    found = [
        Finding(at(path, member), "there again", "there once in the object")
        for pointer, members in annotation_rules.repeated_members(document.duplicates).items()
        for member in members
        if pointer not in maps
    ]
    yield from found
    if not found and len(document.duplicates) >= MOST_FINDINGS:
        yield Unseen(annotation_rules.MORE_REPEATED, path)
    yield from _alike(path, document.root)


def _texts(part: Part) -> list[Text]:
    """The documents of a part: an index, or a manifest and its configuration."""
    config = part.config_text if isinstance(part, Manifest) else None
    return [part.text] if config is None else [part.text, config]


def _alike(path: str, root: JsonValue) -> Iterator[Finding]:
    """Members with names of the specification that other members have too, but for upper and lower case."""
    for pointer, value in _objects(root):
        first: dict[str, str] = {}
        for name in value:
            folded = name.translate(_FOLDED).lower()
            if folded in DEFINED and first.setdefault(folded, name) != name:
                actual = f"there beside {describe(first[folded])}, from which it differs in case only"
                yield Finding(at(path, pointer + json_pointer(name)), actual, "there once, in any case")


def _objects(root: JsonValue) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Every object but for maps of the author's own, with its pointer, from the root down."""
    pending: list[tuple[str, JsonValue]] = [("", root)]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, dict):
            yield pointer, value
        inner = [(f"{pointer}{json_pointer(step)}", below) for step, below in _children(value)]
        pending += [(place, below) for place, below in reversed(inner) if isinstance(below, (dict, list))]


def _children(value: JsonValue) -> Iterable[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        return [(name, below) for name, below in value.items() if name not in MAPS]
    return enumerate(value) if isinstance(value, list) else ()
