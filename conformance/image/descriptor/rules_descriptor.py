"""Rules about the other properties of descriptors: media types, urls, annotations, platform (descriptor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules, media_types
from pytest_oci.conformance.image.descriptor import uris
from pytest_oci.conformance.image.judged import Doubtful, Unseen, where
from pytest_oci.conformance.image.members import ABSENT, describe, is_there, member, required_string
from pytest_oci.conformance.image.parts import in_descriptors, in_entries, unreadable
from pytest_oci.conformance.image.referred import is_artifact, says_what_it_is

from pytest_oci.documents.findings import Finding
from pytest_oci.targets.layout.tree import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.tree import Described, Part

WEB = ("http", "https")


def media_type_required(part: Part) -> Iterator[Seen]:
    """Media types that are absent, null or no strings.

    A subject that is no object lacks all that a descriptor has to have, and is found here alone.
    """
    yield from _media_type_required(part)
    subject = part.subject
    if subject is not None and subject.value is not None and not isinstance(subject.value, dict):
        yield Finding(where(subject), describe(subject.value), "a descriptor, an object with a mediaType")


@in_descriptors
def _media_type_required(described: Described) -> Iterator[Finding]:
    return required_string(described.value, "mediaType", where(described))


@in_descriptors
def media_type_grammar(described: Described) -> Iterator[Finding]:
    """Media types that are strings, but not named as RFC 6838 asks."""
    value = member(described.value, "mediaType")
    if isinstance(value, str) and not media_types.is_media_type(value):
        yield Finding(where(described, "mediaType"), describe(value), media_types.GRAMMAR)


@in_descriptors
def artifact_type_grammar(described: Described) -> Iterator[Seen]:
    """Artifact types that are not named as RFC 6838 asks."""
    return media_types.artifact_type_faults(described.value, where(described))


@in_descriptors
def urls_are_uris(described: Described) -> Iterator[Seen]:
    """Entries that are no strings, or no URIs.

    A relative reference follows RFC 3986, but has no scheme as a URI has; an empty list in another form has no entry
    that could be wrong: both are doubtful.
    """
    value = member(described.value, "urls")
    if is_there(value) and not isinstance(value, list):
        yield Doubtful(Finding(where(described, "urls"), describe(value), "absent or an array of URIs"))
    for place, entry in _urls(described):
        if not isinstance(entry, str):
            yield Finding(place, describe(entry), "a string, a URI")
        elif fault := uris.fault(entry):
            yield Finding(place, f"{describe(entry)}: {fault}", "a URI")
        elif uris.scheme(entry) is None:
            yield Doubtful(Finding(place, f"{describe(entry)}, a relative reference", "a URI, with its scheme"))


@in_descriptors
def urls_of_the_web(described: Described) -> Iterator[Finding]:
    """URIs of another scheme than http and https."""
    for place, entry in _urls(described):
        scheme = uris.scheme(entry) if isinstance(entry, str) else None
        if scheme is not None and scheme not in WEB:
            yield Finding(place, describe(entry), "a URI of http or https")


def rules_of_annotations(part: Part) -> Iterator[Seen]:
    """Annotations of descriptors that break any of the rules for annotations."""
    yield from unreadable(part.text)
    yield from annotation_rules.all_rules(part.text, annotation_rules.of_descriptors(part))


@in_entries
def platform_of_manifests(described: Described) -> Iterator[Seen]:
    """Entries for image manifests without a platform; what is plainly an artifact has none to name.

    Of a manifest that cannot be read nobody knows whether it is one.
    """
    platform = member(described.value, "platform")
    if described.media_type == MANIFEST and not is_there(platform) and not is_artifact(described):
        finding = Finding(where(described, "platform"), describe(platform), "an object with os and architecture")
        cause = "" if described.blob is None else described.blob.unseen or described.blob.withheld
        if cause:
            yield Unseen(cause, where(described, "platform"))
        else:
            yield finding if says_what_it_is(described) else Doubtful(finding)


def _urls(described: Described) -> Iterator[tuple[str, JsonValue]]:
    value = member(described.value, "urls")
    if value is not ABSENT and isinstance(value, list):
        for number, entry in enumerate(value):
            yield where(described, "urls", str(number)), entry
