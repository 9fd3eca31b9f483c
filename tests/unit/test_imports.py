"""Imports go one way: conformance, then fixtures, then pytest_oci."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "pytest_oci": ("pytest_oci",),
    "fixtures": ("pytest_oci", "pytest_oci.fixtures"),
    "conformance": ("pytest_oci", "pytest_oci.fixtures", "pytest_oci.conformance"),
}
PARTS = ("pytest_oci.fixtures", "pytest_oci.conformance")
WRONG_NAMES = ("fixtures", "conformance", "tests")


def sources(part: str) -> list[Path]:
    return [path for path in sorted((TOP / part).rglob("*.py")) if "__pycache__" not in path.parts]


def imported(path: Path) -> set[str]:
    """Every module that a file imports anywhere in it, types included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(TOP).parts[: -node.level]
                start = package if package[0] == "pytest_oci" else ("pytest_oci", *package)
                module = ".".join((*start, *filter(None, [module])))
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def part_of(module: str) -> str:
    """The part of the project that a module belongs to, empty for others'."""
    for part in (*PARTS, "pytest_oci"):
        if module == part or module.startswith(f"{part}."):
            return part
    return ""


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part: str) -> None:
    """Nothing imports what stands before it; what is needed from there is loaded by name, when it is needed."""
    for path in sources(part):
        for module in imported(path):
            assert part_of(module) in ("", *MAY_IMPORT[part]), f"{path} imports {module}"
            assert module.partition(".")[0] not in WRONG_NAMES, f"{path} imports {module}: say pytest_oci.{module}"


def top_level(path: Path) -> set[str]:
    """What a file imports when it is imported itself, outside functions and TYPE_CHECKING."""
    found: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif not isinstance(node, (ast.FunctionDef, ast.If)):
                pending.append(node)
    return found


def test_the_core_imports_nothing_heavy_at_once() -> None:
    """pydantic, rich and others are imported where they are used; the models are loaded as a whole, lazily."""
    for path in sources("pytest_oci"):
        if "documents" in path.parts:
            continue
        packages = {module.partition(".")[0] for module in top_level(path)}
        assert not packages & {"pydantic", "rich", "filelock", "jinja2", "markupsafe", "xdist"}, path


@pytest.mark.parametrize("kind", ["runtime", "bundle", "layout", "registry"])
def test_judging_loads_no_mutants(kind: str) -> None:
    """They are many, and only proofs have use for them; what says what a recording is may be known."""
    loaded = top_level(TOP / "fixtures" / "products" / f"{kind}.py")
    mutants = {module for module in loaded if module.startswith("pytest_oci.fixtures.mutants")}

    assert mutants <= {"pytest_oci.fixtures.mutants.recorded"}


def test_the_suite_has_no_conftest() -> None:
    """It would be read too late for options, and could be shadowed."""
    assert [path for part in ("conformance", "fixtures") for path in (TOP / part).rglob("conftest.py")] == []


@pytest.mark.parametrize("module", ["pytest_oci", "pytest_oci.fixtures.mutants.shim"])
def test_what_every_shim_imports_is_cheap(module: str) -> None:
    """A shim is started for every operation of a runtime: not even pytest is loaded."""
    heavy = ("pytest", "pydantic", "rich", "tomllib")
    code = f"import {module}, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)

    assert done.stdout.strip() == "[]"
