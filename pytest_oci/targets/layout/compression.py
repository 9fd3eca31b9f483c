"""Compressed streams, unpacked piece by piece: gzip (RFC 1952) and zstd (RFC 8878).

What an inflater hands out at once is bounded, however much a stream expands. gzip needs nothing but the standard
library and is about twice as fast with the extra `fast`; zstd needs Python 3.14 or the extra `zstd`.
"""

from __future__ import annotations

import functools
import importlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, KIB, reached

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pytest_oci.targets.layout.limits import LayoutLimits

PIECE = 256 * KIB
"""So many bytes are handed out at once (of zstd a block more): few enough to stay in a processor's cache meanwhile."""
GZIP_ENGINES: tuple[str, ...] = ("isal.isal_zlib", "zlib_ng.zlib_ng", "zlib")
"""Modules with the interface of zlib, the fastest first."""
ZSTD_ENGINES: tuple[str, ...] = ("compression.zstd", "backports.zstd", "zstandard")
NO_ZSTD = "host: reading zstd needs Python 3.14, or pip install 'pytest-oci[zstd]'"

MAGIC_BYTES = 4
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC = b"\x2a\x4d\x18"
"""What follows the first byte of a skippable zstd frame, which is 0x50 to 0x5f."""


class Inflater(Protocol):
    """A compressed stream that is being unpacked.

    `members` counts the gzip members or zstd frames that are complete. `problem` says where and how the stream is
    broken, or what follows its end; `unseen` why it was not unpacked. `whole` holds where all that the stream stands
    for has been handed out.
    """

    members: int
    problem: str
    unseen: str
    whole: bool

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes of the stream and yield what they unpack to; the iterator has to be used up."""

    def finish(self) -> None:
        """Take note that the stream is at its end."""


def compression_of(opening: bytes) -> str:
    """The compression that the first MAGIC_BYTES of a stream show: "", "gzip" or "zstd"."""
    if opening.startswith(GZIP_MAGIC):
        return "gzip"
    return "zstd" if opening.startswith(ZSTD_MAGIC) or _is_skippable(opening) else ""


def _is_skippable(opening: bytes) -> bool:
    return opening[1:MAGIC_BYTES] == SKIPPABLE_MAGIC and opening[0] >> 4 == 5


def inflater_for(compression: str, limits: LayoutLimits = DEFAULT_LIMITS) -> Inflater | None:
    """What unpacks such a stream; None where this Python cannot (see NO_ZSTD)."""
    if compression == "gzip":
        return GzipInflater(engine(GZIP_ENGINES), limits.tar_header_bytes)
    module = engine(ZSTD_ENGINES)
    return ZstdInflater(module, limits.window_bytes) if module else None


@functools.cache
def engine(names: tuple[str, ...]) -> Any:
    """The first of these modules that can be imported, else None."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


@dataclass(slots=True)
class _Rest:
    """What follows the end of a compressed stream."""

    start: int
    size: int = 0
    zeros: int = 0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.zeros += data.count(0)

    def in_words(self, compression: str) -> str:
        kind = "zero bytes" if self.zeros == self.size else "bytes"
        return f"{self.size} {kind} follow the end of the {compression} data, from byte {self.start} on"


BARE_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""A gzip header without anything optional."""
HEADER_CRC, EXTRA, NAME, COMMENT, RESERVED = 2, 4, 8, 16, 0xE0
"""Flags in it, which say that the field of that name follows it (RFC 1952, 2.3)."""
FIRST_STEP = 4 * KIB
LAST_STEP = 1024 * KIB


class GzipInflater:
    """gzip of any number of members, of each of which CRC-32 and length are verified."""

    def __init__(self, module: Any, most_header: int) -> None:
        self._engine = module
        self._most_header = most_header
        self.members = 0
        self.problem = ""
        self.unseen = ""
        self.whole = False
        self._member: Any = None
        self._start = 0
        """Of the member that is being unpacked, or was last."""
        self._step = FIRST_STEP
        self._taken = 0
        self._pending = b""
        """What was taken last, as long as it is only a part of a header."""
        self._rest: _Rest | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes of the stream."""
        data, offset = self._pending + chunk, self._taken - len(self._pending)
        self._taken += len(chunk)
        self._pending = b""
        place = 0
        while place < len(data) and not (self.problem or self.unseen or self._pending):
            if self._rest is not None:
                self._rest.add(data[place:])
                place = len(data)
            elif self._member is not None:
                place = yield from self._unpack(memoryview(data), place)
            elif data.startswith(GZIP_MAGIC, place) or data[place:] == GZIP_MAGIC[:1]:
                self._start = offset + place
                place = self._open(data, place)
            else:
                self._rest = _Rest(offset + place)

    def _open(self, data: bytes, place: int) -> int:
        """Begin a member; return the place behind its header, of which an engine need not see what is optional.

        Engines are not of one mind about invalid headers, and igzip about headers that come in portions.
        """
        after = _after_gzip_header(data, place)
        if after < 0:
            self._break("its header is invalid")
        elif after - place > self._most_header or (not after and len(data) - place > self._most_header):
            self.unseen = reached("tar-header-bytes", self._most_header)
        elif after:
            self._member, self._step = self._engine.decompressobj(31), FIRST_STEP
            self._member.decompress(BARE_HEADER)
        else:
            self._pending = data[place:]
        return after

    def _unpack(self, data: memoryview, place: int) -> Generator[bytes, None, int]:
        """Unpack the member from this place on; return the place up to which the data have been used."""
        member, piece = self._member, b""
        # Steps grow from small ones because an engine copies what it does not use, which may be most of the data.
        while place < len(data) or len(piece) == PIECE:
            given = data[place : place + self._step]
            try:
                piece = member.decompress(given, PIECE)
            except self._engine.error as error:
                wrong = "its CRC-32 or its length is" if "check" in str(error) else "its deflate data are"
                self._break(f"{wrong} wrong")
                break
            place += len(given) - len(member.unused_data if member.eof else member.unconsumed_tail)
            if piece:
                yield piece
            if member.eof:
                self._member = None
                self.members += 1
                break
            self._step = min(2 * self._step, LAST_STEP)
        return place

    def _break(self, words: str) -> None:
        self.problem = f"the gzip member that begins at byte {self._start} is broken: {words}"

    def finish(self) -> None:
        """Take note that the stream is at its end."""
        if self.problem or self.unseen:
            return
        if self._member is not None or len(self._pending) > 1:
            self.problem = f"the gzip member that begins at byte {self._start} is cut off at byte {self._taken}"
            return
        self.whole = True
        if self._pending:
            self._rest = _Rest(self._start)
            self._rest.add(self._pending)
        if self._rest:
            self.problem = self._rest.in_words("gzip")


def _after_gzip_header(data: bytes, place: int) -> int:
    """The place behind the header that begins here; 0 if it is not all there, -1 if it is invalid (RFC 1952, 2.3)."""
    flags = data[place + 3] if len(data) > place + 3 else 0
    if data[place + 2 : place + 3] not in (b"", BARE_HEADER[2:3]) or flags & RESERVED:
        return -1
    after = place + len(BARE_HEADER)
    if flags & EXTRA:
        after += 2 + int.from_bytes(data[after : after + 2], "little")
    for flag in (NAME, COMMENT):
        if flags & flag:
            after = data.find(0, after) + 1
            if not after:
                return 0
    if flags & HEADER_CRC:
        crc = data[after : after + 2]
        if len(crc) == 2 and int.from_bytes(crc, "little") != zlib.crc32(data[place:after]) & 0xFFFF:
            return -1
        after += 2
    return after if after <= len(data) else 0


LARGEST_BLOCK = 128 * KIB
"""Of the unpacked content of a zstd block (RFC 8878, 3.1.1.2.4)."""
RAW, RLE, COMPRESSED = 0, 1, 2
"""Types of zstd blocks. The headers of the first two say the size of what they unpack to."""
MOST_FRAME_HEADER, SKIPPABLE_HEADER, BLOCK_HEADER, CHECKSUM = 18, 8, 3, 4
"""Bytes of parts of zstd frames."""


@dataclass(frozen=True, slots=True)
class _FrameHeader:
    """What is needed of the header of a zstd frame (RFC 8878, 3.1.1.1)."""

    size: int
    window: int
    checksum: bool
    content: int | None
    """Size of what the frame unpacks to, if it says that."""


def _frame_header(data: bytes) -> _FrameHeader | None:
    """The header of the frame that begins here; None if it does not end here. It has at most 18 bytes."""
    if len(data) <= len(ZSTD_MAGIC):
        return None
    descriptor = data[4]
    single = descriptor >> 5 & 1
    content_size_bytes = (single, 2, 4, 8)[descriptor >> 6]
    size = 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3] + content_size_bytes
    if len(data) < size:
        return None
    content = None
    if content_size_bytes:
        # Two bytes hold what one cannot.
        more = 256 if content_size_bytes == 2 else 0
        content = int.from_bytes(data[size - content_size_bytes : size], "little") + more
    window = content or 0
    if not single:
        base = 1 << 10 + (data[5] >> 3)
        window = base + base // 8 * (data[5] & 7)
    return _FrameHeader(size, window, bool(descriptor >> 2 & 1), content)


class ZstdInflater:
    """zstd of any number of frames, skippable ones among them; checksums are verified where frames have them.

    Frames are followed block by block, because not every module bounds what it unpacks at once, or says where a
    stream breaks off; and libzstd sees some faults only if a frame comes in one portion.
    """

    def __init__(self, module: Any, most_window: int) -> None:
        self._decoder = _zstd_decoder(module, most_window)
        self._error: type[Exception] = module.ZstdError
        self._most_window = most_window
        self.members = 0
        self.problem = ""
        self.unseen = ""
        self.whole = False
        self._start = 0
        """Of the frame that is being followed, or was last."""
        self._inside = False
        self._decode: Callable[[bytes], bytes] | None = None
        self._checksum = False
        self._content: int | None = None
        self._made = 0
        """Bytes that came out of the frame."""
        self._last_block = False
        self._left = 0
        """Of what follows the header of a block, or of a skippable frame."""
        self._expected = 0
        """Most bytes that can come out of what was not decoded yet."""
        self._taken = 0
        self._pending = b""
        self._rest: _Rest | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes of the stream."""
        data, offset = self._pending + chunk, self._taken - len(self._pending)
        self._taken += len(chunk)
        place = decoded = 0
        while place < len(data):
            after = self._follow(data, place, offset)
            if self.problem or self.unseen or after == place:
                break
            place = after
            if self._last_block and not self._left:
                yield from self._decoded(data[decoded:place])
                self._close()
                decoded = place
            elif self._expected >= PIECE:
                yield from self._decoded(data[decoded:place])
                decoded = place
        yield from self._decoded(data[decoded:place])
        self._pending = data[place:]

    def _follow(self, data: bytes, place: int, offset: int) -> int:
        """Follow the stream for one step; return the place behind it, or the same one if more bytes are needed."""
        if self._rest is not None:
            self._rest.add(data[place:])
            return len(data)
        if self._left:
            step = min(self._left, len(data) - place)
            self._left -= step
            return place + step
        return self._block(data, place) if self._inside else self._open(data, place, offset)

    def _open(self, data: bytes, place: int, offset: int) -> int:
        """Begin a frame; where none begins, the stream is at its end."""
        opening = data[place : place + MOST_FRAME_HEADER]
        if len(opening) < MAGIC_BYTES:
            return place
        if _is_skippable(opening):
            if len(opening) < SKIPPABLE_HEADER:
                return place
            self._start, self._inside, self._last_block = offset + place, True, True
            self._left = int.from_bytes(opening[MAGIC_BYTES:SKIPPABLE_HEADER], "little")
            return place + SKIPPABLE_HEADER
        if not opening.startswith(ZSTD_MAGIC):
            self._rest = _Rest(offset + place)
            return self._follow(data, place, offset)
        header = _frame_header(opening)
        if header is None:
            return place
        if header.window > self._most_window:
            self.unseen = reached("window-bytes", self._most_window)
            return place
        self._start, self._inside, self._checksum = offset + place, True, header.checksum
        self._decode, self._content, self._made = self._decoder(), header.content, 0
        return place + header.size

    def _block(self, data: bytes, place: int) -> int:
        """Begin a block."""
        if len(data) - place < BLOCK_HEADER:
            return place
        header = int.from_bytes(data[place : place + BLOCK_HEADER], "little")
        self._last_block, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
        if kind == COMPRESSED and not size:
            self._break()
        self._left = 1 if kind == RLE else size
        if self._last_block and self._checksum:
            self._left += CHECKSUM
        self._expected += size if kind in (RAW, RLE) else LARGEST_BLOCK
        return place + BLOCK_HEADER

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        self._expected = 0
        if not data or self._decode is None or self.problem:
            return
        try:
            piece = self._decode(data)
        except self._error:
            self._break()
            return
        self._made += len(piece)
        if piece:
            yield piece

    def _break(self) -> None:
        self.problem = f"the zstd frame that begins at byte {self._start} is broken"

    def _close(self) -> None:
        if self._decode is not None and self._content not in (None, self._made):
            self._break()
        self.members += self._decode is not None and not self.problem
        self._inside, self._last_block, self._decode = False, False, None

    def finish(self) -> None:
        """Take note that the stream is at its end."""
        if self.problem or self.unseen:
            return
        if self._inside or self._pending.startswith(ZSTD_MAGIC) or _is_skippable(self._pending):
            start = self._start if self._inside else self._taken - len(self._pending)
            self.problem = f"the zstd frame that begins at byte {start} is cut off at byte {self._taken}"
            return
        self.whole = True
        if self._pending:
            self._rest = _Rest(self._taken - len(self._pending))
            self._rest.add(self._pending)
        if self._rest:
            self.problem = self._rest.in_words("zstd")


def _zstd_decoder(module: Any, most_window: int) -> Callable[[], Callable[[bytes], bytes]]:
    """What makes a function that decodes one frame, with one of ZSTD_ENGINES."""
    if module.__name__ == "zstandard":
        context = module.ZstdDecompressor(max_window_size=most_window)
        return lambda: context.decompressobj().decompress
    options = {module.DecompressionParameter.window_log_max: (most_window - 1).bit_length()}
    return lambda: module.ZstdDecompressor(options=options).decompress
