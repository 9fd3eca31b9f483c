"""Small suites, and runs of pytest with the plugin on them."""

from __future__ import annotations

import contextlib
import json
import xml.etree.ElementTree as ElementTree
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci import catalogue

if TYPE_CHECKING:
    import os

    from _pytest.pytester import Pytester, RunResult

LIMIT = 300.0
"""Seconds for a run in a process of its own: for one that hangs, not for one on a busy machine."""
SOURCE = Path(__file__).parent / "plugin" / "fake_runtime.py"

# Loaded here, so that runs within this process load neither modules nor the catalogue again. Of httpx there may be no
# second copy: it would not know the errors of the first one's.
with contextlib.suppress(ImportError):
    import_module("pytest_oci.targets.registry.transport")
catalogue.load()
catalogue.load("runtime")

OUTCOMES = """
import pytest
from pytest_oci import clause, expect, not_applicable, not_testable, unsupported

pytestmark = pytest.mark.runtime

@clause("runtime.state.id")
def test_pass():
    expect(1).equals(1)

@clause("runtime.state.status", "runtime.state.pid")
def test_fail():
    expect(1, "the number").equals(2)

@clause("config.linux.default-filesystems")
def test_advice():
    expect(1).equals(2)

@clause("runtime.state.bundle")
def test_unsupported():
    unsupported("the product says so")

@clause("runtime.ops.state.annotations")
def test_not_testable():
    not_testable("host: nothing is there")

@clause("runtime.ops.start.no-id-error")
def test_not_applicable():
    not_applicable("nothing to bind")

@clause("runtime.ops.kill.no-id-error")
def test_error():
    raise KeyError("trouble")
"""
"""One test for each status that a test can have."""

LIFECYCLE = """
import pytest
from pytest_oci import clause, expect

pytestmark = pytest.mark.runtime

@clause("runtime.ops.create.creates")
def test_created(observe):
    expect(observe.baseline()["created"]["status"], "status").equals("created")

@clause("runtime.ops.start.runs-program")
def test_exit_status(observe):
    expect(observe.baseline()["exit_status"], "exit status").equals(7)

@clause("runtime.state.status")
@pytest.mark.parametrize("number", [1, 2], ids=str)
def test_program(observe, number):
    from pytest_oci.fixtures.runtime.bundle import MINIMAL

    expect(observe(MINIMAL.having("/annotations/n", str(number))).report["what"] is not None, "report").is_true()
""".replace('.report["what"] is not None', '["lines"] != []')
"""Tests that play the baseline and two scenarios."""


class Plugin:
    """Runs of pytest in a directory of their own, with temporary files of their own."""

    def __init__(self, pytester: Pytester, temporary: Path, fake: Path) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.temporary = temporary
        self.fake = fake
        self.runtime = f"--oci-runtime={fake}"

    def write(self, name: str, text: str) -> Path:
        """A file, in a directory that is made if need be."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words: str | os.PathLike[str]) -> RunResult:
        """Within this process: quick, for what plays no scenario."""
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *words)

    def apart(self, *words: str | os.PathLike[str]) -> RunResult:
        """In a process of its own; with workers where pytest-xdist is there, else the test is skipped."""
        if any(str(word).startswith("-n") for word in words):
            pytest.importorskip("xdist")
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *words, timeout=LIMIT)

    def statuses(self, ledger: Path) -> dict[str, str]:
        """From a ledger, the status of each test of each clause."""
        records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
        return {
            f"{record['clause']} {record['test']}": record["status"]
            for record in records
            if record["type"] == "result" and record["test"]
        }

    def processes(self) -> list[int]:
        """Pids of what works in the runs' directories."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if str(self.temporary).encode() + b"/pytest-oci-" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found

    def left_behind(self) -> list[str]:
        """What runs left of their directories."""
        return [str(path) for path in self.temporary.glob("pytest-oci-*/*")]


def junit(path: Path) -> list[dict[str, Any]]:
    """The test cases of a JUnit file: name, kind of child, its text, properties."""
    cases = []
    for case in ElementTree.parse(path).iter("testcase"):
        properties = [(entry.get("name"), entry.get("value")) for entry in case.iter("property")]
        ends = [child for child in case if child.tag in ("failure", "error", "skipped")]
        cases.append(
            {
                "name": case.get("name"),
                "ends": [end.tag for end in ends],
                "text": "\n".join(f"{end.get('message')}\n{end.text}" for end in ends),
                "properties": properties,
                "status": dict(properties).get("oci.status"),
            }
        )
    return cases
