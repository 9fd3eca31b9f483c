"""What docs/field-results.md says of clients, and the comparison with what was seen."""

from __future__ import annotations

import re
from typing import TypeAlias

from tools.full_run import CHECKOUT

PAGE = CHECKOUT / "docs" / "field-results.md"
SECTION = re.compile(r"^### (?P<name>\S+) (?P<version>[0-9]\S*), a client$")
ROW = re.compile(r"^\| `(?P<clause>[^`]+)` \| (?P<status>fail|advice) \|")

Said: TypeAlias = "dict[str, str]"
"""What is not kept of the clauses: `fail` or `advice` by clause."""


def not_kept(statuses: dict[tuple[str, str], str]) -> Said:
    """What is not kept; a clause that fails in one test and is advice in another one fails."""
    found: Said = {}
    for (clause, _), status in statuses.items():
        if status in ("fail", "advice"):
            found[clause] = "fail" if "fail" in (status, found.get(clause)) else "advice"
    return found


def rows(page: str) -> dict[tuple[str, str], Said]:
    """What the page says, by client and version."""
    found: dict[tuple[str, str], Said] = {}
    section: Said = {}
    for line in page.splitlines():
        if line.startswith("#"):
            heading = SECTION.match(line)
            section = found.setdefault((heading["name"], heading["version"]), {}) if heading else {}
        elif row := ROW.match(line):
            section[row["clause"]] = row["status"]
    return found


def compare(name: str, seen: str, listed: Said, said: Said) -> list[str]:
    """What the page does not explain, and what it explains and is not so, in words."""
    problems = [
        f"{name} {seen}: {clause} is {status}, and its row says {listed.get(clause, 'nothing')}"
        for clause, status in said.items()
        if listed.get(clause) != status
    ]
    problems += [f"{name} {seen} keeps {clause}: its row is stale" for clause in listed.keys() - said.keys()]
    return sorted(problems)
