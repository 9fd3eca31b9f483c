"""Rules about an image manifest's own members (manifest.md, Image Manifest Property Descriptions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules, media_types
from pytest_oci.conformance.image.judged import ALTERED, Doubtful, Unseen, at, depends_on, object_then
from pytest_oci.conformance.image.manifest.kinds import artifact_type
from pytest_oci.conformance.image.members import ABSENT, describe, integer, is_plainly_written, is_there, member

from pytest_oci.documents.findings import Finding, json_pointer
from pytest_oci.targets.layout.tree import EMPTY, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Manifest, Object, Part

VERSION = 2
INDEX_FILE = "index.json"

SCHEMA_VERSION = "image-manifest.schema-version.required"


def in_blobs(parts: Sequence[Part]) -> list[Part]:
    """Manifests, and indexes other than index.json."""
    return [part for part in parts if part.text.path != INDEX_FILE]


def json_object(part: Part) -> Iterator[Seen]:
    """A manifest or index that is no JSON object and nothing else."""
    text = part.text
    if text.unseen:
        yield Unseen(text.unseen, text.path)
    elif text.altered:
        yield Unseen(f"depends-on: {ALTERED}", text.path)
    elif text.document is None:
        yield Finding(text.path, text.problem, "one JSON object")
    elif not isinstance(text.document.root, dict):
        yield Finding(text.path, describe(text.document.root), "one JSON object")
    elif text.document.byte_order_mark:
        yield Finding(text.path, "a byte order mark and a JSON object", "one JSON object")


def schema_version_required(manifest: Manifest) -> Iterator[Seen]:
    """A `schemaVersion` that is no integer; one written as `2.0` is an integer by its value alone."""
    place = _at(manifest, "schemaVersion")

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "schemaVersion")
        if integer(value) is None:
            yield Finding(place, describe(value), "an integer")
        elif not is_plainly_written(value):
            yield Doubtful(Finding(place, describe(value), "an integer, without a fraction or an exponent"))

    return object_then(manifest.text, rule)


def schema_version_is_2(manifest: Manifest) -> Iterator[Seen]:
    """An integer `schemaVersion` that is not 2."""
    place = _at(manifest, "schemaVersion")

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "schemaVersion")
        number = integer(value)
        if number is None:
            yield depends_on(SCHEMA_VERSION, place)
        elif number != VERSION:
            yield Finding(place, describe(value), str(VERSION))

    return object_then(manifest.text, rule)


def media_type_present(manifest: Manifest) -> Iterator[Seen]:
    """No `mediaType`; null is none."""

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "mediaType")
        if not is_there(value):
            yield Finding(_at(manifest, "mediaType"), describe(value), MANIFEST)

    return object_then(manifest.text, rule)


def media_type_value(manifest: Manifest) -> Iterator[Seen]:
    """A `mediaType` that is another one; null is none.

    One that differs in case only names the same type, and is doubtful.
    """

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "mediaType")
        if is_there(value) and value != MANIFEST:
            finding = Finding(_at(manifest, "mediaType"), describe(value), MANIFEST)
            yield Doubtful(finding) if media_types.is_same(value, MANIFEST) else finding

    return object_then(manifest.text, rule)


def config_required(manifest: Manifest) -> Iterator[Seen]:
    """No `config`, or one that is no object."""

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "config")
        if not isinstance(value, dict):
            yield Finding(_at(manifest, "config"), describe(value), "a descriptor, an object")

    return object_then(manifest.text, rule)


def layers_are_descriptors(manifest: Manifest) -> Iterator[Seen]:
    """`layers` that is no array, and elements of it that are no objects. That there is none is no matter of this.

    Null has no item that could be another thing than a descriptor, and is doubtful.
    """

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "layers")
        if isinstance(value, list):
            for place, item in enumerate(value):
                if not isinstance(item, dict):
                    pointer = json_pointer("layers", place)
                    yield Finding(at(manifest.text.path, pointer), describe(item), "a descriptor, an object")
        elif value is not ABSENT:
            finding = Finding(_at(manifest, "layers"), describe(value), "an array of descriptors")
            yield Doubtful(finding) if value is None else finding

    return object_then(manifest.text, rule)


def artifact_type_with_empty_config(manifest: Manifest) -> Iterator[Seen]:
    """No `artifactType` where the configuration is the empty descriptor; null and an empty string are none."""

    def rule(root: Object) -> Iterator[Seen]:
        config = manifest.config
        if config is not None and config.media_type == EMPTY and artifact_type(root) is ABSENT:
            said = describe(member(root, "artifactType"))
            yield Finding(_at(manifest, "artifactType"), said, f"a media type, since the configuration is {EMPTY}")

    return object_then(manifest.text, rule)


def artifact_type_is_media_type(manifest: Manifest) -> Iterator[Seen]:
    """An `artifactType` that does not follow RFC 6838; an empty one is another clause's where it has to be set."""

    def rule(root: Object) -> Iterator[Seen]:
        value = member(root, "artifactType")
        unset = value == "" and manifest.config is not None and manifest.config.media_type == EMPTY
        valid = isinstance(value, str) and media_types.is_media_type(value)
        if is_there(value) and not unset and not valid:
            yield Finding(_at(manifest, "artifactType"), describe(value), media_types.GRAMMAR)

    return object_then(manifest.text, rule)


def annotations_follow_rules(manifest: Manifest) -> Iterator[Seen]:
    """Annotations of the manifest that break a rule of annotations.md."""
    found = annotation_rules.of_document(manifest.text)
    return object_then(manifest.text, lambda _: annotation_rules.all_rules(manifest.text, found))


def _at(manifest: Manifest, name: str) -> str:
    return at(manifest.text.path, json_pointer(name))
