"""What `--oci-layout` names: a directory or a tar archive, told by its bytes, and anything else refused in one line."""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.targets.layout.tar import BLOCK, is_tar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

DIRECTORY_FORM = "directory"
TAR = "tar"
COMPRESSIONS = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
OTHERS = (
    (b"PK\x03\x04", "a zip archive", "unpack it and give the directory"),
    (b"PK\x05\x06", "an empty zip archive", "give the directory of a layout, or a tar archive"),
    (b"BZh", "bzip2 data", "decompress it first"),
    (b"\xfd7zXZ\x00", "xz data", "decompress it first"),
    (b"\x04\x22\x4d\x18", "lz4 data", "decompress it first"),
    (b"hsqs", "a squashfs image", "give the directory of a layout, or a tar archive"),
    (b"\x7fELF", "a program", "give the directory of a layout, or a tar archive"),
)
"""Files that are taken for layouts now and then: how they begin, what they are, and what to do."""
KNOWN_NAMES = frozenset(("oci-layout", "index.json", "blobs"))
"""What an image layout consists of (image-layout.md, Content); each of them may be missing in a faulty one."""
WANTED = "a layout is a directory, or a tar archive plain, gzip or zstd"

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISREG, "a regular file"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISLNK, "a symbolic link"),
)


class LayoutError(ValueError):
    """The path is no image layout at all; the text is one line that says what it is and how to mend it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layout is: `form` as in Layout, and for an archive an open descriptor, else -1. Close it."""

    path: Path
    form: str
    descriptor: int = -1

    @property
    def compression(self) -> str:
        """How the archive is compressed: "", "gzip" or "zstd"."""
        return self.form.partition("+")[2]

    def close(self) -> None:
        """Close the descriptor."""
        if self.descriptor >= 0:
            os.close(self.descriptor)


def open_source(path: Path) -> Source:
    """Find out what is at a path, without ever waiting for it. Raises LayoutError."""
    try:
        # Files that act when they are opened (a tape rewinds) are turned away first; the descriptor is asked again.
        status = os.stat(path)  # noqa: PTH116 - as below
        if stat.S_ISDIR(status.st_mode):
            return Source(path, DIRECTORY_FORM)
        _require_regular(path, status)
        descriptor = os.open(path, reading_flags())
    except OSError as error:
        raise LayoutError(f"{shown(path)} cannot be opened: {words(error)}; {WANTED}") from None
    except LayoutError:
        raise
    except ValueError as error:  # a NUL in the path
        raise LayoutError(f"{os.fspath(path)!r} is no path: {error}") from None
    try:
        _require_regular(path, os.fstat(descriptor))
        return Source(path, _form(path, os.read(descriptor, BLOCK)), descriptor)
    except OSError as error:
        os.close(descriptor)
        raise LayoutError(f"{shown(path)} cannot be read: {words(error)}") from None
    except LayoutError:
        os.close(descriptor)
        raise


def require_layout(path: Path, form: str, names: Collection[str], inner: Iterable[str]) -> None:
    """Refuse what has nothing of a layout at its top: raises LayoutError.

    `names` are all at the top, `inner` those of directories there that look like layouts themselves. Newer archives
    of `docker save` hold a manifest.json beside the layout that they are; older ones hold no layout.
    """
    if "manifest.json" in names and not {"oci-layout", "index.json"} & set(names):
        raise LayoutError(_docker_words(path, form))
    if KNOWN_NAMES & set(names):
        return
    nested = next(iter(sorted(inner)), None)
    if nested is not None and form == DIRECTORY_FORM:
        raise LayoutError(f"{shown(path)} holds a layout in {shown(nested)}: give {shown(os.path.join(path, nested))}")  # noqa: PTH118
    if nested is not None:
        made = f"tar -C {shlex.quote(nested)} -cf FILE ."
        raise LayoutError(
            f"{shown(path)} holds a layout in its directory {shown(nested)}, not at its top: "
            f"unpack it and give the directory, or make the archive with `{made}`"
        )
    what = "a directory" if form == DIRECTORY_FORM else f"a {form} archive"
    raise LayoutError(f"{shown(path)} is {what} without oci-layout, index.json and blobs: no image layout")


def kind_of(mode: int) -> str:
    """What a file is, by its mode, in the words of Entry."""
    return next((name for test, name in _KINDS if test(mode)), "a file of unknown kind")


def reading_flags() -> int:
    """Flags to open a regular file with: never a wait, a link, a terminal of ours; those that this system has."""
    names = ("O_BINARY", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC")
    return os.O_RDONLY | sum(getattr(os, name, 0) for name in names)


def words(error: OSError) -> str:
    """What the system says is wrong."""
    return error.strerror or str(error)


def shown(path: str | os.PathLike[str]) -> str:
    """A path within one line of text."""
    text = os.fspath(path)
    return text if text.isprintable() else repr(text)


def _require_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise LayoutError(f"{shown(path)} is {kind_of(status.st_mode)}; {WANTED}")


def _form(path: Path, head: bytes) -> str:
    if not head:
        raise LayoutError(f"{shown(path)} is empty; {WANTED}")
    for name, magic in COMPRESSIONS.items():
        if head.startswith(magic):
            return f"{TAR}+{name}"
    for magic, what, mend in OTHERS:
        if head.startswith(magic):
            raise LayoutError(f"{shown(path)} is {what}: {mend}")
    if is_tar(head):
        return TAR
    if head.lstrip()[:1] == b"{":
        raise LayoutError(f"{shown(path)} looks like a JSON document: give the layout, not a file of it")
    raise LayoutError(f"{shown(path)} is no tar archive; {WANTED}")


def _docker_words(path: Path, form: str) -> str:
    if form == DIRECTORY_FORM:
        return (
            f"{shown(path)} is no OCI layout but an archive of `docker save`, unpacked, or a `dir:` of skopeo: "
            "convert what it was made from with `skopeo copy docker-archive:FILE oci:DIR:REF`"
        )
    file = shlex.quote(os.fspath(path))
    return (
        f"{shown(path)} is no OCI layout but an archive of an older `docker save`: "
        f"convert it with `skopeo copy docker-archive:{file} oci:DIR:REF`, then give --oci-layout=DIR"
    )
