"""The suite's tests of image layouts, called without pytest on layouts that the project's own tests make."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.image.writing import write_archive, write_directory

from pytest_oci import catalogue
from pytest_oci.status import Status
from pytest_oci.suite import suite_directory, suite_files
from pytest_oci.targets.layout.limits import LayoutLimits
from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.source import LayoutError
from pytest_oci.targets.layout.tree import grow
from pytest_oci.violations import Advised, NotApplicable, NotTestable, Outcome, Unsupported, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_oci.fixtures.image.drafts import LayoutDraft

    from pytest_oci.targets.layout.facts import Layout
    from pytest_oci.targets.layout.tree import Tree

LIMITS = LayoutLimits(seconds=60)
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


def facts(draft: LayoutDraft, form: str = "directory", limits: LayoutLimits = LIMITS) -> Layout | None:
    """What is read of a layout that is written in this form; None if it is refused."""
    files = render(draft)
    with tempfile.TemporaryDirectory(prefix="pytest-oci-own-") as scratch:
        path = Path(scratch, "layout")
        if form == "directory":
            write_directory(files, path)
        else:
            write_archive(files, path, form)
        try:
            return read_layout(path, limits)
        except LayoutError:
            return None


def judged(
    layout: Layout, limits: LayoutLimits = LIMITS, *, subjects: bool = True
) -> Iterator[tuple[LayoutTest, Status, Outcome | None]]:
    """How each test ends on all parts at once, and the status that this is."""
    tree = grow(layout, limits, subjects=subjects)
    for test in layout_tests():
        end = test.run(layout, tree)
        yield test, status(end, test), end


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
