"""The suite's tests of image layouts, called without pytest on layouts that the project's own tests make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING

from pytest_oci import catalogue
from pytest_oci.status import Status
from pytest_oci.suite import suite_directory, suite_files
from pytest_oci.violations import Advised, NotApplicable, NotTestable, Outcome, Unsupported, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Tree

ENDINGS = {NotTestable: Status.NOT_TESTABLE, Unsupported: Status.UNSUPPORTED, NotApplicable: Status.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class LayoutTest:
    """A test function; `name` tells it from others."""

    name: str
    clauses: tuple[str, ...]
    function: Callable[..., None]

    def run(self, layout: Layout, tree: Tree) -> Outcome | None:
        """How it ends on all parts of a layout at once; anything that is no Outcome is the suite's own fault."""
        given = {"layout": layout, "tree": tree}
        names = signature(self.function).parameters
        try:
            self.function(**{name: given[name] if name in given else getattr(tree, name) for name in names})
        except Outcome as end:
            return end
        return None

    @property
    def absolute(self) -> bool:
        """Whether one of its clauses is."""
        return any(catalogue.load("image")[clause].absolute for clause in self.clauses)


def status(end: Outcome | None, test: LayoutTest) -> Status:
    """What a test that ended so says of its clauses."""
    if end is None:
        return Status.PASS
    if isinstance(end, Violation):
        return Status.FAIL if test.absolute and not isinstance(end, Advised) else Status.ADVICE
    return ENDINGS[type(end)]


@cache
def layout_tests() -> tuple[LayoutTest, ...]:
    """All of them."""
    return tuple(_found())


def _found() -> Iterator[LayoutTest]:
    top = suite_directory()
    for path in suite_files(["layout"]):
        module = import_module(".".join(("pytest_oci.conformance", *path.relative_to(top).with_suffix("").parts)))
        for name, function in vars(module).items():
            marks = getattr(function, "pytestmark", ()) if name.startswith("test_") else ()
            assert all(mark.name != "parametrize" for mark in marks), "tests with parameters are not called here"
            clauses = tuple(clause for mark in marks if mark.name == "clause" for clause in mark.args)
            if clauses:
                yield LayoutTest(f"{path.stem}::{name}", clauses, function)
