"""From a product to a folder that verifies: `init`, `certify`, `verify`; `attest` where it is a demonstration."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.commands.products import PYTHON
from tools.layouts.judging import version
from tools.registries.service import NotStartedError
from tools.submissions.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.submissions.products import Product, Ready

CONFORMANT, NOT_CONFORMANT = 0, 1
"""Exit statuses of `certify`; any other is trouble."""
CERTIFY = ("certify", "--product", "PRODUCT.yaml", "-o")
NEEDED = ("PRODUCT.yaml", "README.md", "results.yaml", "junit.xml", "report.html")
LAST_WORDS = 600
VERSION_SECONDS, CLEANING_SECONDS = 10, 30
SIDE_BY_SIDE = 2
"""Products at the same time: much of a run is waiting."""


class NotHeldError(Exception):
    """A command did not end as it has to; the text says how."""


@dataclass(frozen=True)
class Asked:
    """Where to make folders, with which Python, and in how many seconds all of them."""

    directory: Path
    python: str
    limit: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.1, self.limit - (time.monotonic() - self.began))


def make(asked: Asked, names: Sequence[str]) -> int:
    """Make and verify these; 0 if every folder verifies, else 1."""
    asked.directory.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        held = list(pool.map(lambda name: _made(asked, name), names))
    print(f"{len(names)} submissions, {held.count(False)} problems")
    return 0 if names and all(held) else 1


def _made(asked: Asked, name: str) -> bool:
    """Make one and say what came of it; whether it holds."""
    began, held = time.monotonic(), True
    try:
        with tempfile.TemporaryDirectory(prefix="submission-") as scratch:
            said = one(asked, name, Path(scratch))
    except (NotStartedError, NotHeldError) as error:
        held, said = False, f"NOT SOUND: {error}"
    print(f"{name}: {said} ({time.monotonic() - began:.1f} s)", flush=True)
    return held


def one(asked: Asked, name: str, scratch: Path) -> str:
    """Make and verify one; its folder and verdict. Raises NotStartedError and NotHeldError."""
    product = PRODUCTS[name]
    with product.start(scratch) as ready:
        _command(asked, scratch, ready, ["init", *described(name, product, asked.python)], {0})
        wanted = {CONFORMANT} if product.demonstration else {CONFORMANT, NOT_CONFORMANT}
        said = _certified(asked, scratch, ready, wanted)
    lines = [line for line in said.splitlines() if line.startswith(f"{asked.directory}/")]
    if len(lines) != 1:
        raise NotHeldError(f"certify names no folder: {said[-LAST_WORDS:]}")
    folder, _, verdict = lines[0].rpartition(": ")
    if missing := [needed for needed in NEEDED if not (Path(folder) / needed).is_file()]:
        raise NotHeldError(f"{folder} has no {', '.join(missing)}")
    signed = []
    if product.demonstration:
        private, public = _keys(scratch)
        _command(asked, scratch, ready, ["attest", folder, "--key", private], {0})
        signed = ["--key", public]
    checked = _command(asked, scratch, ready, ["verify", folder, *signed], {0})
    if f"recomputed: {verdict}" not in checked.splitlines():
        raise NotHeldError(f"verify says another verdict than {verdict}: {checked[-LAST_WORDS:]}")
    return f"{Path(folder).relative_to(asked.directory)}, {verdict}, verified{', signed' if signed else ''}"


def _certified(asked: Asked, scratch: Path, ready: Ready, wanted: set[int]) -> str:
    """What `certify` prints, of one host or of several that are joined."""
    options = [word.replace(PYTHON, shlex.quote(asked.python)) for word in ready.options]
    if len(ready.hosts) == 1:
        return _command(asked, scratch, ready, [*CERTIFY, str(asked.directory), *options], wanted, ready.hosts[0])
    for number, host in enumerate(ready.hosts, 1):
        words = [*CERTIFY, f"host-{number}", *options]
        _command(asked, scratch, ready, words, {CONFORMANT, NOT_CONFORMANT}, host)
    ledgers = sorted(str(path) for path in scratch.glob("host-*/*/*/*/ledgers/*.jsonl"))
    return _command(asked, scratch, ready, [*CERTIFY, str(asked.directory), "--merge", *ledgers], wanted)


def described(name: str, product: Product, python: str) -> list[str]:
    """The options of `init`."""
    command = [word.replace(PYTHON, python) for word in product.version]
    try:
        printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=VERSION_SECONDS).stdout
    except (subprocess.SubprocessError, OSError) as error:
        raise NotStartedError(f"{name}: {command[0]} is not there: {error}") from None
    said = {
        "vendor": "Nobody: made by the tests of pytest-oci",
        "name": name,
        "version": version(printed),
        "website-url": product.website,
        "documentation-url": product.website,
        "type": "distribution",
        "description": product.description,
        "contact": "Nobody <nobody@example.org>",
        "intended-date": "2030-01-01",
        "demonstration": product.demonstration,
    }
    return [f"--{member}={value}" for member, value in said.items() if value]


def _keys(scratch: Path) -> tuple[str, str]:
    """A private key, and its public one."""
    private, public = str(scratch / "private.pem"), str(scratch / "public.pem")
    for words in (
        ["genpkey", "-algorithm", "ed25519", "-out", private],
        ["pkey", "-in", private, "-pubout", "-out", public],
    ):
        try:
            subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=VERSION_SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            raise NotStartedError(f"no key could be made: {error}") from None
    return private, public


def _command(
    asked: Asked, scratch: Path, ready: Ready, words: Sequence[str], good: set[int], prefix: Sequence[str] = ()
) -> str:
    """What a command of the programme prints. Raises NotHeldError unless it ends with one of these."""
    process = subprocess.Popen(
        [*prefix, asked.python, "-I", "-m", "pytest_oci", *words],
        cwd=scratch,
        env={**os.environ, **ready.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=asked.left)
    except subprocess.TimeoutExpired:
        # An interrupted run removes its containers and directories.
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=CLEANING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise NotHeldError(f"{words[0]}: more than {asked.limit:g} s for everything") from None
    if process.returncode not in good:
        raise NotHeldError(f"{words[0]} ended with {process.returncode}: {said[-LAST_WORDS:]}")
    return said
