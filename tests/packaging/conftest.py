"""A wheel and an sdist built from the checkout, and an environment in which only the wheel is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_SOURCE = (".*", "__pycache__", "build", "dist", "results", "*.egg-info")
BUILD_LIMIT = 300


def run(*argv: str | Path, cwd: Path, limit: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program outside the checkout, with nothing of this pytest's environment, and return what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "VIRTUAL"))}
    return subprocess.run(
        argv, cwd=cwd, timeout=limit, env={**kept, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True
    )


def build(kind: str, source: Path, output: Path) -> Path:
    """Build `source` into one file of `kind` (wheel or sdist) and return that file."""
    done = run(sys.executable, "-m", "build", f"--{kind}", "--outdir", output, source, cwd=output, limit=BUILD_LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = output.iterdir()
    return built


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Where the project's sources are."""
    return CHECKOUT


@pytest.fixture(scope="session", name="build")
def build_fixture() -> Callable[[str, Path, Path], Path]:
    """Build a source (second argument) into one wheel or sdist (first) in a directory (third)."""
    return build


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, because a build writes into its source."""
    place = tmp_path_factory.mktemp("source") / "pytest-oci"
    shutil.copytree(CHECKOUT, place, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    if (CHECKOUT / ".ci").is_dir():
        shutil.copytree(CHECKOUT / ".ci", place / ".ci")
    return place


@pytest.fixture(scope="session")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, built from the checkout."""
    return build("sdist", source, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def names(wheel: Path) -> frozenset[str]:
    """The names of the files in the wheel."""
    return frozenset(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that holds the wheel, what it depends on, and nothing else."""
    home = tmp_path_factory.mktemp("environment")
    made = run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    assert made.returncode == 0, made.stderr
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    done = run(*pip, "install", "--quiet", wheel, cwd=home, limit=BUILD_LIMIT)
    assert done.returncode == 0, done.stderr
    return python


@pytest.fixture
def in_environment(installed: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the environment's Python with arguments, in an empty directory."""
    return partial(run, installed, cwd=tmp_path)
