"""Records for the project's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_oci.catalogue import Clause, parse_clause
from pytest_oci.results import Result

if TYPE_CHECKING:
    from pytest_oci.status import Status

RECORD: dict[str, Any] = {
    "id": "runtime.state.id",
    "spec": "runtime",
    "document": "runtime.md",
    "ref": "R001",
    "line": 10,
    "anchor": "state",
    "level": "MUST",
    "subject": "runtime",
    "platform": "any",
    "since": "1.0.2",
    "method": "dynamic",
    "summary": "The state names the container.",
    "fault": "The state has no id.",
    "fate": "tested",
}
"""A clause's record in which nothing is wrong."""


def make_clause(identifier: str = "runtime.state.id", **changed: Any) -> Clause:
    """A clause that is like RECORD but for what is given."""
    return parse_clause({**RECORD, "id": identifier, **changed}, "here")


def make_result(status: Status, *clauses: str, **changed: Any) -> Result:
    """A result of a test that judges these clauses."""
    return Result(**{"test": "test_state.py::test_it", "clauses": clauses, "status": status, **changed})
