"""The entries of the tar archive in which a layout is carried: names, kinds, sizes (POSIX.1-2001 pax, ustar, GNU tar).

This is about the transport, of which the specification says nothing: it is read as every tar reads it. The tar
archives that layers are, and about which it says much, are followed by `tar.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pytest_oci.targets.layout.facts import DIRECTORY, REGULAR
from pytest_oci.targets.layout.limits import reached
from pytest_oci.targets.layout.members import UnseenError
from pytest_oci.targets.layout.tar import BLOCK, is_tar

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    "0": REGULAR,
    "\0": REGULAR,
    "7": REGULAR,
    "1": "a hard link",
    "2": "a symbolic link",
    "3": "a character device",
    "4": "a block device",
    "5": DIRECTORY,
    "6": "a FIFO",
    "S": "a sparse file",
}
REGULAR_KINDS = "0\0"
WITHOUT_DATA = "123456"
"""Types behind whose header no bytes stand, whatever size it says."""
LEADS_OUT = "a name that leads out of the layout"
OTHER_KIND = "a file of unknown kind"


class Feed(Protocol):
    """The bytes of an archive, from the first to the last."""

    offset: int

    def take(self, size: int) -> bytes:
        """The next bytes, fewer only where the archive ends. Raises UnseenError."""

    def skip(self, size: int) -> None:
        """Go over the next bytes. Raises UnseenError."""


@dataclass(frozen=True, slots=True)
class Header:
    """One entry: its normalized name, its kind as in Entry, and the size of the data behind it."""

    path: str
    kind: str
    size: int


@dataclass(slots=True)
class _Extended:
    """What the headers before an entry say about it."""

    name: bytes | None = None
    size: int | None = None
    records: dict[bytes, bytes] = field(default_factory=dict)


def headers(feed: Feed, most_extended: int) -> Iterator[Header]:
    """The entries; each one's data have to be taken or skipped, with the padding, before the next is asked for.

    `most_extended` is the limit tar-header-bytes. Raises UnseenError where the archive is broken.
    """
    said = _Extended()
    while True:
        offset = feed.offset
        block = feed.take(BLOCK)
        if len(block) == BLOCK and not any(block):
            return
        if offset and not block.strip(b"\0"):
            raise UnseenError("host: the archive ends without the blocks of zeros that say so: it may be cut off")
        if not is_tar(block):
            raise UnseenError(f"host: the archive is broken at byte {offset}: there is no header of an entry")
        kind = chr(block[156])
        size = _number(block[124:136], offset)
        if kind in "xgXLK":
            if size > most_extended:
                raise UnseenError(reached("tar-header-bytes", most_extended))
            data = feed.take(size)
            feed.skip(padding(size))
            if len(data) < size:
                raise UnseenError(f"host: the archive ends within the header at byte {offset}")
            _extend(said, kind, data, offset)
            continue
        yield _header(block, kind, size, said)
        said = _Extended()


def padding(size: int) -> int:
    """The bytes behind data of this size, up to the next block."""
    return -size % BLOCK


def normalized(name: str) -> str | None:
    """A name without `./`, repeated slashes and a slash at the end; None if it leads out of the layout."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return None if name.startswith("/") or ".." in parts else "/".join(parts)


def _header(block: bytes, kind: str, size: int, said: _Extended) -> Header:
    name = said.records.get(b"path", said.name)
    if name is None:
        name = block[:100].partition(b"\0")[0]
        prefix = block[345:500].partition(b"\0")[0]
        if prefix and block[257:263] == b"ustar\0":
            name = prefix + b"/" + name
    size = size if said.size is None else said.size
    size = 0 if kind in WITHOUT_DATA else size
    sparse = next((key for key in said.records if key.startswith(b"GNU.sparse.")), None)
    words = "a sparse file" if sparse else KINDS.get(kind, OTHER_KIND)
    text = said.records.get(b"GNU.sparse.name", name).decode("utf-8", "surrogateescape")
    if kind in REGULAR_KINDS and text.endswith("/"):  # how directories were written before there was a type for them
        words = DIRECTORY
    path = normalized(text)
    return Header(text, LEADS_OUT, size) if path is None else Header(path, words, size)


def _extend(said: _Extended, kind: str, data: bytes, offset: int) -> None:
    if kind == "L":
        said.name = data.partition(b"\0")[0]
    elif kind in "xX":
        said.records.update(_records(data, offset))
        if b"size" in said.records:
            said.size = _decimal(said.records[b"size"], offset)


def _records(data: bytes, offset: int) -> Iterator[tuple[bytes, bytes]]:
    """The records of a pax header (POSIX.1-2001): `LENGTH KEY=VALUE` and a newline each."""
    place = 0
    while place < len(data):
        blank = data.find(b" ", place, place + 20)
        length = _decimal(data[place:blank], offset) if blank > 0 else 0
        key, equals, value = data[blank + 1 : place + length].partition(b"=")
        if not (equals and value.endswith(b"\n") and place + length <= len(data)):
            raise UnseenError(f"host: the archive is broken at byte {offset}: its extended header is invalid")
        yield key, value[:-1]
        place += length


def _decimal(digits: bytes, offset: int) -> int:
    if not digits.isdigit() or len(digits) > 19:
        raise UnseenError(f"host: the archive is broken at byte {offset}: {digits[:20]!r} is no number")
    return int(digits)


def _number(text: bytes, offset: int) -> int:
    """A number of a header: octal, or binary as GNU tar writes large ones."""
    if text[0] & 0x80:
        value = int.from_bytes(text, "big") & ~(0x80 << 8 * (len(text) - 1))
        if text[0] & 0x40 or value >= 1 << 63:
            raise UnseenError(f"host: the archive is broken at byte {offset}: a size that cannot be")
        return value
    digits = text.strip(b" \0") or b"0"
    try:
        return int(digits, 8)
    except ValueError:
        raise UnseenError(f"host: the archive is broken at byte {offset}: {text!r} is no octal number") from None
