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
    others = [str(path) for name in ("tests", "tools", "benchmarks") for path in sorted((TOP / name).rglob("*.py"))]
    rest = subprocess.run(
        [*command, "--explicit-package-bases", *others], cwd=SEEN, env={"MYPYPATH": f"{SEEN}:{TOP}"}, check=False
    )
    return checked.returncode or rest.returncode


if __name__ == "__main__":
    raise SystemExit(main())
