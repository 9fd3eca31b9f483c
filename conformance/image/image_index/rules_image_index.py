"""Rules about image indexes, index.json among them (image-index.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules, media_types, platforms
from pytest_oci.conformance.image.judged import Doubtful, at, depends_on, where
from pytest_oci.conformance.image.members import (
    describe,
    integer,
    is_plainly_written,
    is_there,
    member,
    required_string,
)
from pytest_oci.conformance.image.parts import in_entries, in_object, unreadable
from pytest_oci.conformance.image.referred import platform_of

from pytest_oci.documents.findings import Finding, json_pointer
from pytest_oci.targets.layout.tree import INDEX, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Described, Index, Object, Text

VERSION = 2
PORTABLE = (MANIFEST, INDEX)


@in_object
def schema_version_required(root: Object, text: Text) -> Iterator[Seen]:
    """A schemaVersion that is absent, null or no integer; one written as 2.0 or 2e0 is doubtful."""
    value = member(root, "schemaVersion")
    number = integer(value)
    place = at(text.path, "/schemaVersion")
    if number is None:
        yield Finding(place, describe(value), "an integer")
    elif not is_plainly_written(value):
        yield Doubtful(Finding(place, describe(value), f"{number}, as an integer is written"))


@in_object
def schema_version_is_2(root: Object, text: Text) -> Iterator[Seen]:
    """A schemaVersion that is an integer, but not 2."""
    value = member(root, "schemaVersion")
    place = at(text.path, "/schemaVersion")
    number = integer(value)
    if number is None:
        yield depends_on("image-index.schema-version.required", place)
    elif number != VERSION:
        yield Finding(place, describe(value), "2")


@in_object
def media_type_present(root: Object, text: Text) -> Iterator[Finding]:
    """A mediaType that is absent or null."""
    value = member(root, "mediaType")
    if not is_there(value):
        yield Finding(at(text.path, "/mediaType"), describe(value), INDEX)


@in_object
def media_type_value(root: Object, text: Text) -> Iterator[Seen]:
    """A mediaType that is another one; one that differs in case only names the same type, and is doubtful."""
    value = member(root, "mediaType")
    if not is_there(value) or value == INDEX:
        return
    finding = Finding(at(text.path, "/mediaType"), describe(value), INDEX)
    yield Doubtful(finding) if media_types.is_same(value, INDEX) else finding


@in_object
def artifact_type_grammar(root: Object, text: Text) -> Iterator[Seen]:
    """An artifactType that is not named as RFC 6838 asks."""
    return media_types.artifact_type_faults(root, text.path)


@in_object
def manifests_required(root: Object, text: Text) -> Iterator[Seen]:
    """Manifests that are absent, null or no array, or have elements that are no objects.

    What says that it is another document has no list of manifests for that reason.
    """
    value = member(root, "manifests")
    place = at(text.path, "/manifests")
    if not isinstance(value, list):
        yield from _said_to_be_another(root, text) or [Finding(place, describe(value), "an array of descriptors")]
        return
    for number, element in enumerate(value):
        if not isinstance(element, dict):
            yield Finding(
                at(text.path, json_pointer("manifests", number)), describe(element), "a descriptor, an object"
            )


@in_object
def manifests_present(root: Object, text: Text) -> Iterator[Seen]:
    """Manifests that are absent or null."""
    value = member(root, "manifests")
    if not is_there(value):
        yield from _said_to_be_another(root, text) or [
            Finding(at(text.path, "/manifests"), describe(value), "an array, which may be empty")
        ]


def rules_of_annotations(index: Index) -> Iterator[Seen]:
    """Annotations of an index itself that break any of the rules for annotations."""
    yield from unreadable(index.text)
    yield from annotation_rules.all_rules(index.text, annotation_rules.of_document(index.text))


@in_entries
def portable_media_types(described: Described) -> Iterator[Finding]:
    """Entries for other contents than image manifests and indexes."""
    value = described.media_type
    if media_types.is_media_type(value) and value not in PORTABLE:
        expected = f"{MANIFEST} or {INDEX} where portability matters"
        yield Finding(where(described, "mediaType"), describe(value), expected)


def platform_present(index: Index, layout: Layout) -> Iterator[Seen]:
    """Entries without a platform for images whose configuration says one."""
    return in_entries(lambda described: _platform_present(described, layout))(index)


def _platform_present(described: Described, layout: Layout) -> Iterator[Finding]:
    platform = member(described.value, "platform")
    if is_there(platform):
        return
    said = platform_of(described, layout)
    if all(said):
        expected = f"an object, since the image is for {describe('/'.join(said))}"
        yield Finding(where(described, "platform"), describe(platform), expected)


@in_entries
def architecture_required(described: Described) -> Iterator[Finding]:
    """Platforms whose architecture is absent, null or no string; one that is no object lacks all it has to have."""
    platform = member(described.value, "platform")
    if isinstance(platform, dict):
        yield from required_string(platform, "architecture", where(described, "platform"))
    elif is_there(platform):
        yield Finding(where(described, "platform"), describe(platform), "an object with architecture and os")


@in_entries
def os_required(described: Described) -> Iterator[Finding]:
    """Platforms whose os is absent, null or no string."""
    platform = member(described.value, "platform")
    if isinstance(platform, dict):
        yield from required_string(platform, "os", where(described, "platform"))


def _listed(name: str, values: Collection[str], whose: str) -> Callable[[Described], Iterator[Finding]]:
    def rule(described: Described) -> Iterator[Finding]:
        value = member(member(described.value, "platform"), name)
        if isinstance(value, str) and value not in values:
            yield Finding(
                where(described, "platform", name), describe(value), f"a value of {whose}: {', '.join(sorted(values))}"
            )

    return rule


architecture_of_go = in_entries(_listed("architecture", platforms.GOARCH, "GOARCH"))
"""Architectures that Go's documentation does not list."""
os_of_go = in_entries(_listed("os", platforms.GOOS, "GOOS"))
"""Operating systems that Go's documentation does not list."""


@in_entries
def windows_features(described: Described) -> Iterator[Finding]:
    """Features of Windows other than those that are listed."""
    platform = member(described.value, "platform")
    features = member(platform, "os.features")
    if member(platform, "os") != "windows" or not is_there(features):
        return
    place = where(described, "platform", "os.features")
    if not isinstance(features, list):
        yield Finding(place, describe(features), "an array of strings")
        return
    for number, feature in enumerate(features):
        if not isinstance(feature, str) or feature not in platforms.WINDOWS_FEATURES:
            yield Finding(f"{place}/{number}", describe(feature), "win32k, the only feature listed for windows")


@in_entries
def listed_variants(described: Described) -> Iterator[Finding]:
    """Variants that the table does not have for an architecture that is in it."""
    platform = member(described.value, "platform")
    architecture, variant = member(platform, "architecture"), member(platform, "variant")
    if not is_there(variant):
        return
    place = where(described, "platform", "variant")
    if not isinstance(variant, str):
        yield Finding(place, describe(variant), "a string")
    elif isinstance(architecture, str) and not platforms.is_listed_variant(architecture, variant):
        yield Finding(place, describe(variant), f"for {architecture} one of {platforms.VARIANTS[architecture]}")


def _said_to_be_another(root: Object, text: Text) -> list[Seen]:
    """Why an index has no manifests, if its mediaType says so."""
    value = member(root, "mediaType")
    if is_there(value) and isinstance(value, str) and value.lower() != INDEX:
        return [depends_on("image-index.media-type.value", text.path)]
    return []
