"""Rules about digest strings (descriptor.md, Digests): each judges only what the rules before it let pass.

Digest strings are those of descriptors, the diff_ids of configurations, which are written in the same form (config.md,
Layer DiffID), and the values of the annotation that names a base image by its digest. Names of blobs are the matter of
image-layout.md's clauses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules, digests
from pytest_oci.conformance.image.judged import Doubtful, at, where
from pytest_oci.conformance.image.members import ABSENT, describe, member, required_string
from pytest_oci.conformance.image.parts import in_descriptors, unreadable

from pytest_oci.documents.findings import Finding, json_pointer
from pytest_oci.targets.layout.tree import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen, Unseen

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.tree import Described, Part

BASE_DIGEST = "org.opencontainers.image.base.digest"


@in_descriptors
def required(described: Described) -> Iterator[Finding]:
    """Digests that are absent, null or no strings."""
    return required_string(described.value, "digest", where(described))


def grammar(part: Part) -> Iterator[Seen]:
    """Digest strings that do not follow the grammar of all digests.

    Any annotation may be empty, and so an empty one where a base image's digest belongs is doubtful.
    """
    yield from _unreadable(part)
    for place, text in _strings(part):
        if digests.parse(text) is None:
            finding = Finding(place, describe(text), digests.GRAMMAR)
            yield Doubtful(finding) if not text and place.endswith(BASE_DIGEST) else finding


def sha256_form(part: Part) -> Iterator[Seen]:
    """Digests of sha256 that are not 64 lower-case hexadecimal digits."""
    return _form(part, "sha256")


def sha512_form(part: Part) -> Iterator[Seen]:
    """Digests of sha512 that are not 128 lower-case hexadecimal digits."""
    return _form(part, "sha512")


def sha256_upper_case(part: Part) -> Iterator[Seen]:
    """Digests of sha256 with A to F in them."""
    return _upper_case(part, "sha256")


def sha512_upper_case(part: Part) -> Iterator[Seen]:
    """Digests of sha512 with A to F in them."""
    return _upper_case(part, "sha512")


def algorithm(part: Part) -> Iterator[Seen]:
    """Digests of another algorithm than sha256."""
    yield from _unreadable(part)
    for place, text in _strings(part):
        digest = digests.parse(text)
        if digest is not None and digest.algorithm != "sha256":
            yield Finding(place, f"a digest of {describe(digest.algorithm)}", "one of sha256")


def _form(part: Part, algorithm: str) -> Iterator[Seen]:
    yield from _unreadable(part)
    for place, text in _strings(part):
        digest = digests.parse(text)
        if digest is not None and digest.algorithm == algorithm and not digest.well_formed:
            digits = f" with {len(digest.encoded)} characters behind the colon"
            yield Finding(place, describe(text) + digits, digests.form_of(algorithm))


def _upper_case(part: Part, algorithm: str) -> Iterator[Seen]:
    yield from _unreadable(part)
    for place, text in _strings(part):
        digest = digests.parse(text)
        if digest is not None and digest.algorithm == algorithm and digest.has_upper_case:
            yield Finding(place, describe(text), "without upper-case digits")


def _strings(part: Part) -> Iterator[tuple[str, str]]:
    """Every digest string of a part, the diff_ids of its configuration among them, and where it stands."""
    for described in part.descriptors:
        value = described.member("digest")
        if isinstance(value, str):
            yield where(described, "digest"), value
    for one, key, text in annotation_rules.strings(annotation_rules.of_part(part)):
        if key == BASE_DIGEST:
            yield one.at(key), text
    yield from _diff_ids(part)


def _unreadable(part: Part) -> Iterator[Unseen]:
    """Why not all digest strings of a part are known."""
    yield from unreadable(part.text)
    if isinstance(part, Manifest) and part.config_text is not None:
        yield from unreadable(part.config_text)


def _diff_ids(part: Part) -> Iterator[tuple[str, str]]:
    text = part.config_text if isinstance(part, Manifest) else None
    listed: object = member(member(text.root, "rootfs"), "diff_ids") if text is not None else ABSENT
    for place, value in enumerate(listed if isinstance(listed, list) else ()):
        if text is not None and isinstance(value, str):
            yield at(text.path, json_pointer("rootfs", "diff_ids", place)), value


def cause_of(value: JsonValue) -> str:
    """Why nothing can be compared with a digest: the clause that it breaks; empty if it breaks none."""
    if not isinstance(value, str):
        return "depends-on: descriptor.digest.required"
    digest = digests.parse(value)
    if digest is None:
        return "depends-on: descriptor.digest.grammar"
    return "" if digest.well_formed else f"depends-on: descriptor.{digest.algorithm}.encoded-form"
