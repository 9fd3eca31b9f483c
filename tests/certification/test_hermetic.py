"""Nothing that a vendor has about changes what is judged."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from layouts import layout_files, write_files

from pytest_oci.certification.hermetic import OURS, environment, run_suite
from pytest_oci.certification.ledgers import open_ledger
from pytest_oci.conditions import disturbing

if TYPE_CHECKING:
    from pathlib import Path

MARK = """
import os, pathlib
pathlib.Path(os.environ["MARKS"], {name!r}).touch()
"""
PLUGIN = """
def pytest_collection_modifyitems(items):
    items[:] = []
"""
INIS = {
    "pytest.ini": "[pytest]\naddopts = -p {module} -k nothing\npython_files = nothing\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p {module} -k nothing"\npython_files = "nothing"\n',
    "tox.ini": "[pytest]\naddopts = -p {module} -k nothing\npython_files = nothing\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p {module} -k nothing\npython_files = nothing\n",
}
"""Of several pytest takes the first: they stand in its order."""
MODULES = {
    "conftest": "conftest",
    "by_addopts": "PYTEST_ADDOPTS",
    "by_variable": "PYTEST_PLUGINS",
    "by_entry_point": "entry point",
    "sitecustomize": "sitecustomize",
    "usercustomize": "usercustomize",
    "by_pth": ".pth",
    **{f"by_{number}": name for number, name in enumerate(INIS)},
}
"""What is imported where an attack is taken, and what the attack is called."""
SHADOWED = ("pytest", "pytest_oci", "_pytest", "pluggy", "xdist", "execnet", "json", "pydantic", "conformance")
SHADOW = "a shadow"
ONLY_OF_USERS = {"usercustomize", ".pth"}
"""Taken where Python looks into the user's own directory, which it does not in virtual environments."""


def attack(place: Path, marks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in at once; each leaves a mark when it is taken. The run's own directory is to be below the place."""
    users = place / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    for directory in (marks, place / "tmp", users, place / "helpful-1.0.dist-info"):
        directory.mkdir(parents=True)
    for module, name in MODULES.items():
        plugin = "" if "customize" in module or module == "by_pth" else PLUGIN
        (place / f"{module}.py").write_text(MARK.format(name=name) + plugin)
    (users / "helpful.pth").write_text("import by_pth\n")
    (place / "helpful.pth").write_text("import by_pth\n")
    for number, (name, text) in enumerate(INIS.items()):
        (place / name).write_text(text.format(module=f"by_{number}"))
    info = place / "helpful-1.0.dist-info"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpful\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nhelpful = by_entry_point\n")
    monkeypatch.chdir(place)
    for name, value in {
        "MARKS": str(marks),
        "PYTHONPATH": str(place),
        "PYTHONUSERBASE": str(place),
        "PYTHONSTARTUP": str(place / "conftest.py"),
        "PYTHONOPTIMIZE": "2",
        "PYTHONWARNINGS": "error",
        "PYTEST_ADDOPTS": "-p by_addopts --oci-clause=descriptor.*",
        "PYTEST_PLUGINS": "by_variable",
        "PYTEST_XDIST_AUTO_NUM_WORKERS": "0",
        "TMPDIR": str(place / "tmp"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)


def plainly(place: Path, layout: Path) -> None:
    """What anybody would run, once for every ini file, since pytest takes one; they are gone then."""
    for number, name in enumerate(INIS):
        target = [f"--oci-layout={layout}"] if number == 0 else ["-p", "no:oci"]
        # Loading hypothesis takes longer than all the rest.
        words = [sys.executable, "-m", "pytest", "--co", "-q", "-p", "no:hypothesispytest", *target]
        environment = {**os.environ, "PYTHONWARNINGS": "", "PYTHONOPTIMIZE": ""}
        if number:
            del environment["PYTEST_ADDOPTS"]
        subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, timeout=60, check=False)
        (place / name).rename(place / f"{name}.away")


@pytest.fixture(scope="module", params=["", "2"], ids=["one process", "xdist"])
def outcome(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, set[str]]:
    """What was taken of a plain run, and of a hermetic one, with what the header of that says against it."""
    if request.param:
        pytest.importorskip("xdist")
    top = tmp_path_factory.mktemp("hermetic")
    layout = write_files(layout_files(), top / "layout")
    marks, place = top / "marks", top / "place"
    with pytest.MonkeyPatch.context() as monkeypatch:
        attack(place, marks, monkeypatch)
        if not request.param:
            plainly(place, layout)
        taken = {path.name for path in marks.iterdir()}
        for path in marks.iterdir():
            path.unlink()
        for name in INIS:
            if (away := place / f"{name}.away").exists():
                away.rename(place / name)
        for name in SHADOWED:
            (place / f"{name}.py").write_text(MARK.format(name=SHADOW))
        monkeypatch.setenv("PYTHONHOME", str(place))
        arguments = [f"--oci-layout={layout}", f"--oci-ledger={top / 'run.jsonl'}"]
        run_suite(arguments, workers=request.param, silent=True)
    ledger = open_ledger(top / "run.jsonl")
    return {
        "plain": taken if not request.param else set(MODULES.values()),
        "hermetic": {path.name for path in marks.iterdir()},
        "told": set(disturbing(ledger.header["conditions"])),
        "statuses": set(ledger.statuses.values()) | {ledger.footer["verdict"]},
    }


@pytest.mark.parametrize("name", [*MODULES.values(), SHADOW])
def test_an_attack_is_without_effect(outcome: dict[str, set[str]], name: str) -> None:
    """Though it works on a plain run; a shadow there leaves no pytest to be run."""
    assert name in outcome["plain"] or name == SHADOW or (name in ONLY_OF_USERS and not site.ENABLE_USER_SITE)
    assert name not in outcome["hermetic"]


def test_the_verdict_is_that_of_the_whole_suite(outcome: dict[str, set[str]]) -> None:
    """And the header says that nothing had a part in it."""
    assert outcome["told"] == set()
    assert outcome["statuses"] == {"pass", "advice", "conformant"}


def test_the_environment_keeps_what_is_about_the_product() -> None:
    given = {
        "PATH": "/bin",
        "PYTEST_OCI_USERNAME": "u",
        "PYTEST_ADDOPTS": "-x",
        "PYTHONPATH": "/x",
        "PYTHONSTARTUP": "y",
        "PYTHONHOME": "/y",
        "PYTHONOPTIMIZE": "2",
        "PYTHONPYCACHEPREFIX": "/y",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
    }

    kept = environment(given)

    assert kept["PATH"] == "/bin"
    assert kept["PYTEST_OCI_USERNAME"] == "u"
    assert {name for name in kept if name.startswith("PYT")} == {*OURS, "PYTEST_OCI_USERNAME"}
    assert kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
