"""A tar archive, followed header by header as its bytes pass by; contents are skipped and nothing is extracted.

Understood are the v7 format, ustar and pax of POSIX.1-2001, that of star, and GNU's with its long names, large numbers
and sparse files. What contradicts these formats is a problem; where they leave room, or common programs agree on
reading something, it is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from zlib import adler32

from pytest_oci.targets.layout.facts import MOST_NAMED, Places, Tar
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, reached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_oci.targets.layout.limits import LayoutLimits

BLOCK = 512
ZEROS = bytes(BLOCK)
ROOTS = frozenset({b"", b".", b"/"})
WHITEOUT = b".wh."
OPAQUE = b".wh..wh..opq"

USTAR, GNU = b"ustar\0", b"ustar  \0"
MAGIC_AT, PREFIX_AT = 257, 345
PREFIX, STAR_PREFIX, STAR_MAGIC = slice(345, 500), slice(345, 476), (slice(508, 512), b"tar\0")
SIZE, CHECKSUM = slice(124, 136), slice(148, 156)
CHECKSUM_AS_SPACES = 8 * ord(" ")
NUMBERS = {"mode": slice(100, 108), "uid": slice(108, 116), "gid": slice(116, 124), "mtime": slice(136, 148)}
"""Numeric fields on which the walk itself does not depend."""
DEVICE_NUMBERS = {"devmajor": slice(329, 337), "devminor": slice(337, 345)}
"""Defined for devices alone."""
TYPE = 156

WITHOUT_CONTENT = frozenset(b"123456")
DEVICES = frozenset(b"34")
SPARSE, LABEL, GLOBAL, LONG_NAME, LONG_LINK = b"SVgLK"
"""LABEL is the header of a GNU volume, whose name is no path."""
EXTENSIONS = frozenset(b"xXgLK")
"""Headers about the entry behind them (`g`: about all entries behind it). Solaris writes X for x."""

SPARSE_MAP, SPARSE_EXTENSION_MAP = range(386, 482, 12), range(0, 504, 12)
"""Where numbers of the map of a GNU sparse file begin, in its header and in the blocks that extend the header; behind
each stands whether a further block follows."""

_usual_numbers = re.compile(rb"(?:[0-7]{7}[\0 ]){3}([0-7]{11})[\0 ][0-7]{11}[\0 ]([0-7]{6})\0 ").match
"""The numeric fields as most programs write them, which are so checked at once."""
_octal = re.compile(rb"[\0 ]*([0-7]*)(?:\0.*|[\0 ]*)", re.DOTALL).fullmatch
_without_dots = re.compile(rb"(?:\./)*(.*)", re.DOTALL).sub
_whole, _signed, _time = (re.compile(form).fullmatch for form in (rb"[0-9]+", rb"-?[0-9]+", rb"-?[0-9]+(\.[0-9]*)?"))
PAX_NUMBERS = {b"size": _whole, b"uid": _signed, b"gid": _signed, b"mtime": _time, b"atime": _time, b"ctime": _time}
PAX_PATHS = frozenset({b"path", b"linkpath", b"GNU.sparse.name"})
PAX_SPARSE = b"GNU.sparse."
PAX_XATTRS = (b"SCHILY.xattr.", b"LIBARCHIVE.xattr.")
MOST_DIGITS = 20
MOST_WHOLE_KEY = 62


class _FaultError(Exception):
    """The form of the archive is broken; the text says how."""


class _LimitError(Exception):
    """A limit was reached; the text is the cause."""


@dataclass(slots=True)
class _Names:
    """Places as they are found."""

    names: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, name: bytes) -> None:
        self.count += 1
        if len(self.names) < MOST_NAMED:
            self.names.append(name.decode("utf-8", "backslashreplace"))

    def places(self) -> Places:
        return Places(tuple(self.names), self.count)


class TarWalk:
    """Takes the bytes of an archive in any portions and gathers the facts about it.

    Of each path 62 bytes or less are kept, so that a million entries take at most 130 MB.
    """

    def __init__(self, limits: LayoutLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._stopped = False
        self._ended = ""
        self._problem = ""
        self._unseen = ""
        self._trailing = 0

        self._read: Callable[[bytes], int] = self._header
        """Takes the next `_need` bytes and returns how many are to be skipped behind them."""
        self._need = BLOCK
        self._rest = b""
        self._skip = 0
        self._taken = 0
        self._place = 0
        """Of what is being read, from the start of the archive."""

        self._header_place = 0
        self._extension = (0, 0)
        """Type and size of the extended header whose content is awaited."""
        self._extended_at = -1
        """Where the first extended header stands whose entry did not come yet."""
        self._long_name: bytes | None = None
        self._pax: dict[bytes, bytes] = {}
        self._global: dict[bytes, bytes] = {}
        self._is_special = False
        """Whether any of these three says something."""
        self._doubtful = 0
        """Bytes that the entry before may have as content, though entries of its type have none."""
        self._content = 0
        """Bytes behind the extensions of a sparse header."""

        self._entries = 0
        self._types: dict[int, int] = {}
        self._paths: set[bytes] = set()
        self._repeated_paths: set[bytes] = set()
        self._directory: bytes | None = None
        self._populated: set[bytes] = set()
        self._repeated, self._sparse, self._whiteouts = _Names(), _Names(), _Names()
        self._opaque, self._late_whiteouts, self._late_opaque = _Names(), _Names(), _Names()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the archive."""
        if self._stopped:
            return
        if self._ended:
            self._trailing += len(chunk) - chunk.count(0)
            return
        start = self._taken - len(self._rest)
        self._taken += len(chunk)
        if self._rest:
            chunk = self._rest + chunk
        size, at = len(chunk), self._skip
        try:
            while at + self._need <= size and not self._ended:
                self._place = start + at
                unit = chunk[at : at + self._need]
                at += self._need
                at += self._read(unit)
        except _FaultError as fault:
            self._problem, self._stopped = str(fault), True
        except _LimitError as limit:
            self._unseen, self._stopped = str(limit), True
        self._rest, self._skip = chunk[at:], max(0, at - size)
        if self._ended:
            self._trailing += len(self._rest) - self._rest.count(0)
            self._rest = b""

    def finish(self, *, whole: bool = True) -> Tar:
        """The facts. `whole` says whether the archive has been fed to its end."""
        if whole and not self._stopped and not self._ended:
            self._end()
        return Tar(
            entries=self._entries,
            problem=self._problem,
            ended=self._ended,
            types={chr(kind): count for kind, count in sorted(self._types.items())},
            repeated=self._repeated.places(),
            sparse=self._sparse.places(),
            whiteouts=self._whiteouts.places(),
            opaque=self._opaque.places(),
            late_whiteouts=self._late_whiteouts.places(),
            late_opaque=self._late_opaque.places(),
            trailing=self._trailing,
            unseen=self._unseen,
        )

    def _end(self) -> None:
        """The archive ends where no block of zeros, or only one, has said so."""
        rest = self._taken - len(self._rest)
        if self._read == self._second_zero_block:
            self._ended = "one zero block"
            self._trailing = len(self._rest) - self._rest.count(0)
        elif self._skip or self._read != self._header:
            self._problem = f"the entry at byte {self._header_place} is cut off at byte {self._taken}"
        elif self._rest:
            self._problem = f"the header at byte {rest} is cut off at byte {self._taken}"
        elif self._extended_at >= 0:
            self._problem = f"no entry follows the extended header at byte {self._extended_at}"
        else:
            self._ended = "end of file"

    def _header(self, block: bytes) -> int:
        usual = _usual_numbers(block, 100)
        if usual is not None:
            size, stated = int(usual[1], 8), int(usual[2], 8)
        elif block == ZEROS:
            return self._first_zero_block()
        else:
            digits = _octal(block[CHECKSUM])
            stated = int(digits[1], 8) if digits and digits[1] else -1
        total = _sum(block)
        if total != stated and _signed_sum(block, total) != stated:
            return self._no_header(block)
        self._header_place, self._doubtful = self._place, 0
        if usual is None:
            size = self._checked_numbers(block)
        kind = block[TYPE]
        if kind in EXTENSIONS:
            return self._extended_header(kind, size)
        self._entries += 1
        if self._entries > self._limits.tar_entries:
            self._entries -= 1
            raise _LimitError(reached("tar-entries", self._limits.tar_entries))
        self._types[kind] = self._types.get(kind, 0) + 1

        end = block.find(0, 0, 100)
        path = block[:end] if end >= 0 else block[:100]
        magic = block[MAGIC_AT : MAGIC_AT + len(GNU)]
        if block[PREFIX_AT] and magic.startswith(USTAR):
            path = _prefix(block) + b"/" + path
        if self._is_special:
            path, size = self._as_extended(path, size)
        if kind in DEVICES:
            self._check_numbers(block, DEVICE_NUMBERS)
        if kind != LABEL:
            self._note(path)
        if kind == SPARSE:
            self._sparse.add(_normal(path))
            if magic == GNU:
                return self._sparse_map(block, _padded(size))
        if kind in WITHOUT_CONTENT:
            self._doubtful = _padded(size)
            return 0
        return _padded(size)

    def _no_header(self, block: bytes) -> int:
        """The block is no header; it may be content of an entry that should have none, as some programs write it."""
        if self._doubtful:
            skip, self._doubtful = self._doubtful - BLOCK, 0
            return skip
        raise _FaultError(
            f"no header is at byte {self._place}: its checksum is given as {block[CHECKSUM]!r}, "
            f"and it adds up to {_sum(block):o} (octal)"
        )

    def _first_zero_block(self) -> int:
        if self._extended_at >= 0:
            raise _FaultError(f"no entry follows the extended header at byte {self._extended_at}")
        self._read = self._second_zero_block
        return 0

    def _second_zero_block(self, block: bytes) -> int:
        self._ended = "zero blocks" if block == ZEROS else "one zero block"
        self._trailing = BLOCK - block.count(0)
        return 0

    def _checked_numbers(self, block: bytes) -> int:
        """The size that a header says, where all of its numeric fields are well-formed."""
        self._check_numbers(block, NUMBERS)
        size = _number(block[SIZE])
        if size is None or size < 0:
            raise _FaultError(f"the header at byte {self._place} has {block[SIZE]!r} as size")
        return size

    def _check_numbers(self, block: bytes, fields: dict[str, slice]) -> None:
        for name, where in fields.items():
            if _number(block[where]) is None:
                raise _FaultError(f"the header at byte {self._place} has {block[where]!r} as {name}")

    def _sparse_map(self, block: bytes, content: int) -> int:
        """The map in a sparse header; blocks that extend it stand before the content."""
        self._check_map(block, SPARSE_MAP)
        if not block[SPARSE_MAP.stop]:
            return content
        self._content, self._read = content, self._sparse_extension
        return 0

    def _sparse_extension(self, block: bytes) -> int:
        self._check_map(block, SPARSE_EXTENSION_MAP)
        if block[SPARSE_EXTENSION_MAP.stop]:
            return 0
        self._read = self._header
        return self._content

    def _check_map(self, block: bytes, places: range) -> None:
        for place in places:
            number = block[place : place + places.step]
            if not number[0]:
                break
            if _number(number) is None:
                raise _FaultError(f"the sparse map at byte {self._place + place} has {number!r} as a number")

    def _extended_header(self, kind: int, size: int) -> int:
        if size > self._limits.tar_header_bytes:
            raise _LimitError(reached("tar-header-bytes", self._limits.tar_header_bytes))
        if kind != GLOBAL and self._extended_at < 0:
            self._extended_at = self._place
        self._extension = kind, size
        self._need, self._read = _padded(size), self._extension_content
        return 0

    def _extension_content(self, content: bytes) -> int:
        kind, size = self._extension
        content = content[:size]
        if kind == LONG_NAME:
            self._long_name = content.partition(b"\0")[0]
        elif kind == GLOBAL:
            self._global.update(self._records(content))
        elif kind != LONG_LINK:
            self._pax.update(self._records(content))
        self._is_special = True
        self._need, self._read = BLOCK, self._header
        return 0

    def _records(self, content: bytes) -> dict[bytes, bytes]:
        """What the walk needs of the records of an extended header; all of them are checked."""
        found: dict[bytes, bytes] = {}
        for place, key, value in _pax_records(content):
            wrong = ""
            if not key or b"\0" in key or key in PAX_XATTRS:
                wrong = "as its keyword"
            elif value and key in PAX_NUMBERS:
                wrong = "" if PAX_NUMBERS[key](value) else f"as {key.decode()}"
            elif key in PAX_PATHS and b"\0" in value:
                wrong = f"as {key.decode()}"
            if wrong:
                shown = value if key in PAX_NUMBERS or key in PAX_PATHS else key
                raise _FaultError(f"the pax record at byte {self._place + place} has {shown[:80]!r} {wrong}")
            if key in (b"path", b"size", b"GNU.sparse.name"):
                found[key] = value
            elif key.startswith(PAX_SPARSE):
                found[PAX_SPARSE] = b"yes"
        return found

    def _as_extended(self, path: bytes, size: int) -> tuple[bytes, int]:
        """Path and size of an entry by its header, and by the extended headers before it."""
        said = {key: value for key, value in (self._global | self._pax).items() if value}
        path = self._long_name or said.get(b"GNU.sparse.name") or said.get(b"path") or path
        size = int(said.get(b"size", size))
        if PAX_SPARSE in self._pax or b"GNU.sparse.name" in self._pax:
            self._sparse.add(_normal(path))
        self._long_name, self._pax, self._extended_at = None, {}, -1
        self._is_special = bool(self._global)
        return path, size

    def _note(self, path: bytes) -> None:
        """Take note of the path of an entry."""
        if path[:1] in b"./" or path[-1:] == b"/" or b"//" in path:
            path = _normal(path)
        key = _key(path)
        if key in self._paths:
            if key not in self._repeated_paths:
                self._repeated_paths.add(key)
                self._repeated.add(path)
        else:
            self._paths.add(key)
        slash = path.rfind(b"/")
        directory = path[:slash] if slash > 0 else b""
        if path.startswith(WHITEOUT, slash + 1):
            self._note_whiteout(
                path, directory, is_opaque=path.endswith(OPAQUE) and len(path) == slash + 1 + len(OPAQUE)
            )
        elif directory != self._directory and path not in ROOTS:
            self._directory = directory
            self._populated.add(_key(directory))

    def _note_whiteout(self, path: bytes, directory: bytes, *, is_opaque: bool) -> None:
        (self._opaque if is_opaque else self._whiteouts).add(path)
        if _key(directory) in self._populated:
            (self._late_opaque if is_opaque else self._late_whiteouts).add(path)


def is_tar(opening: bytes) -> bool:
    """Whether a stream begins as tar archives do: with a header, or, if it has no entries, with a block of zeros."""
    block = opening[:BLOCK]
    if len(block) < BLOCK or block == ZEROS:
        return len(block) == BLOCK
    digits = _octal(block[CHECKSUM])
    stated = int(digits[1], 8) if digits and digits[1] else -1
    total = _sum(block)
    return stated == total or stated == _signed_sum(block, total)


def _sum(block: bytes) -> int:
    """All bytes of a header added up, its checksum taken as spaces.

    Adler-32 has the sum of the bytes, plus one, in its lower half, as long as it is below 65521: so of 256 bytes. That
    is several times as fast as `sum`.
    """
    first, second, third = adler32(block[:148]), adler32(block[156:412]), adler32(block[412:])
    return (first & 0xFFFF) + (second & 0xFFFF) + (third & 0xFFFF) - 3 + CHECKSUM_AS_SPACES


def _signed_sum(block: bytes, total: int) -> int:
    """The same of signed bytes, as some old programs added them up."""
    return total - 256 * sum(byte > 127 for place, byte in enumerate(block) if not 148 <= place < 156)


def _number(data: bytes) -> int | None:
    """What a numeric field says: octal digits, or GNU's base-256; None if it is malformed."""
    if data[0] & 0x80:
        bits = 8 * len(data) - 1
        value = int.from_bytes(data, "big") & (1 << bits) - 1
        return value - (1 << bits) if data[0] & 0x40 else value
    digits = _octal(data)
    return int(digits[1] or b"0", 8) if digits else None


def _padded(size: int) -> int:
    return size + BLOCK - 1 & -BLOCK


def _prefix(block: bytes) -> bytes:
    """What ustar keeps of a path apart from the name; star has less room for it."""
    where, trailer = STAR_MAGIC
    return block[STAR_PREFIX if block[where] == trailer else PREFIX].partition(b"\0")[0]


def _normal(path: bytes) -> bytes:
    """A path without `./` before it, without slashes behind it, without repeated ones."""
    while b"//" in path:
        path = path.replace(b"//", b"/")
    bare = _without_dots(rb"\1", path, count=1)
    return bare.rstrip(b"/") or bare[:1] or b"."


def _key(path: bytes) -> bytes:
    """What stands for a path: itself, or 128 bits of its digest if that is shorter. No path has a zero byte in it."""
    return path if len(path) <= MOST_WHOLE_KEY else b"\0" + blake2b(path, digest_size=16).digest()


def _pax_records(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Place, keyword and value of each record (POSIX.1-2001, pax, "pax Extended Header"). Zeros may end them early."""
    place = 0
    while place < len(content):
        if not content[place] and not content[place:].strip(b"\0"):
            return
        space = content.find(b" ", place, place + MOST_DIGITS)
        digits = content[place : max(space, place)]
        end = place + int(digits) if digits.isdigit() else 0
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        if not equals or end > len(content) or content[end - 1 : end] != b"\n":
            raise _FaultError(f"a pax record is malformed: {content[place : place + 80]!r}")
        yield place, key, value
        place = end
