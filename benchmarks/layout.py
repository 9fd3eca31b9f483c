"""What reading an image layout costs: `python3 -m benchmarks.layout`.

Makes a layout of gzip layers in a temporary directory, always the same one, and reads all of it: the digests of every
blob and of what it unpacks to, and the walk through every archive; once with the standard library alone, once with the
extra `fast`. Beside that it runs what else is installed of skopeo (which copies the layout) and umoci (which unpacks
the image as well). All are run in turn, `--rounds` times, each in a process of its own, and the best time of each
counts: what disturbs the machine only ever adds. The exit status is 0 if our readings keep the limits, else 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1024**2
LAYERS, FILES, MEAN_SIZE = 10, 4800, 28 * 1024
"""Layers, files of each and their mean size: 1.3 GiB in all."""
POOL = 8 * MIB
SEED = 20
RUN_LIMIT = 300.0
"""Seconds that one run may take."""
LIMITS = {"pytest-oci, isal": (2.5, 150), "pytest-oci, stdlib": (4.0, 150)}
"""Most seconds and MiB on two processors."""


def make_layout(directory: Path, layers: int) -> None:
    """Write the layout."""
    (directory / "blobs" / "sha256").mkdir(parents=True)
    pool = content_pool()
    with ThreadPoolExecutor() as threads:
        made = list(threads.map(lambda number: make_layer(directory, number, pool), range(layers)))
    image = {
        "os": "linux",
        "architecture": "amd64",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in made]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": add_document(directory, image, "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor for descriptor, _ in made],
    }
    top = add_document(directory, manifest, "application/vnd.oci.image.manifest.v1+json")
    top["annotations"] = {"org.opencontainers.image.ref.name": "it"}
    index = {"schemaVersion": 2, "manifests": [top]}
    (directory / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")


def content_pool() -> bytes:
    """Bytes that deflate to about a third, as programs and their texts do."""
    numbers = random.Random(SEED)
    words = [numbers.randbytes(round(2 + numbers.expovariate(0.12))) for _ in range(6000)]
    out = bytearray()
    while len(out) < POOL:
        out += b"".join(words[int(numbers.paretovariate(0.7)) % len(words)] for _ in range(40))
        out += numbers.randbytes(72)
    return bytes(out)


class _Layer:
    """A layer that is being written: digested and deflated."""

    def __init__(self, path: Path) -> None:
        self.plain, self.packed, self.size = hashlib.sha256(), hashlib.sha256(), 0
        self._file = path.open("wb")
        self._deflate = zlib.compressobj(4, zlib.DEFLATED, 31)

    def write(self, data: bytes) -> None:
        self.plain.update(data)
        self._out(self._deflate.compress(data))

    def _out(self, packed: bytes) -> None:
        self.packed.update(packed)
        self.size += len(packed)
        self._file.write(packed)

    def close(self) -> None:
        self._out(self._deflate.flush())
        self._file.close()


def make_layer(directory: Path, number: int, pool: bytes) -> tuple[dict[str, object], str]:
    """Write one layer; return its descriptor and its diff_id."""
    numbers = random.Random(SEED + number)
    temporary = directory / f"layer-{number}"
    layer = _Layer(temporary)
    for place in range(FILES):
        entry = tarfile.TarInfo(f"usr/lib/layer{number}/package-{place // 40}/module_{place:05}.py")
        entry.size = min(int(numbers.expovariate(1 / MEAN_SIZE)), POOL)
        start = numbers.randrange(POOL - entry.size + 1)
        layer.write(entry.tobuf())
        layer.write(pool[start : start + entry.size])
        layer.write(bytes(-entry.size % tarfile.BLOCKSIZE))
    layer.write(bytes(2 * tarfile.BLOCKSIZE))
    layer.close()
    digest = layer.packed.hexdigest()
    temporary.rename(directory / "blobs" / "sha256" / digest)
    media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    descriptor = {"mediaType": media_type, "digest": f"sha256:{digest}", "size": layer.size}
    return descriptor, f"sha256:{layer.plain.hexdigest()}"


def add_document(directory: Path, document: Mapping[str, object], media_type: str) -> dict[str, object]:
    """Write a document as a blob; return its descriptor."""
    data = json.dumps(document).encode()
    digest = hashlib.sha256(data).hexdigest()
    (directory / "blobs" / "sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def read(directory: Path, engines: list[str]) -> None:
    """Read the layout and check what was read; for a process of its own."""
    from pytest_oci.targets.layout import compression
    from pytest_oci.targets.layout.reading import read_layout

    compression.GZIP_ENGINES = tuple(engines)
    blobs = read_layout(directory).blobs.values()
    for blob in blobs:
        unpacked = blob.unpacked
        assert blob.digest == blob.named
        assert blob.data is not None or (unpacked and not unpacked.problem and unpacked.tar.ended == "zero blocks")
    assert sum(blob.unpacked.tar.entries for blob in blobs if blob.unpacked) % FILES == 0


@dataclass(frozen=True)
class Run:
    """What one run cost."""

    seconds: float
    processor_seconds: float
    mebibytes: float


def measure(argv: list[str]) -> Run:
    """Run a command, for RUN_LIMIT at most. Raises CalledProcessError if it fails, or is ended by the limit."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors)
        limit = threading.Timer(RUN_LIMIT, process.kill)
        limit.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        finally:
            limit.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(process.returncode, argv, stderr=errors.read())
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(directory: Path, python: str) -> dict[str, list[str]]:
    """What is compared, by name: what is installed of it. `{out}` is a place to write to."""
    ours = [python, "-m", "benchmarks.layout", "--read", str(directory)]
    found = {}
    if importlib.util.find_spec("isal"):
        found["pytest-oci, isal"] = [*ours, "--engine=isal.isal_zlib"]
    if importlib.util.find_spec("zlib_ng"):
        found["pytest-oci, zlib-ng"] = [*ours, "--engine=zlib_ng.zlib_ng"]
    found["pytest-oci, stdlib"] = [*ours, "--engine=zlib"]
    if skopeo := shutil.which("skopeo"):
        copied = ["copy", "--quiet", "--insecure-policy", f"oci:{directory}:it", "dir:{out}"]
        found["skopeo copy"] = [skopeo, *copied]
    if umoci := shutil.which("umoci"):
        rootless = [] if os.geteuid() == 0 else ["--rootless"]
        found["umoci unpack"] = [umoci, "unpack", *rootless, "--image", f"{directory}:it", "{out}"]
    return found


def compare(found: dict[str, list[str]], temporary: Path, rounds: int) -> dict[str, Run]:
    """The best run of each command."""
    runs: dict[str, list[Run]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, argv in found.items():
            out = temporary / "out"
            runs[name].append(measure([word.replace("{out}", str(out)) for word in argv]))
            shutil.rmtree(out, ignore_errors=True)
    return {name: min(measured, key=lambda run: run.seconds) for name, measured in runs.items()}


def main(arguments: list[str]) -> int:
    """Make the layout, compare, write a table and perhaps a JSON file."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.layout")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each (default 3)")
    parser.add_argument("--layers", type=int, default=LAYERS, metavar="N", help=f"layers to make (default {LAYERS})")
    parser.add_argument("--only", metavar="WORD", default="", help="run only what has this in its name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--make", type=Path, metavar="DIR", help="only make the layout, there")
    parser.add_argument("--read", type=Path, metavar="DIR", help="only read this layout, in this process")
    parser.add_argument("--engine", action="append", help="with --read: modules to try for gzip")
    options = parser.parse_args(arguments)
    if options.make:
        make_layout(options.make, options.layers)
        return 0
    if options.read:
        read(options.read, options.engine)
        return 0
    with tempfile.TemporaryDirectory(prefix="layout-benchmark-") as temporary:
        directory = Path(temporary, "layout")
        # In a process of its own, whose memory is not counted with that of the others.
        made = measure([sys.executable, "-m", "benchmarks.layout", f"--make={directory}", f"--layers={options.layers}"])
        packed = sum(path.stat().st_size for path in directory.rglob("*"))
        print(f"{options.layers} layers of {FILES} files, {packed / MIB:.0f} MiB, made in {made.seconds:.0f} s")
        found = {name: argv for name, argv in commands(directory, sys.executable).items() if options.only in name}
        best = compare(found, Path(temporary), options.rounds)
    print(f"best of {options.rounds} on {os.cpu_count()} processors")
    print(f"{'':24}{'seconds':>9}{'of processor':>14}{'MiB at most':>13}")
    kept = True
    for name, run in best.items():
        seconds, mebibytes = LIMITS.get(name, (RUN_LIMIT, RUN_LIMIT * MIB))
        exceeded = options.layers == LAYERS and (run.seconds > seconds or run.mebibytes > mebibytes)
        kept = kept and not exceeded
        words = f"  EXCEEDED: {seconds} s, {mebibytes} MiB" if exceeded else ""
        print(f"{name:24}{run.seconds:9.2f}{run.processor_seconds:14.2f}{run.mebibytes:13.0f}{words}")
    if options.json:
        figures = {"bytes": packed, "runs": {name: asdict(run) for name, run in best.items()}}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
