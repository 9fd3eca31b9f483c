"""What the installed wheel does, far from the checkout and from any other project's work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sources import digest_by_hand

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = ("pydantic", "rich", "filelock", "pytest_oci.conformance", "pytest_oci.fixtures", "pytest_oci.catalogue")
UNRELATED = f"""
import sys

def test_nothing_heavy_is_imported():
    assert "pytest_oci.plugin" in sys.modules
    assert [name for name in {HEAVY!r} if name in sys.modules] == []
"""


def test_pytest_says_its_version_and_nothing_else(in_environment: Run) -> None:
    done = in_environment("-m", "pytest", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("pytest ")


def test_unrelated_run_is_left_alone(in_environment: Run, tmp_path: Path) -> None:
    (tmp_path / "test_unrelated.py").write_text(UNRELATED)
    done = in_environment("-m", "pytest", "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "clause" not in done.stdout


def test_names_of_the_checkout_are_not_importable(in_environment: Run) -> None:
    for name in ("conformance", "fixtures", "tests", "tools"):
        assert in_environment("-c", f"import {name}").returncode == 1


@pytest.mark.parametrize("program", [("-m", "pytest_oci"), ("pytest-oci",)], ids=["module", "script"])
def test_command_line_lists_the_clauses(installed: Path, in_environment: Run, program: tuple[str, ...]) -> None:
    words = program if program[0] == "-m" else (str(installed.parent / program[0]),)
    done = in_environment(*words, "clauses", "--json")
    assert done.returncode == 0, done.stderr
    clauses = json.loads(done.stdout)
    assert {clause["spec"] for clause in clauses} == {"runtime", "image", "distribution"}
    assert {"id", "level", "since", "fate", "reference"} <= set(clauses[0])


def test_the_suite_has_the_digest_of_its_sources(in_environment: Run) -> None:
    """So that peers can verify with another install of it."""
    words = ("-c", "from pytest_oci.suite import suite_digest; print(suite_digest())")

    assert in_environment(*words).stdout == f"{digest_by_hand()}\n"
    assert in_environment("-O", *words).stdout == f"{digest_by_hand()}\n"


def test_nothing_is_written_next_to_the_package(in_environment: Run) -> None:
    where = in_environment("-c", "import pytest_oci; print(pytest_oci.__file__)")
    package = Path(where.stdout.strip()).parent

    def files() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in package.rglob("*")}

    before = files()
    in_environment("-m", "pytest_oci", "clauses")
    in_environment("-m", "pytest", "--oci-layout=demo", "-p", "no:cacheprovider", limit=120)
    assert files() == before
