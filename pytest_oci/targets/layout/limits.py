"""What reading a layout may cost. Each limit has the name by which `--oci-limit=NAME=NUMBER` sets it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KIB, MIB, GIB = 1024, 1024**2, 1024**3


class LimitNameError(ValueError):
    """No such limit, or no such number; the text is one line."""


@dataclass(frozen=True, slots=True)
class LayoutLimits:
    """Most bytes, values, entries and seconds. The defaults leave room for every image in honest use."""

    document_bytes: int = 16 * MIB
    """Of one JSON document."""
    documents_bytes: int = 256 * MIB
    """Of all blobs that are kept because they may be documents."""
    json_depth: int = 512
    json_values: int = 500_000
    """In one document."""
    manifests: int = 20_000
    """Manifests and indexes that are judged."""
    index_depth: int = 16
    """Indexes within indexes."""
    files: int = 200_000
    """Files and directories of the layout."""
    blob_bytes: int = 64 * GIB
    """Of one blob, as it lies in the layout."""
    unpacked_bytes: int = 64 * GIB
    """Of one blob, decompressed."""
    unpacked_ratio: int = 250
    """Decompressed bytes to each compressed one, beyond the first GiB."""
    window_bytes: int = 128 * MIB
    """Of what a zstd frame asks to be kept in memory while it is decompressed."""
    tar_entries: int = 2_000_000
    """In one layer."""
    tar_header_bytes: int = 1 * MIB
    """Of one extended header (PAX records, GNU long names), and of the header of a gzip member."""
    seconds: int = 3600
    """For reading the whole layout."""

    def with_given(self, given: Iterable[str]) -> LayoutLimits:
        """The limits with some set anew by NAME=NUMBER, dashes in the names. Raises LimitNameError."""
        known = {field.name.replace("_", "-"): field.name for field in fields(self)}
        changed: dict[str, int] = {}
        for text in given:
            name, _, number = text.partition("=")
            if name not in known:
                raise LimitNameError(f"{text}: no such limit; known are {', '.join(known)}")
            if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**63):
                raise LimitNameError(f"{text}: has to be NAME=NUMBER, the number a positive integer")
            changed[known[name]] = int(number)
        return replace(self, **changed)


DEFAULT_LIMITS = LayoutLimits()


def reached(name: str, value: int) -> str:
    """The cause of `not-testable` where this limit was reached."""
    return f"limit: {name}={value} was reached; --oci-limit={name}=NUMBER sets it"
