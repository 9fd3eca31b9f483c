"""What was pushed to a registry, noted before it is sent, so that it can be deleted whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_oci.targets.registry.client import Registry

ORDER = ("upload", "tag", "manifest", "blob")
"""In which what was pushed is deleted: nothing that others still refer to comes first."""
MOST_NOTES = 100_000
LONGEST_LINE = 4096
PRINCIPLES = frozenset({400, 401, 403, 405, 501})
"""Answers to a deletion by which a registry says that it does none of the kind."""
PROBES = 3
"""Deletions of a kind that are tried one after the other: more than one, since a single thing may be refused."""
SIDE_BY_SIDE = 4
"""Requests at the same time."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One thing in a registry: an `upload` by its location, a `tag`, `manifest` or `blob` of a repository."""

    kind: str
    repository: str
    reference: str

    @property
    def path(self) -> str:
        """What is deleted: a path of the API, or a location."""
        match self.kind:
            case "upload":
                return self.reference
            case "blob":
                return f"/v2/{self.repository}/blobs/{self.reference}"
            case _:
                return f"/v2/{self.repository}/manifests/{self.reference}"


@dataclass
class Notes:
    """What a worker pushed to a registry: in memory, and as JSON lines in a file that outlives it."""

    file: Path | None = None
    registry: str = ""
    """The registry's URL, the file's first line."""
    noted: dict[Pushed, None] = field(default_factory=dict)

    def note(self, kind: str, repository: str, reference: str) -> None:
        """Note something that is about to be pushed."""
        pushed = Pushed(kind, repository, reference)
        if pushed in self.noted:
            return
        self.noted[pushed] = None
        if self.file is not None:
            line = json.dumps([kind, repository, reference]) + "\n"
            if not self.file.exists():
                line = json.dumps(self.registry) + "\n" + line
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)

    def forget(self, kind: str, repository: str, reference: str) -> None:
        """An upload ended, or the registry deleted something: there is nothing to be done about it."""
        self.noted.pop(Pushed(kind, repository, reference), None)


def read_notes(file: Path) -> list[Pushed]:
    """What a run noted in its file; a line that was cut off is left out."""
    found: dict[Pushed, None] = {}
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            with contextlib.suppress(ValueError, TypeError):
                kind, repository, reference = json.loads(line)
                if kind in ORDER and isinstance(repository, str) and isinstance(reference, str):
                    found[Pushed(kind, repository, reference)] = None
            if number >= MOST_NOTES:
                break
    return list(found)


def registry_of(file: Path) -> str:
    """The URL of the registry that a file's notes are about, empty if it does not say."""
    with file.open(encoding="utf-8", errors="replace") as lines, contextlib.suppress(ValueError):
        url = json.loads(lines.readline(LONGEST_LINE))
        return url if isinstance(url, str) else ""
    return ""


def clean(registry: Registry, pushed: Iterable[Pushed]) -> list[str]:
    """Delete what was pushed, where the registry allows it; a line for each kind of thing that stays in a repository.

    A registry that refuses the first deletions of a kind as a matter of principle is not asked for others. What then
    went along with something else, as tags do with their manifest, does not stay.
    """
    noted = list(pushed)
    kept: list[tuple[Pushed, str]] = []
    with ThreadPoolExecutor(min(SIDE_BY_SIDE, registry.limits.connections)) as pool:
        for kind in ORDER:
            answers = _delete(registry, pool, [one for one in noted if one.kind == kind])
            if kind != "upload":  # the registry ends those by itself, and the specification knows no way to do so
                kept += answers
        there = pool.map(lambda one: registry.request("HEAD", one[0].path, headers=(("Accept", "*/*"),))[-1], kept)
        stays: dict[tuple[str, str], list[str]] = {}
        for (one, answer), exchange in zip(kept, there, strict=True):
            if exchange.status != 404:
                stays.setdefault((one.repository, one.kind), []).append(answer)
    return [
        f"{registry.address.url}/{repository}: {len(answers)} {kind}{'s' if len(answers) > 1 else ''} ({answers[-1]})"
        for (repository, kind), answers in stays.items()
    ]


def _delete(registry: Registry, pool: ThreadPoolExecutor, things: list[Pushed]) -> list[tuple[Pushed, str]]:
    """Delete things of one kind; those that were not, with how the registry answered."""
    tried = [(one, registry.request("DELETE", one.path)[-1]) for one in things[:PROBES]]
    if tried and all(exchange.status in PRINCIPLES or not exchange.status for _, exchange in tried):
        return [(one, tried[-1][1].answer) for one in things]
    rest = things[PROBES:]
    tried += zip(rest, pool.map(lambda one: registry.request("DELETE", one.path)[-1], rest), strict=True)
    return [(one, exchange.answer) for one, exchange in tried if not (exchange.ok or exchange.status == 404)]
