"""The properties that every JUnit test case carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_oci.catalogue import Clause


def properties(clauses: Sequence[Clause]) -> list[tuple[str, object]]:
    """`oci.clause` for each clause; `oci.level`, `oci.spec` and `oci.reference` once for each value."""
    found: list[tuple[str, object]] = [("oci.clause", clause.id) for clause in clauses]
    for name, values in (
        ("oci.level", [clause.level for clause in clauses]),
        ("oci.spec", [clause.spec for clause in clauses]),
        ("oci.reference", [clause.reference for clause in clauses]),
    ):
        found += [(name, value) for value in dict.fromkeys(values)]
    return found
