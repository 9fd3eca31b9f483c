"""What was read of an image layout: plain data and no opinion (image-spec image-layout.md, layer.md).

Paths are relative to the layout, with slashes. `unseen` is empty or says why something was not read to its end, in the
words of a `not-testable` cause: `limit: ...` or `host: ...`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REGULAR = "a regular file"
DIRECTORY = "a directory"
MOST_NAMED = 100
"""So many places of one kind are named in the facts about a layer; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory of the layout: the root's own, and all below `blobs`.

    `kind` is REGULAR or DIRECTORY, also where a symbolic link within the layout leads to one; else words such as
    "a FIFO", "a symbolic link that leads out of the layout", "a symbolic link that leads nowhere".
    """

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where something was found in a tar archive: the first MOST_NAMED names, and how many there are in all."""

    names: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Tar:
    """A stream read as a tar archive (layer.md; POSIX.1-2001 ustar and pax, GNU tar).

    `problem` is the first fault of its form, with its offset in bytes; nothing behind it was looked at. `ended` says
    how it ended: "zero blocks", "one zero block" or "end of file". Names are normalized: no `./` before them, no
    slash behind them, no repeated slashes. `types` counts entries by their type flag, headers of pax and GNU left out.
    """

    entries: int = 0
    problem: str = ""
    ended: str = ""
    types: Mapping[str, int] = field(default_factory=dict)
    repeated: Places = Places()
    """Paths that have more than one entry."""
    sparse: Places = Places()
    whiteouts: Places = Places()
    """Entries whose basename begins with `.wh.`, but for the opaque ones."""
    opaque: Places = Places()
    """Entries whose basename is `.wh..wh..opq`."""
    late_whiteouts: Places = Places()
    """Those of `whiteouts` that stand behind an entry of the same directory that is no whiteout."""
    late_opaque: Places = Places()
    """Likewise those of `opaque`."""
    trailing: int = 0
    """Bytes other than zeros behind the end of the archive."""
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The bytes of a blob, decompressed if they are compressed.

    `compression` is what the bytes themselves show: "", "gzip" or "zstd". `members` counts gzip members or zstd
    frames. `digests` are those of the decompressed bytes (`ALGORITHM:HEX`), by algorithm: `sha256` always, others where
    a document asks for them; empty where they were not read to their end. `problem` says where and how the stream is
    broken (also what follows its end).
    """

    compression: str
    size: int
    digests: Mapping[str, str]
    tar: Tar
    members: int = 0
    problem: str = ""
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """`oci-layout` or `index.json`: its bytes, None if it is missing, no regular file, or `unseen`."""

    path: str
    kind: str
    data: bytes | None = None
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Blob:
    """A regular file at `blobs/ALGORITHM/ENCODED`.

    `size` and `digest` (`ALGORITHM:HEX`, of the algorithm that its directory names; empty for others than sha256 and
    sha512) are those of its bytes as read. `data` are its bytes where they may be a document: neither compressed nor
    tar, and within the limits; where a limit kept them out, `withheld` says which. `head` are the first 64 bytes.
    """

    path: str
    size: int
    digest: str
    head: bytes = b""
    data: bytes | None = None
    withheld: str = ""
    unpacked: Unpacked | None = None
    unseen: str = ""

    @property
    def named(self) -> str:
        """The digest that its path says."""
        algorithm, encoded = self.path.split("/")[1:]
        return f"{algorithm}:{encoded}"


@dataclass(frozen=True, slots=True)
class Layout:
    """An image layout as it was read; whether it is a valid one is for the clauses to judge.

    `form` is "directory", "tar", "tar+gzip" or "tar+zstd". `blobs` are by the digest that their path says. `unseen`
    says why not all of its files are known.
    """

    path: str
    form: str
    entries: tuple[Entry, ...]
    oci_layout: File
    index: File
    blobs: Mapping[str, Blob]
    unseen: str = ""
