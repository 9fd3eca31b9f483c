"""Nothing that a vendor has about changes what is judged."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from layouts import layout_files, write_files

from pytest_oci.certification.hermetic import environment, run_suite
from pytest_oci.certification.ledgers import open_ledger
from pytest_oci.conditions import disturbing

if TYPE_CHECKING:
    from pathlib import Path

LAST = """
import os, pathlib
pathlib.Path(os.environ["MARKS"], {name!r}).touch()
"""
PLUGIN = """
def pytest_collection_modifyitems(items):
    items[:] = []
"""
ATTACKS = ("conftest", "ini", "addopts", "plugins-variable", "entry-point", "sitecustomize")


def attack(place: Path, marks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in at once; each leaves a mark when it is taken."""
    place.mkdir()
    marks.mkdir()
    modules = {
        "conftest": "conftest",
        "by_ini": "ini",
        "by_addopts": "addopts",
        "by_variable": "plugins-variable",
        "by_entry_point": "entry-point",
        "sitecustomize": "sitecustomize",
    }
    for module, name in modules.items():
        (place / f"{module}.py").write_text(LAST.format(name=name) + (PLUGIN if module != "sitecustomize" else ""))
    (place / "pytest.ini").write_text("[pytest]\naddopts = -p by_ini -k nothing\npython_files = nothing\n")
    info = place / "helpful-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpful\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nhelpful = by_entry_point\n")
    monkeypatch.chdir(place)
    for name, value in {
        "MARKS": str(marks),
        "PYTHONPATH": str(place),
        "PYTEST_ADDOPTS": "-p by_addopts --oci-clause=descriptor.*",
        "PYTEST_PLUGINS": "by_variable",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What was taken of a plain run, and of a hermetic one, with what the header of that says against it."""
    top = tmp_path_factory.mktemp("hermetic")
    layout = write_files(layout_files(), top / "layout")
    marks = top / "marks"
    with pytest.MonkeyPatch.context() as monkeypatch:
        attack(top / "place", marks, monkeypatch)
        plain = [sys.executable, "-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", f"--oci-layout={layout}"]
        subprocess.run(plain, env=dict(os.environ), stdout=subprocess.DEVNULL, timeout=60, check=False)
        taken = {path.name for path in marks.iterdir()}
        for path in marks.iterdir():
            path.unlink()
        (top / "place" / "pytest.py").write_text(LAST.format(name="shadow"))
        run_suite([f"--oci-layout={layout}", f"--oci-ledger={top / 'run.jsonl'}"], silent=True)
    ledger = open_ledger(top / "run.jsonl")
    return {
        "plain": taken,
        "hermetic": {path.name for path in marks.iterdir()},
        "told": set(disturbing(ledger.header["conditions"])),
        "statuses": set(ledger.statuses.values()) | {ledger.footer["verdict"]},
    }


@pytest.mark.parametrize("name", [*ATTACKS, "shadow"])
def test_an_attack_is_without_effect(outcome: dict[str, set[str]], name: str) -> None:
    """Though it works on a plain run."""
    assert name in outcome["plain"] or name == "shadow"
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
    }

    kept = environment(given)

    assert kept["PATH"] == "/bin"
    assert kept["PYTEST_OCI_USERNAME"] == "u"
    assert not {"PYTEST_ADDOPTS", "PYTHONPATH", "PYTHONSTARTUP"} & kept.keys()
    assert kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
