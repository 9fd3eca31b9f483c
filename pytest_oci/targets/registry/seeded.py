"""What a vendor says a registry holds to which nothing can be pushed: a TOML file, checked in full when it is read."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.runtime import TargetError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 20
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}")
TEXTS = ("repository", "tag", "digest")


@dataclass(frozen=True, slots=True)
class SeededPart:
    """A blob or manifest that is there: what is known of it without its bytes."""

    digest: str
    size: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class SeededImage:
    """A manifest under a tag, and blobs and manifests that refer to it in the same repository."""

    repository: str
    tag: str
    manifest: SeededPart
    blobs: tuple[SeededPart, ...]
    referrers: tuple[SeededPart, ...] = ()


def read_seeded(path: Path) -> tuple[SeededImage, ...]:
    """The images in a file. Raises TargetError in one line that says how to mend it.

    Each `[[image]]` has `repository`, `tag`, `digest` and `size` of its manifest, `media-type` where that is no OCI
    image manifest, and `blobs`, tables of `digest` and `size`. It may have `referrers`, tables of the same and
    `media-type`.
    """
    try:
        with path.open("rb") as file:
            document = tomllib.loads(file.read(LARGEST).decode("utf-8"))
    except OSError as error:
        raise TargetError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise TargetError(f"{path} is no TOML: {error}") from None
    images = document.get("image")
    if not isinstance(images, list) or not images or document.keys() != {"image"}:
        raise TargetError(f"{path} has to hold [[image]] tables and nothing else")
    return tuple(_image(image, f"{path}: image {number}") for number, image in enumerate(images, 1))


def _image(image: Any, where: str) -> SeededImage:
    if not isinstance(image, dict) or not all(isinstance(image.get(name), str) and image[name] for name in TEXTS):
        raise TargetError(f"{where} needs {', '.join(TEXTS)}, all texts")
    unknown = sorted(image.keys() - {*TEXTS, "size", "media-type", "blobs", "referrers"})
    if unknown:
        raise TargetError(f"{where} has {unknown[0]}, which means nothing")
    blobs, referrers = image.get("blobs"), image.get("referrers", [])
    if not isinstance(blobs, list) or not blobs:
        raise TargetError(f"{where} needs blobs, a list of digest and size")
    if not isinstance(referrers, list):
        raise TargetError(f"{where} has referrers that are no list of digest and size")
    return SeededImage(
        image["repository"],
        image["tag"],
        _manifest(image, where),
        tuple(SeededPart(*_checked(blob, f"{where}, blob {number}")) for number, blob in enumerate(blobs, 1)),
        tuple(_manifest(one, f"{where}, referrer {number}") for number, one in enumerate(referrers, 1)),
    )


def _manifest(table: Any, where: str) -> SeededPart:
    digest, size = _checked(table, where)
    media_type = table.get("media-type", MANIFEST)
    if not isinstance(media_type, str):
        raise TargetError(f"{where} has a media-type that is no text")
    return SeededPart(digest, size, media_type)


def _checked(table: Any, where: str) -> tuple[str, int]:
    digest, size = (table.get("digest"), table.get("size")) if isinstance(table, dict) else (None, None)
    if not isinstance(digest, str) or DIGEST.fullmatch(digest) is None:
        raise TargetError(f"{where} needs a digest, sha256 or sha512")
    if type(size) is not int or size < 0:
        raise TargetError(f"{where} needs a size, a number of bytes")
    return digest, size
