"""The catalogue: every clause of every specification, read from the TOML files beside the suite's tests."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

SPECS = ("runtime", "image", "distribution")
LEVELS = ("MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "OPTIONAL")
ABSOLUTE_LEVELS = frozenset({"MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT"})
FATES = ("tested", "excluded", "planned")
DOCUMENTS = ("config", "state", "features")
"""The kinds of documents that can be judged by themselves."""
METHODS = ("dynamic", "document", "definition", "untestable")
PLATFORMS = ("any", "posix", "linux", "windows", "solaris", "freebsd", "zos", "vm")
SUBJECTS = ("runtime", "bundle", "converter", "caller", "spec", "image", "consumer", "registry", "client")

VERSIONS: Mapping[str, Mapping[str, str]] = {
    "runtime": {"1.0": "1.0.2", "1.1": "1.1.0", "1.2": "1.2.1", "1.3": "1.3.0"},
    "image": {"1.0": "1.0.2", "1.1": "1.1.1"},
    "distribution": {"1.0": "1.0.1", "1.1": "1.1.1"},
}
"""For each specification, the minor versions that can be claimed and the pinned text of each."""


class CatalogueError(ValueError):
    """A clause file is not what it has to be; the text says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One obligation of one specification."""

    id: str
    spec: str
    document: str
    ref: str
    line: int
    anchor: str
    level: str
    subject: str
    platform: str
    since: str
    method: str
    summary: str
    fault: str
    fate: str
    until: str = ""
    how: str = ""
    reason: str = ""
    needs: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Of a clause that binds runtimes, the kinds of documents of theirs that it can be judged on alone."""
    same_as: str = ""
    derived_from: str = ""
    contention: str = ""

    @property
    def absolute(self) -> bool:
        """Whether breaking the clause makes a product non-conformant (RFC 2119)."""
        return self.level in ABSOLUTE_LEVELS

    @property
    def reference(self) -> str:
        """Public address of the section in the newest pinned text in which the clause stands."""
        version = self.until or newest(self.spec)
        return f"https://github.com/opencontainers/{self.spec}-spec/blob/v{version}/{self.document}#{self.anchor}"

    def binds(self, version: str) -> bool:
        """Whether the clause stands in the pinned text with this full version number."""
        wanted = version_key(version)
        return version_key(self.since) <= wanted and (not self.until or wanted <= version_key(self.until))


def version_key(version: str) -> tuple[int, ...]:
    """A version number in the order of versions."""
    return tuple(int(part) for part in version.split("."))


def newest(spec: str) -> str:
    """Full number of the newest pinned version of a specification."""
    return max(VERSIONS[spec].values(), key=version_key)


_CHOICES = {
    "spec": SPECS,
    "level": LEVELS,
    "fate": FATES,
    "method": METHODS,
    "platform": PLATFORMS,
    "subject": SUBJECTS,
}
_HINTS = get_type_hints(Clause)
_REQUIRED = frozenset(field.name for field in fields(Clause) if field.default is MISSING)


def parse_clause(record: Mapping[str, Any], where: str) -> Clause:
    """Make a clause of one TOML record, or raise CatalogueError naming the record's place and its fault."""
    missing = sorted(_REQUIRED - record.keys())
    if missing:
        raise CatalogueError(f"{where}: {record.get('id', '?')} lacks {', '.join(missing)}")
    unknown = sorted(record.keys() - _HINTS.keys())
    if unknown:
        raise CatalogueError(f"{where}: {record['id']} has unknown members {', '.join(unknown)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    for key, value in values.items():
        wanted = tuple if get_args(_HINTS[key]) else _HINTS[key]
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise CatalogueError(f"{where}: {record['id']}: {key} is {type(value).__name__}")
        if isinstance(value, tuple) and not all(isinstance(word, str) for word in value):
            raise CatalogueError(f"{where}: {record['id']}: {key} holds something else than texts")
    for key in sorted(_REQUIRED):
        if values[key] == "":
            raise CatalogueError(f"{where}: {record['id']}: {key} is empty")
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", values["id"]):
        raise CatalogueError(f"{where}: {record['id']!r} is no id: lower-case words, joined by dots")
    for key, allowed in _CHOICES.items():
        if values[key] not in allowed:
            raise CatalogueError(f"{where}: {record['id']}: {key} = {values[key]!r} is not one of {', '.join(allowed)}")
    for kind in values.get("documents", ()):
        if kind not in DOCUMENTS:
            raise CatalogueError(f"{where}: {record['id']}: documents has {kind!r}, not one of {', '.join(DOCUMENTS)}")
    for key in ("since", "until"):
        if values.get(key) and values[key] not in VERSIONS[values["spec"]].values():
            raise CatalogueError(f"{where}: {record['id']}: {key} = {values[key]!r} is no pinned version")
    if values.get("until") and version_key(values["until"]) < version_key(values["since"]):
        raise CatalogueError(f"{where}: {record['id']}: until = {values['until']!r} is before since")
    if values["fate"] == "excluded" and not values.get("reason"):
        raise CatalogueError(f"{where}: {record['id']} is excluded without a reason")
    return Clause(**values)


def parse_file(text: str, where: str) -> Iterator[Clause]:
    """Read one clause file: `spec`, `document` and the array `clause`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{where}: {error}") from None
    common = {key: data.pop(key, None) for key in ("spec", "document")}
    records = data.pop("clause", None)
    tables = isinstance(records, list) and all(isinstance(record, dict) for record in records)
    if data or not tables or None in common.values():
        raise CatalogueError(f"{where}: a clause file has spec, document and [[clause]], nothing else")
    for record in records or ():
        yield parse_clause({**common, **record}, where)


def clause_files(spec: str) -> Iterator[Traversable]:
    """The packaged clause files of a specification, in a fixed order."""
    pending = [files("pytest_oci.conformance") / spec]
    while pending:
        for entry in sorted(pending.pop().iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "versions":
                pending.append(entry)
            elif entry.name.endswith(".toml"):
                yield entry


@cache
def load(*specs: str) -> Mapping[str, Clause]:
    """The clauses of these specifications (default: all) by id, in the order of their files."""
    clauses: dict[str, Clause] = {}
    for spec in specs or SPECS:
        for clause, place in _clauses_of(spec):
            if clause.id in clauses:
                raise CatalogueError(f"{place}: {clause.id} stands twice in the catalogue")
            clauses[clause.id] = clause
    return clauses


@cache
def _clauses_of(spec: str) -> tuple[tuple[Clause, str], ...]:
    """The clauses of one specification, each with the file that it stands in."""
    found = []
    for entry in clause_files(spec):
        for clause in parse_file(entry.read_text(encoding="utf-8"), str(entry)):
            if clause.spec != spec:
                raise CatalogueError(f"{entry}: {clause.id} belongs to {clause.spec}")
            found.append((clause, str(entry)))
    return tuple(found)
