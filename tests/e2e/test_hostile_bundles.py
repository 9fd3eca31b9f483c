"""Bundles that are made to break their reader: each is judged soon, in bounded memory, and what is wrong is said."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from measured import MIB, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_CPU = 12.0
"""Seconds of processor time; those of a clock depend on what else the machine does."""
MOST_SECONDS = 120.0

START = b'{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"cwd": "/", "args": ["x"]}'

ROOT = os.getuid() == 0
SETPRIV = shutil.which("setpriv")
MAY_READ_ALL = "-dac_override,-dac_read_search"
PRESENT = "bundle.config-json.present"
VERSION = "config.oci-version.required"
UTF8 = "glossary.json.utf8"


@dataclass
class Judged:
    """How a run on a bundle went: its end, and the status of every test by clause."""

    status: int
    output: str
    results: list[dict[str, str]]

    def having(self, status: str) -> set[str]:
        """The clauses with this status."""
        return {result["clause"] for result in self.results if result["status"] == status}

    def reasons(self) -> Counter[str]:
        """Why tests were not testable, and how many."""
        return Counter(result["reason"] for result in self.results if result["status"] == "not-testable")


def judge(bundle: Path, where: Path, *before: str) -> Judged:
    """A run of the suite on a bundle, in a process of its own; `before` are words before its command."""
    ledger = where / "ledger"
    command = [
        *before,
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "bundle", f"--oci-bundle={bundle}",
        f"--oci-ledger={ledger}", f"--junitxml={where / 'junit.xml'}",
    ]  # fmt: skip
    ended = run(command, where, most_cpu=MOST_CPU, most_seconds=MOST_SECONDS)
    records = [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []
    results = [record for record in records if record["type"] == "result" and record["test"]]
    return Judged(ended.status, ended.output + ended.errors, results)


def text(data: bytes) -> Callable[[Path], object]:
    """A config.json of these bytes."""
    return lambda bundle: (bundle / "config.json").write_bytes(data)


def sparse(bundle: Path) -> None:
    with (bundle / "config.json").open("wb") as file:
        file.truncate(200 * MIB)


def socket_at(bundle: Path) -> None:
    # The path of a socket is short, that of a temporary directory is not.
    here = os.open(bundle, os.O_PATH)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"/proc/self/fd/{here}/config.json")
    finally:
        os.close(here)


def loop(bundle: Path) -> None:
    (bundle / "config.json").write_bytes(START + b"}")
    (bundle / "rootfs").rmdir()
    (bundle / "rootfs").symlink_to("rootfs")


def strays(*, beside: bool) -> Callable[[Path], object]:
    """100,000 files, with a config.json beside them or not."""

    def make(bundle: Path) -> None:
        here = os.open(bundle, os.O_PATH)
        try:
            for number in range(100_000):
                os.mknod(f"{number:06}", dir_fd=here)
        finally:
            os.close(here)
        if beside:
            (bundle / "config.json").write_bytes(START + b"}")

    return make


def large_strays(bundle: Path) -> None:
    """Many files that have to be read to the end to see that they are no configurations."""
    (bundle / "first").write_bytes(b'{"a": [' + b"1," * 40_000 + b"1]}" + b" " * 900_000)
    for number in range(200):
        (bundle / f"{number}").hardlink_to(bundle / "first")


def entries(bundle: Path) -> None:
    """As many faults as fit into what is read."""
    empty = b",".join([b"{}"] * 90_000)
    (bundle / "config.json").write_bytes(
        START + b', "linux": {"devices": [' + empty + b']}, "mounts": [' + empty + b"]}"
    )


def destinations(bundle: Path) -> None:
    """Paths of a million components."""
    paths = b",".join(b'{"destination": "C:%s%d"}' % (rb"\\a" * 700_000, number) for number in range(7))
    (bundle / "config.json").write_bytes(
        b'{"ociVersion": "1.3.0", "process": {"cwd": "C:\\\\", "args": ["x"]}, "windows": {}, "mounts": ['
        + paths
        + b"]}"
    )


def repeated(bundle: Path) -> None:
    """A long name thousands of times."""
    (bundle / "config.json").write_bytes(b"{" + b",".join([b'"' + b"n" * 1000 + b'": 1'] * 15_000) + b"}")


def link(target: str) -> Callable[[Path], object]:
    """A config.json that is a symbolic link."""
    return lambda bundle: (bundle / "config.json").symlink_to(target)


FAILS: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "utf8": (text(START + b', "hostname": "\xff"}'), {UTF8}),
    "nan": (text(START + b', "x": NaN}'), {VERSION}),
    "infinity": (text(START + b', "x": -Infinity}'), {VERSION}),
    "unclosed": (text(b'{"a": "' + b"\\\\" * 4_000_000), {VERSION}),
    "fifo": (lambda bundle: os.mkfifo(bundle / "config.json"), {PRESENT}),
    "directory": (lambda bundle: (bundle / "config.json").mkdir(), {PRESENT}),
    "socket": (socket_at, {PRESENT}),
    "dev-zero": (link("/dev/zero"), {PRESENT}),
    "link-to-itself": (link("config.json"), {PRESENT}),
    "strays-alone": (strays(beside=False), {PRESENT}),
    "large-strays": (large_strays, {PRESENT}),
    "rootfs-loop": (loop, {"config.root.path.directory-exists"}),
    "entries": (
        entries,
        {"config.mounts.destination.required"}
        | {f"config.linux.devices.{name}.required" for name in ("type", "path", "major-minor")},
    ),
    "long-key": (text(START + b', "annotations": {"' + b"k" * 15_000_000 + b'": 5}}'),
                 {"config.annotations.values-are-strings"}),
    "repeated-names": (repeated, {"glossary.json.no-duplicate-names.config", VERSION, "config.root.required"}),
    "destinations": (destinations, {"config.windows.layer-folders.required", "config.root.required-windows-server"}),
}  # fmt: skip
"""Bundles with a fault, and the clauses that fail."""

UNREAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "200-mb": (sparse, "limit: "),
    "deep": (text(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "limit: "),
    "digits": (text(START + b', "x": ' + b"9" * 1_000_000 + b"}"), "limit: "),
    "fraction": (text(START + b', "x": 0.' + b"9" * 1_000_000 + b"}"), "limit: "),
    "exponent": (text(START + b', "x": 1e999999999}'), "limit: "),
    "values": (text(START + b', "x": [' + b"0," * 5_000_000 + b"0]}"), "limit: "),
    "memory-of-a-process": (link("/proc/self/mem"), "host: "),
}
"""Bundles of which nothing can be said, and the beginning of the reason."""


def checked(judged: Judged) -> Judged:
    """What holds for every run."""
    assert "INTERNALERROR" not in judged.output
    assert judged.having("error") == set()
    assert judged.results, judged.output
    assert len(judged.output) < 40_000
    return judged


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "bundle" / "rootfs").mkdir(parents=True)
    return tmp_path / "bundle"


@pytest.mark.parametrize("name", FAILS)
def test_a_hostile_bundle_fails_what_it_breaks(name: str, bundle: Path, tmp_path: Path) -> None:
    make, clauses = FAILS[name]
    make(bundle)
    judged = checked(judge(bundle, tmp_path))
    assert judged.having("fail") == clauses
    assert judged.status == 1
    assert "not conformant" in judged.output
    assert all(clause in judged.output for clause in clauses)


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_is_not_praised(name: str, bundle: Path, tmp_path: Path) -> None:
    make, reason = UNREAD[name]
    make(bundle)
    judged = checked(judge(bundle, tmp_path))
    assert judged.having("fail") == set()
    assert judged.status == 0
    assert judged.output.rstrip().splitlines()[-1].split()[1] == "passed,"
    assert ": conformant" not in judged.output
    [(said, number)] = judged.reasons().items()
    assert said.startswith(f"{reason}config.json") or str(bundle / "config.json") in said
    assert number > 100


def test_strays_do_not_hide_a_good_configuration(bundle: Path, tmp_path: Path) -> None:
    strays(beside=True)(bundle)
    judged = checked(judge(bundle, tmp_path))
    assert judged.having("fail") == set()
    assert judged.having("not-testable") == set()
    assert judged.status == 0


@pytest.mark.skipif(ROOT and SETPRIV is None, reason="root reads everything: apt-get install util-linux")
def test_an_unreadable_configuration_is_the_hosts_matter(bundle: Path, tmp_path: Path) -> None:
    (bundle / "config.json").write_bytes(START + b"}")
    (bundle / "config.json").chmod(0)
    judged = checked(judge(bundle, tmp_path, *(["setpriv", f"--bounding-set={MAY_READ_ALL}"] if ROOT else [])))
    assert judged.having("fail") == set()
    [(said, number)] = judged.reasons().items()
    assert said.startswith("host: ")
    assert "Permission denied" in said
    assert number > 100
