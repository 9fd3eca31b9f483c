"""Run mypy --strict over the packages as they are installed, and over tests and tools.

The checkout's top-level `conformance` and `fixtures` are `pytest_oci.conformance` and `pytest_oci.fixtures` once
installed; mypy has to see them there. A directory of links under build/ shows them so without building a wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
UNTYPED = ("--allow-untyped-defs", "--allow-incomplete-defs", "--allow-untyped-calls")
"""Test functions take fixtures and give nothing: their annotations would say little."""
SEEN = TOP / "build" / "typed"


def main() -> int:
    """Lay the links and run mypy; its exit status."""
    shutil.rmtree(SEEN, ignore_errors=True)
    package = SEEN / "pytest_oci"
    package.mkdir(parents=True)
    for entry in (TOP / "pytest_oci").iterdir():
        (package / entry.name).symlink_to(entry)
    for name in ("conformance", "fixtures"):
        (package / name).symlink_to(TOP / name)
    command = [sys.executable, "-m", "mypy", "--config-file", str(TOP / "pyproject.toml")]
    checked = subprocess.run([*command, "-p", "pytest_oci"], cwd=SEEN, check=False)
    others = [*command, "--explicit-package-bases"]
    there = {"MYPYPATH": f"{SEEN}:{TOP / 'tests'}:{TOP}"}
    tools = subprocess.run([*others, *_sources("tools", "benchmarks")], cwd=SEEN, env=there, check=False)
    tests = subprocess.run([*others, *UNTYPED, *_sources("tests")], cwd=SEEN, env=there, check=False)
    return checked.returncode or tools.returncode or tests.returncode


def _sources(*names: str) -> list[str]:
    return [str(path) for name in names for path in sorted((TOP / name).rglob("*.py"))]


if __name__ == "__main__":
    raise SystemExit(main())
