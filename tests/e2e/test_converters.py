"""A real converter, judged as a vendor would. Needs umoci."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 300.0
PATIENCE = "--oci-timeout=60"
"""For one command: umoci takes much less, but not on a busy machine."""
pytestmark = pytest.mark.skipif(shutil.which("umoci") is None, reason="needs umoci")
CONVERTER = "umoci unpack --image {layout}:{ref} {bundle}"
UNPACKER = "umoci raw unpack --image {layout}:{ref} {rootfs}"


def judged(directory: Path, template: str, *clauses: str, runtime: str = "") -> dict[str, set[str]]:
    """The statuses that a run gives each clause."""
    ledger = directory / "run.jsonl"
    options = [
        f"--oci-converter={template}",
        PATIENCE,
        *([f"--oci-runtime={runtime}", "-m", "conversion"] if runtime else []),
        f"--oci-ledger={ledger}",
        *(f"--oci-clause={each}" for each in clauses),
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=directory, timeout=LIMIT, check=False, stdout=subprocess.DEVNULL)
    found: dict[str, set[str]] = {}
    for line in ledger.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "clause" in record and "status" in record:
            found.setdefault(record["clause"], set()).add(record["status"])
    return found


def test_a_converter_is_judged(tmp_path: Path) -> None:
    """What umoci keeps, what it breaks, and what the text only advises."""
    found = judged(
        tmp_path,
        CONVERTER,
        "conversion.relies-on-image-config",
        "conversion.annotations.os",
        "conversion.annotations.label-overrides-image-field",
        "conversion.env.defaults-do-not-change",
        "layer.apply.whiteout-lower-only",
        "image-manifest.layers.result-layout",
        "config.process.cwd.absolute",
    )

    assert found["conversion.relies-on-image-config"] == {"pass", "not-applicable"}  # there is no runtime
    assert found["conversion.annotations.os"] == {"pass"}
    assert "fail" in found["conversion.annotations.label-overrides-image-field"]
    assert "advice" in found["conversion.env.defaults-do-not-change"]
    assert found["layer.apply.whiteout-lower-only"] == {"pass"}
    assert found["image-manifest.layers.result-layout"] == {"pass"}
    assert found["config.process.cwd.absolute"] == {"pass"}  # of the bundle


def test_an_unpacker_owes_no_configuration(tmp_path: Path) -> None:
    """It is judged by what it unpacks."""
    clauses = "conversion.cmd.verbatim", "layer.apply.whiteout-removes", "config.process.cwd.absolute"
    found = judged(tmp_path, UNPACKER, *clauses)

    assert found["conversion.cmd.verbatim"] == {"unsupported"}
    assert found["config.process.cwd.absolute"] == {"not-applicable"}
    assert found["layer.apply.whiteout-removes"] == {"pass"}


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("runc") is None, reason="needs root and runc")
def test_a_bundle_is_started(tmp_path: Path) -> None:
    """By a runtime that is given beside the converter: the program sees what the image says."""
    found = judged(tmp_path, CONVERTER, "conversion.relies-on-image-config", runtime="runc")

    assert found["conversion.relies-on-image-config"] == {"pass"}
