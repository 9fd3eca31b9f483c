"""Which mutants prove which clauses: read from the registry of the fixtures, which is loaded only when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _registry() -> Any:
    return import_module("pytest_oci.fixtures.mutants.registry")


def mutants_by_clause() -> Mapping[str, Sequence[str]]:
    """For each clause the ids of the mutants that prove its tests."""
    found: Mapping[str, Sequence[str]] = _registry().mutants_by_clause()
    return found


def mutant_summaries() -> Mapping[str, str]:
    """What each mutant does wrong, by its id."""
    found: Mapping[str, str] = _registry().summaries()
    return found


def unproven_live() -> frozenset[str]:
    """The clauses that are proven on recordings only: no certificate may rest on them."""
    found: frozenset[str] = _registry().unproven_live()
    return found
