"""The packaged suite: its test files, and which tests judge which clauses."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DIRECTORIES = {
    "runtime": frozenset({"runtime"}),
    "image": frozenset({"layout", "builder", "artifact-tool"}),
    "distribution": frozenset({"registry"}),
}
"""The kinds of targets that the test files for a specification are for, unless their names end otherwise."""
ENDINGS = {
    "_document.py": frozenset({"bundle", "document", "converter", "engine"}),
    "_conversion.py": frozenset({"converter", "engine"}),
    "_engine.py": frozenset({"engine"}),
    "_building.py": frozenset({"builder"}),
    "_packing.py": frozenset({"artifact-tool"}),
    "_copying.py": frozenset({"copier"}),
    "_client.py": frozenset({"client"}),
}
"""How the names of test files end that judge other targets, with their kinds."""
PACKAGES = ("pytest_oci", "pytest_oci.conformance", "pytest_oci.fixtures")
SOURCES = frozenset({".py", ".toml", ".json", ".ini", ".c", ".h"})


@cache
def suite_directory() -> Path:
    """Where the suite lies: the installed package, or the checkout of an editable install."""
    return Path(str(files("pytest_oci.conformance")))


def suite_files(targets: Iterable[str]) -> list[Path]:
    """The test files for these kinds of targets, in a fixed order."""
    kinds = set(targets)
    return sorted(
        path
        for spec, usual in DIRECTORIES.items()
        for path in (suite_directory() / spec).rglob("test_*.py")
        if kinds & _judged_by(path.name, usual)
    )


def _judged_by(name: str, usual: frozenset[str]) -> frozenset[str]:
    """The kinds of targets that a test file is for."""
    return next((kinds for ending, kinds in ENDINGS.items() if name.endswith(ending)), usual)


def suite_arguments(targets: Iterable[str]) -> list[str]:
    """The suite's test files as arguments for pytest: files, so that no ini setting of the caller loses them."""
    return [str(path) for path in suite_files(targets)]


def test_name(path: Path, name: str) -> str:
    """What a test is called in records: the same from a checkout and from a wheel, wherever pytest was started."""
    try:
        return f"{path.relative_to(suite_directory())}::{name}"
    except ValueError:
        return f"{path.name}::{name}"


@cache
def suite_digest() -> str:
    """The sha256 over the sources of the suite: what judges, arranges and records, wherever it is installed.

    Over a line for each file, its sha256 and its name within the package. What is built of them is left out.
    """
    lines = []
    for package in PACKAGES:
        top = Path(str(files(package)))
        for path in top.rglob("*"):
            inside = path.relative_to(top)
            apart = package == PACKAGES[0] and inside.parts[0] in ("conformance", "fixtures")
            if path.suffix in SOURCES and not apart and path.is_file():
                name = "/".join((*package.split(".")[1:], *inside.parts))
                lines.append(f"{sha256(path.read_bytes()).hexdigest()}  {name}\n")
    return sha256("".join(sorted(lines)).encode()).hexdigest()


def _marked(mark: Any) -> Iterator[str]:
    if mark.name == "clause":
        yield from mark.args
    elif mark.name == "parametrize":
        for values in mark.args[1]:
            for inner in getattr(values, "marks", ()):
                yield from _marked(inner)


@cache
def tests_by_clause() -> Mapping[str, tuple[str, ...]]:
    """For each clause that has tests their names, parameters left out."""
    found: dict[str, list[str]] = {}
    top = suite_directory()
    for path in sorted(top.rglob("test_*.py")):
        module = import_module(".".join(("pytest_oci.conformance", *path.relative_to(top).with_suffix("").parts)))
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function):
                for mark in getattr(function, "pytestmark", ()):
                    for clause in _marked(mark):
                        found.setdefault(clause, []).append(test_name(path, name))
    return {clause: tuple(dict.fromkeys(names)) for clause, names in found.items()}
