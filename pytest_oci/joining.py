"""What several hosts say of one product: whether it is the same one, and what their tests say of a clause together.

Readers of ledgers and certificates rest on this alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pytest_oci.status import Status, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SAYS_NOTHING = frozenset({Status.NOT_TESTABLE, Status.NOT_APPLICABLE})
"""Statuses that give way to what another host has judged."""


def statuses(judged: Iterable[tuple[str, int, str, Status]]) -> dict[str, Status]:
    """The status of each clause, from clause, number of the host, test and status of each result."""
    clauses: dict[str, list[tuple[int, str, Status]]] = defaultdict(list)
    for clause, host, test, status in judged:
        clauses[clause].append((host, test, status))
    return {clause: joined(results) for clause, results in clauses.items()}


def joined(judged: Iterable[tuple[int, str, Status]]) -> Status:
    """The status of a clause, from the number of the host, the test and the status of each result.

    It is the worst of its tests', each of which takes the worst of the hosts that could judge it. What one host says of
    a test is the worst of what it says. Raises ValueError where there is no result.
    """
    tests: dict[str, dict[int, Status]] = defaultdict(dict)
    for host, test, status in judged:
        hosts = tests[test]
        hosts[host] = worst((status, hosts.get(host, status)))
    return worst(
        worst([status for status in hosts.values() if status not in SAYS_NOTHING] or hosts.values())
        for hosts in tests.values()
    )


def product_key(target: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be the same of a product on every host: all that a header says of it but where its files lie.

    Of the commands of a template the program is known by its digest, and so is what else they name by its path.
    """
    digests = target.get("files")
    known = digests if isinstance(digests, dict) else {}
    found = {name: value for name, value in target.items() if name not in ("path", "files")}
    for name in ("template", "templates"):
        if name in found:
            found[name] = _placeless(found[name], known)
    return found


def _placeless(found: Any, known: Mapping[str, Any]) -> Any:
    """The commands in a template with digests in the place of paths, and their programs without directories."""
    if isinstance(found, dict):
        return {name: _placeless(inner, known) for name, inner in found.items()}
    if isinstance(found, list) and any(isinstance(inner, list) for inner in found):
        return [_placeless(inner, known) for inner in found]
    if not isinstance(found, list):
        return found
    program, *words = [known.get(word, word) for word in map(str, found)] or [""]
    return [program.rpartition("/")[2], *words]
