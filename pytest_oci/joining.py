"""What several tests on several hosts say of one clause. Readers of ledgers and certificates rest on this alone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_oci.status import Status, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

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
