"""The packaged suite under the packaged configuration: nothing that the caller has about changes what is judged.

pytest runs in a process of its own, in an empty directory, with Python's isolated mode (no PYTHONPATH, no user site,
nothing from the current directory), no conftest, no plugin but
ours and xdist's, and without the caller's PYTEST_ADDOPTS.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.certification.trouble import CertificationError
from pytest_oci.conditions import DEMONSTRATION, PACKAGED_INI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWN_VARIABLES = "PYTEST_OCI_"
"""How the variables begin that are about the product: credentials, the bundle to begin with."""
OURS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
LONGEST_RUN = 6 * 3600.0
CLEANING_SECONDS = 120.0
"""That an interrupted run may take to remove its containers."""


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without what steers Python or pytest."""
    kept = {
        name: value
        for name, value in given.items()
        if name.startswith(OWN_VARIABLES) or not name.startswith(("PYTEST", "PYTHON", "PY_COLORS"))
    }
    return {**kept, **OURS}


def command(arguments: Sequence[str], directory: Path, workers: str = "") -> list[str]:
    """The command line of the run; `directory` is an empty one.

    Raises CertificationError unless `workers` is empty, a number or `auto`, and xdist installed where it is needed.
    """
    plugins = ["-p", "pytest_oci.plugin", *_distributed(workers)]
    quiet = ["-p", "no:cacheprovider", "--noconftest", "--tb=short"]
    where = ["-c", str(PACKAGED_INI), f"--rootdir={directory}", f"--confcutdir={directory}"]
    return [sys.executable, "-I", "-m", "pytest", *plugins, *quiet, *where, *arguments]


def _distributed(workers: str) -> list[str]:
    """The words for xdist. Its processes are isolated, too, which `-n` does not make them."""
    if not workers:
        return []
    if not re.fullmatch(r"[0-9]{1,3}|auto", workers):
        raise CertificationError(f"-n {workers}: has to be a number, or auto")
    number = _processors() if workers == "auto" else int(workers)
    if not number:
        return []
    if find_spec("xdist") is None:
        raise CertificationError(f"-n {workers} takes pytest-xdist: python3 -m pip install 'pytest-oci[xdist]'")
    python = shlex.join([sys.executable, "-I"])
    return ["-p", "xdist.plugin", "--dist=load", f"--tx={number}*popen//python={python}"]


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_suite(arguments: Sequence[str], *, workers: str = "", demonstration: str = "", silent: bool = False) -> int:
    """Run the suite with these options; the exit status of pytest.

    Raises CertificationError if the suite cannot be found in isolated mode, or the run takes longer than six hours.
    """
    with tempfile.TemporaryDirectory(prefix="pytest-oci-certify-") as name:
        process = subprocess.Popen(
            command(arguments, Path(name), workers),
            cwd=name,
            env={**environment(os.environ), DEMONSTRATION: demonstration},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if silent else None,
        )
        try:
            status = process.wait(LONGEST_RUN)
        except subprocess.TimeoutExpired:
            _end(process)
            raise CertificationError(f"the run did not end within {LONGEST_RUN:.0f} seconds") from None
        except BaseException:
            _end(process)
            raise
    if status < 0:
        raise CertificationError(f"pytest was ended by signal {-status}")
    return status


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt pytest and let it clean up; kill it if it does not end."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(CLEANING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
