"""The absolute clauses of the runtime specification about configurations, for one that a converter made."""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

from pytest_oci import Violation, catalogue
from pytest_oci.catalogue import VERSIONS
from pytest_oci.documents.semver import major_minor
from pytest_oci.selection import documents_of, host_platforms
from pytest_oci.suite import suite_files
from pytest_oci.violations import Advised, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_oci.documents.exact import JsonValue

    Rule = tuple[frozenset[str], Callable[..., None]]

CONFIG = frozenset({"config"})


def broken_by(document: dict[str, JsonValue]) -> list[str]:
    """What a configuration breaks of the version that it declares: each clause with what was expected and found."""
    version = _version(document)
    clauses = catalogue.load("runtime")
    found = []
    for identifiers, judge in _rules():
        bound = [
            clause.id
            for clause in map(clauses.__getitem__, sorted(identifiers))
            if clause.absolute and clause.subject == "bundle" and documents_of(clause) == CONFIG
            if clause.binds(version) and clause.platform in host_platforms()
        ]
        if bound:
            try:
                judge(document=document)
            except Violation as violation:
                if not isinstance(violation, Advised):
                    found.append(f"{' '.join(bound)}: {violation}")
            except Outcome:
                continue
    return found


def _version(document: dict[str, JsonValue]) -> str:
    declared = document.get("ociVersion")
    numbers = major_minor(declared) if isinstance(declared, str) else None
    known = VERSIONS["runtime"]
    return known.get(f"{numbers[0]}.{numbers[1]}", catalogue.newest("runtime")) if numbers else known["1.0"]


@cache
def _rules() -> tuple[Rule, ...]:
    """The tests that need nothing but a configuration, with their clauses and further arguments."""
    return tuple(rule for path in suite_files(["bundle"]) for rule in _rules_in(path))


def _rules_in(path: Path) -> Iterator[Rule]:
    parts = path.with_suffix("").parts
    module = import_module(".".join(("pytest_oci.conformance", *parts[parts.index("runtime") :])))
    for name, function in vars(module).items():
        if name.startswith("test_") and "document" in signature(function).parameters:
            marks = getattr(function, "pytestmark", ())
            clauses = {each for mark in marks if mark.name == "clause" for each in mark.args}
            for arguments, further in _arguments([mark for mark in marks if mark.name == "parametrize"]):
                if signature(function).parameters.keys() == {"document", *arguments}:
                    yield frozenset(clauses | further), partial(function, **arguments)


def _arguments(marks: list[Any]) -> Iterator[tuple[dict[str, Any], set[str]]]:
    """The arguments of a test that is parametrized once, or not at all, with the clauses that each brings."""
    if not marks:
        yield {}, set()
    for mark in marks:
        for values in mark.args[1]:
            further = {each for inner in getattr(values, "marks", ()) if inner.name == "clause" for each in inner.args}
            yield {mark.args[0]: values.values[0] if hasattr(values, "values") else values}, further
