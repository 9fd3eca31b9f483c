"""An exact reader of JSON (RFC 8259): bytes in, and nothing of what they say is lost or mended.

`json.loads` drops duplicate members, takes `1.0`, `1e0` and `NaN` for numbers like any other, and breaks on
deep nesting. This reader reports duplicates and lone surrogates by JSON pointer, keeps the literal of every
number that is not a plain integer, and refuses what is no JSON with line and column. It does not recurse; what
a hostile document can make it do is bounded by `Limits`.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from pytest_oci.documents.findings import json_pointer

MIB = 1024 * 1024
LONGEST_NUMBER = 4096
ALWAYS_FINITE = 300
"""So many digits without an exponent are within the range of binary64."""
MOST_FINDINGS = 100
LONGEST_POINTER = 200


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is not written as a plain integer: `1.0`, `1e0`, or `-0`, by its literal."""

    literal: str

    @property
    def written_as_integer(self) -> bool:
        """Whether there is neither a fraction nor an exponent: true of `-0` alone."""
        return self.literal == "-0"

    def __str__(self) -> str:
        return self.literal


JsonValue: TypeAlias = "bool | int | Number | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A value tree. `int` is a number written as an integer, but for `-0`; a repeated member has its last value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost: bytes, levels of nesting, values in all."""

    size: int = 16 * MIB
    depth: int = 512
    values: int = 200_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON text as read.

    Pointers name each further occurrence of a member, and each string with a lone surrogate; a hundred at most.
    """

    root: JsonValue
    duplicates: tuple[str, ...] = ()
    lone_surrogates: tuple[str, ...] = ()
    byte_order_mark: bool = False


class DocumentError(ValueError):
    """The bytes could not be read; `line` and `column` count from 1, `pointer` names the innermost value."""

    def __init__(self, problem: str, line: int = 1, column: int = 1, pointer: str = "") -> None:
        self.problem = problem
        self.line = line
        self.column = column
        self.pointer = pointer if len(pointer) <= LONGEST_POINTER else f"{pointer[:LONGEST_POINTER]}…"
        place = f" in {self.pointer}" if pointer else ""
        super().__init__(f"line {line}, column {column}{place}: {problem}")


class NotUTF8Error(DocumentError):
    """The bytes are no UTF-8 text; the column counts bytes."""


class NotJSONError(DocumentError):
    """The text does not follow the grammar of RFC 8259."""


class LimitError(DocumentError):
    """The document may be right, but it is larger than what is read here."""


_SPACE = r"[ \t\n\r]*+"
_PLAIN = r'[^"\\\x00-\x1f]*+'
_STRING = rf'"{_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_PLAIN})*+"'
_VALUE = re.compile(
    rf"{_SPACE}(?:([\[{{])|({_STRING})|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)|(true|false|null))"
)
_OPENING, _TEXT, _NUMERAL = 1, 2, 3
_KEY = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:")
_DELIMITER = re.compile(rf"{_SPACE}([,\]}}])")
_CLOSING = re.compile(rf"{_SPACE}([\]}}])")
_BLANKS = re.compile(_SPACE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def read_json(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read one JSON text.

    Raises NotUTF8Error, NotJSONError or LimitError (all DocumentError). A byte order mark is reported, not refused.
    """
    if len(data) > limits.size:
        raise LimitError(f"{len(data)} bytes are more than the {limits.size} that are read")
    marked = data.startswith(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8-sig" if marked else "utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start + (3 if marked else 0)]
        line_start = before.rfind(b"\n") + 1
        byte = data[len(before)]
        raise NotUTF8Error(
            f"byte 0x{byte:02x} is no UTF-8: {error.reason}",
            before.count(b"\n") + 1,
            len(before) - line_start + 1,
        ) from None
    reader = _Reader(text, limits)
    return Document(reader.read(), tuple(reader.duplicates), tuple(reader.lone_surrogates), marked)


def plain(value: JsonValue) -> object:
    """The tree as `json.loads` would give it, for the models: every Number becomes int or float."""
    box: list[Any] = [value]
    pending: list[Any] = [box]
    while pending:
        container = pending.pop()
        places = range(len(container)) if isinstance(container, list) else list(container)
        for place in places:
            item = container[place]
            if isinstance(item, Number):
                container[place] = 0 if item.written_as_integer else float(item.literal)
            elif isinstance(item, (list, dict)):
                container[place] = copy = item.copy()
                pending.append(copy)
    return box[0]


class _Reader:
    """One pass over a text, with a stack of open containers instead of recursion."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.position = 0
        self.values = 0
        self.duplicates: list[str] = []
        self.lone_surrogates: list[str] = []
        self.open: list[list[JsonValue] | dict[str, JsonValue]] = []
        self.names: list[str] = []

    def read(self) -> JsonValue:
        """The root value; nothing but blanks may follow it."""
        root = value = self.value()
        while self.entered(value) or self.next_member():
            value = self.value()
            self.attach(value)
        end = _BLANKS.match(self.text, self.position)
        if end and end.end() != len(self.text):
            raise self.error("follows the end of the document")
        return root

    def value(self) -> JsonValue:
        """Read a scalar, or the opening bracket of a container."""
        match = _VALUE.match(self.text, self.position)
        if match is None:
            raise self.error("is no JSON value")
        self.values += 1
        if self.values > self.limits.values:
            raise self.limit(f"there are more than {self.limits.values} values", match.start())
        kind = match.lastindex or 0
        literal = match[kind]
        if kind == _TEXT:
            value: JsonValue = self.string(literal)
        elif kind == _NUMERAL:
            value = self.number(literal)
        elif kind == _OPENING:
            value = [] if literal == "[" else {}
        else:
            value = _WORDS[literal]
        self.position = match.end()
        return value

    def number(self, literal: str) -> int | Number:
        if literal.isdigit() and len(literal) < ALWAYS_FINITE:
            return int(literal)
        if len(literal) > LONGEST_NUMBER or not math.isfinite(float(literal)):
            raise self.limit("a number is beyond the range of binary64", self.position)
        return int(literal) if literal != "-0" and literal.lstrip("-").isdigit() else Number(literal)

    def string(self, literal: str, *, name: bool = False) -> str:
        if "\\" not in literal:
            return literal[1:-1]
        text: str = json.loads(literal)
        if len(self.lone_surrogates) < MOST_FINDINGS and _SURROGATE.search(text):
            place = self.pointer() + json_pointer(text) if name else self.pointer(inner=True)
            self.lone_surrogates.append(place)
        return text

    def entered(self, value: JsonValue) -> bool:
        """Whether the value is a container that is not empty; if so its first member's value is next.

        The closing bracket of an empty container is read here.
        """
        if not isinstance(value, (list, dict)):
            return False
        match = _CLOSING.match(self.text, self.position)
        if match is not None:
            self.close(match, value)
            return False
        if len(self.open) == self.limits.depth:
            raise self.limit(f"there are more than {self.limits.depth} levels of nesting", self.position)
        self.open.append(value)
        self.names.append("")
        if isinstance(value, dict):
            self.name()
        return True

    def name(self) -> None:
        """Read the name of the next member and its colon."""
        match = _KEY.match(self.text, self.position)
        if match is None:
            raise self.error("is no name of a member with its colon")
        self.names[-1] = ""
        name = self.string(match[1], name=True)
        self.names[-1] = name
        self.position = match.end()

    def next_member(self) -> bool:
        """Go on after a complete value: to the next one, out of containers that end; False at the very end."""
        while self.open:
            match = _DELIMITER.match(self.text, self.position)
            if match is None:
                raise self.error("stands where a comma or a closing bracket may")
            container = self.open[-1]
            if match[1] == ",":
                self.position = match.end()
                if isinstance(container, dict):
                    self.name()
                return True
            self.close(match, container)
            self.open.pop()
            self.names.pop()
        return False

    def close(self, match: re.Match[str], container: JsonValue) -> None:
        """Read the closing bracket of the container."""
        if (match[1] == "]") is not isinstance(container, list):
            raise self.error("does not close what is open")
        self.position = match.end()

    def attach(self, value: JsonValue) -> None:
        container = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            name = self.names[-1]
            if name in container and len(self.duplicates) < MOST_FINDINGS:
                self.duplicates.append(self.pointer(inner=True))
            container[name] = value

    def pointer(self, *, inner: bool = False) -> str:
        """Pointer of the innermost open container, or with `inner` of the value that is being read in it."""
        frames = list(zip(self.open, self.names, strict=True))
        tokens = [name if isinstance(container, dict) else len(container) - 1 for container, name in frames[:-1]]
        if inner and frames:
            container, name = frames[-1]
            tokens.append(name if isinstance(container, dict) else len(container))
        return json_pointer(*tokens)

    def error(self, problem: str) -> NotJSONError:
        start = self.position
        blanks = _BLANKS.match(self.text, start)
        start = blanks.end() if blanks else start
        found = repr(self.text[start : start + 20]) if start < len(self.text) else "the end of the text"
        return NotJSONError(f"{found} {problem}", *self.place(start), self.pointer())

    def limit(self, problem: str, start: int) -> LimitError:
        return LimitError(problem, *self.place(start), self.pointer())

    def place(self, start: int) -> tuple[int, int]:
        return self.text.count("\n", 0, start) + 1, start - self.text.rfind("\n", 0, start)
