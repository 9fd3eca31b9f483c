"""The wheel holds what a vendor needs and nothing else; the sdist holds what it takes to build that wheel."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

TOPS = {"conformance": "pytest_oci/conformance", "fixtures": "pytest_oci/fixtures", "pytest_oci": "pytest_oci"}
DATA = frozenset({".py", ".toml", ".json", ".ini", ".c", ".h", ".md", ".html", ".css", ".js"})


def shipped(source: Path) -> set[str]:
    """Return the names that the source's packages and their data must have in a wheel."""
    names = {"pytest_oci/py.typed"}
    for top, target in TOPS.items():
        files = (path for path in (source / top).rglob("*") if path.suffix in DATA and "egg-info" not in str(path))
        names.update(f"{target}/{path.relative_to(source / top)}" for path in files)
    return names


def test_wheel_holds_every_module_and_its_data(source: Path, names: frozenset[str]) -> None:
    assert shipped(source) - names == set()


def test_wheel_holds_one_package_and_its_metadata(names: frozenset[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pytest_oci"}


def test_wheel_is_for_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_wheel_holds_no_tests_tools_or_bytecode(names: frozenset[str]) -> None:
    unwanted = ("tests/", "tools/", "benchmarks/", "conftest.py", "__pycache__", ".egg-info")
    assert [name for name in names if any(word in name for word in unwanted)] == []


def test_wheel_declares_plugin_and_script(wheel: Path, names: frozenset[str]) -> None:
    (declared,) = (name for name in names if name.endswith("entry_points.txt"))
    text = zipfile.ZipFile(wheel).read(declared).decode()
    assert text.split() == [
        "[console_scripts]", "pytest-oci", "=", "pytest_oci.cli:main", "[pytest11]", "oci", "=", "pytest_oci.plugin",
    ]  # fmt: skip


def test_sdist_holds_the_sources(checkout: Path, sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = ("conformance", "fixtures", "pytest_oci", "tests", "tools", "benchmarks", "docs", ".ci")
    files = (path for top in tops for path in (checkout / top).rglob("*") if path.is_file())
    here = {str(path.relative_to(checkout)) for path in files if path.suffix in DATA or path.parent.name == ".ci"}
    here |= {"tox.ini", "README.md", "CHANGELOG.md", "LICENSE", "MANIFEST.in", "pyproject.toml", "setup.py"}
    assert here - names == set()


def test_sdist_builds_the_same_wheel(
    sdist: Path,
    names: frozenset[str],
    build: Callable[[str, Path, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    unpacked = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(sdist, unpacked)
    (source,) = unpacked.iterdir()
    again = build("wheel", source, tmp_path_factory.mktemp("again"))
    assert frozenset(zipfile.ZipFile(again).namelist()) == names
