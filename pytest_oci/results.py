"""The result of one test, as plain data that travels from a worker to the controller and into the ledger."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one test says of the clauses that it judges.

    `reason` is why the status is not plainly pass or fail; `evidence` are the calls or exchanges behind it, in lines.
    """

    test: str
    clauses: tuple[str, ...]
    status: Status
    duration: float = 0.0
    expected: str = ""
    actual: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()
    reproduce: str = ""
    scenarios: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        data["status"] = str(self.status)
        for name in ("clauses", "evidence", "scenarios"):
            data[name] = list(data[name])
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The inverse of to_json."""
        lists = {name: tuple(data[name]) for name in ("clauses", "evidence", "scenarios")}
        return cls(**{**data, **lists, "status": Status(data["status"])})
