"""The records of what each sentence of a version asks for, and the clauses that they name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.spec_text import ABSOLUTE, Key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SPECS = ("runtime", "image", "distribution")
_PLACE = frozenset({"file", "line", "fingerprint"})


class RecordError(ValueError):
    """A record cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What of a clause matters here."""

    id: str
    spec: str
    level: str
    since: str
    until: str
    document: str
    line: int
    anchor: str

    @property
    def absolute(self) -> bool:
        """Whether its level obliges."""
        return self.level in ABSOLUTE

    def binds(self, version: str) -> bool:
        """Whether it stands in this version."""
        wanted = version_key(version)
        return version_key(self.since) <= wanted and (not self.until or wanted <= version_key(self.until))


@dataclass(frozen=True, slots=True)
class Entry:
    """How a record accounts for one normative sentence: by clauses, or by a reason why it makes none."""

    key: Key
    keywords: tuple[str, ...]
    clauses: tuple[str, ...]
    no_duty: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A clause that follows from a sentence (`source`) and from what the text describes elsewhere.

    An absolute clause follows from an absolute sentence only; `because` says why a clause merely advises
    although its sentence obliges or has no keyword.
    """

    clause: str
    source: Key
    described: Key | None
    because: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the project says about one version of one specification."""

    spec: str
    version: str
    sentences: tuple[Entry, ...]
    derived: tuple[Derived, ...]

    def __str__(self) -> str:
        return f"{self.spec} {self.version}"


def version_key(version: str) -> tuple[int, ...]:
    """A version number in the order of versions."""
    return tuple(int(part) for part in version.split("."))


def read_catalogue(conformance: Path) -> dict[str, Clause]:
    """The clauses of all specifications by id."""
    clauses: dict[str, Clause] = {}
    for spec in SPECS:
        for path in sorted((conformance / spec).rglob("*.toml")):
            if path.parent.name == "versions":
                continue
            data = tomllib.loads(path.read_text("utf-8"))
            for row in data["clause"]:
                clauses[row["id"]] = Clause(
                    id=row["id"],
                    spec=data["spec"],
                    level=row["level"],
                    since=row["since"],
                    until=row.get("until", ""),
                    document=data["document"],
                    line=row["line"],
                    anchor=row["anchor"],
                )
    return clauses


def read_records(conformance: Path) -> dict[tuple[str, str], Record]:
    """All records by specification and version, or RecordError."""
    records = {}
    for spec in SPECS:
        for path in sorted((conformance / spec / "versions").glob("*.toml")):
            record = read_record(path)
            if (record.spec, record.version) != (spec, path.stem):
                raise RecordError(f"{path}: says that it is {record}")
            records[record.spec, record.version] = record
    return records


def read_record(path: Path) -> Record:
    """One version's record, or RecordError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RecordError(f"{path}: {error}") from None
    _members(data, path.name, {"spec", "version", "sentence"}, {"derived"})
    return Record(
        spec=data["spec"],
        version=data["version"],
        sentences=tuple(_entry(row, path.name) for row in data["sentence"]),
        derived=tuple(_derived(row, path.name) for row in data.get("derived", [])),
    )


def _entry(row: Mapping[str, Any], where: str) -> Entry:
    _members(row, where, _PLACE | {"keywords"}, {"clauses", "no_duty"})
    if bool(row.get("clauses")) == bool(row.get("no_duty")):
        raise RecordError(f"{where}: {row['file']}:{row['line']} needs clauses or a reason, one of the two")
    return Entry(
        key=_key({name: row[name] for name in _PLACE}, where),
        keywords=tuple(row["keywords"]),
        clauses=tuple(row.get("clauses", ())),
        no_duty=row.get("no_duty", ""),
    )


def _derived(row: Mapping[str, Any], where: str) -> Derived:
    _members(row, where, {"clause", "from"}, {"described", "because"})
    return Derived(
        clause=row["clause"],
        source=_key(row["from"], where),
        described=_key(row["described"], where) if "described" in row else None,
        because=row.get("because", ""),
    )


def _key(row: Mapping[str, Any], where: str) -> Key:
    _members(row, where, _PLACE)
    return Key(row["file"], row["line"], row["fingerprint"])


def _members(
    row: Mapping[str, Any], where: str, required: frozenset[str] | set[str], optional: set[str] | None = None
) -> None:
    missing, unknown = required - row.keys(), row.keys() - required - (optional or set())
    if missing or unknown:
        raise RecordError(f"{where}: lacks {sorted(missing)}, does not know {sorted(unknown)} in {row!r:.99}")
