"""Rules about digest strings (descriptor.md, Digests): each judges only what the rules before it let pass.

Digest strings are those of descriptors, the diff_ids of configurations, which are written in the same form (config.md,
Layer DiffID), and, since image-spec 1.1, the values of the annotation that names a base image by its digest. Of such a
value no sentence says that it has to be one, so that its faults are doubtful. Names of blobs are the matter of
image-layout.md's clauses.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _DigestString:
    """A digest string and where it stands. `is_doubtful`: whether it has to be one only in one reading of the text."""

    place: str
    text: str
    is_doubtful: bool = False

    def fault(self, actual: str, expected: str) -> Seen:
        """What a rule yields for it."""
        finding = Finding(self.place, actual, expected)
        return Doubtful(finding) if self.is_doubtful else finding


@in_descriptors
def required(described: Described) -> Iterator[Finding]:
    """Digests that are absent, null or no strings."""
    return required_string(described.value, "digest", where(described))


def grammar(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digest strings that do not follow the grammar of all digests."""
    yield from _unreadable(part)
    for one in _strings(part, base_images):
        if digests.parse(one.text) is None:
            yield one.fault(describe(one.text), digests.GRAMMAR)


def sha256_form(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digests of sha256 that are not 64 lower-case hexadecimal digits."""
    return _form(part, "sha256", base_images)


def sha512_form(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digests of sha512 that are not 128 lower-case hexadecimal digits."""
    return _form(part, "sha512", base_images)


def sha256_upper_case(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digests of sha256 with A to F in them."""
    return _upper_case(part, "sha256", base_images)


def sha512_upper_case(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digests of sha512 with A to F in them."""
    return _upper_case(part, "sha512", base_images)


def algorithm(part: Part, *, base_images: bool = True) -> Iterator[Seen]:
    """Digests of another algorithm than sha256."""
    yield from _unreadable(part)
    for one in _strings(part, base_images):
        digest = digests.parse(one.text)
        if digest is not None and digest.algorithm != "sha256":
            yield one.fault(f"a digest of {describe(digest.algorithm)}", "one of sha256")


def _form(part: Part, algorithm: str, base_images: bool) -> Iterator[Seen]:
    yield from _unreadable(part)
    for one in _strings(part, base_images):
        digest = digests.parse(one.text)
        if digest is not None and digest.algorithm == algorithm and not digest.well_formed:
            digits = f" with {len(digest.encoded)} characters behind the colon"
            yield one.fault(describe(one.text) + digits, digests.form_of(algorithm))


def _upper_case(part: Part, algorithm: str, base_images: bool) -> Iterator[Seen]:
    yield from _unreadable(part)
    for one in _strings(part, base_images):
        digest = digests.parse(one.text)
        if digest is not None and digest.algorithm == algorithm and digest.has_upper_case:
            yield one.fault(describe(one.text), "without upper-case digits")


def _strings(part: Part, base_images: bool) -> Iterator[_DigestString]:
    """Every digest string of a part, the diff_ids of its configuration among them."""
    for described in part.descriptors:
        value = described.member("digest")
        if isinstance(value, str):
            yield _DigestString(where(described, "digest"), value)
    if base_images:
        for one, key, text in annotation_rules.strings(annotation_rules.of_part(part)):
            if key == BASE_DIGEST:
                yield _DigestString(one.at(key), text, is_doubtful=True)
    yield from _diff_ids(part)


def _unreadable(part: Part) -> Iterator[Unseen]:
    """Why not all digest strings of a part are known."""
    yield from unreadable(part.text)
    if isinstance(part, Manifest) and part.config_text is not None:
        yield from unreadable(part.config_text)


def _diff_ids(part: Part) -> Iterator[_DigestString]:
    text = part.config_text if isinstance(part, Manifest) else None
    listed: object = member(member(text.root, "rootfs"), "diff_ids") if text is not None else ABSENT
    for place, value in enumerate(listed if isinstance(listed, list) else ()):
        if text is not None and isinstance(value, str):
            yield _DigestString(at(text.path, json_pointer("rootfs", "diff_ids", place)), value)


def cause_of(value: JsonValue) -> str:
    """Why nothing can be compared with a digest: the clause that it breaks; empty if it breaks none."""
    if not isinstance(value, str):
        return "depends-on: descriptor.digest.required"
    digest = digests.parse(value)
    if digest is None:
        return "depends-on: descriptor.digest.grammar"
    return "" if digest.well_formed else f"depends-on: descriptor.{digest.algorithm}.encoded-form"
