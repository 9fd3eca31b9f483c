"""How judging a layout grows with its manifests: `python3 -m benchmarks.many_manifests [-- PYTEST-ARGS]`.

Makes a layout of many images, each with a configuration and a small layer of its own, and judges it by
`pytest --oci-layout`, as a directory. Figures are medians over the runs. The exit status is 0 if they keep LIMIT, 1 if
not, or if nothing was judged.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LIMIT = 60.0
"""Seconds that judging 10,000 manifests may take on two processors."""
RUN_LIMIT = 900.0
TYPES = "application/vnd.oci.image."


class BenchmarkError(Exception):
    """A run that cannot be measured; the text says why."""


@dataclass(frozen=True)
class Run:
    """One run: seconds, the seconds of processor time in it, MiB at most, tests and clauses."""

    seconds: float
    processor_seconds: float
    mebibytes: float
    tests: int
    clauses: int


def write_layout(directory: Path, manifests: int) -> None:
    """A layout of so many images of one layer."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    entries = [_image(blobs, number) for number in range(manifests)]
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")
    index = {"schemaVersion": 2, "mediaType": f"{TYPES}index.v1+json", "manifests": entries}
    (directory / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _image(blobs: Path, number: int) -> dict[str, Any]:
    tar = _tar(f"srv/{number}", str(number).encode())
    platform = {"architecture": "amd64", "os": "linux"}
    rootfs = {"type": "layers", "diff_ids": [_digest(tar)]}
    config = json.dumps({**platform, "config": {"Env": [f"NUMBER={number}"]}, "rootfs": rootfs}).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{TYPES}manifest.v1+json",
        "config": _stored(blobs, f"{TYPES}config.v1+json", config),
        "layers": [_stored(blobs, f"{TYPES}layer.v1.tar+gzip", gzip.compress(tar, mtime=0))],
    }
    names = {"org.opencontainers.image.ref.name": f"v{number}"}
    return {
        **_stored(blobs, f"{TYPES}manifest.v1+json", json.dumps(manifest).encode()),
        "platform": platform,
        "annotations": names,
    }


def _tar(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _stored(blobs: Path, media_type: str, content: bytes) -> dict[str, Any]:
    digest = _digest(content)
    (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def measure(options: argparse.Namespace, layout: Path) -> Run:
    """Judge the layout once. Raises BenchmarkError if nothing was judged."""
    ledger = layout.parent / "run.jsonl"
    argv = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--oci-layout={layout}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*argv, f"--oci-ledger={ledger}", *options.extra],
        cwd=layout.parent,
        env=env,
        check=False,
        capture_output=True,
        timeout=RUN_LIMIT,
    )
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1} or not ledger.exists():
        raise BenchmarkError(f"the suite ended with {done.returncode}: {(done.stdout + done.stderr).decode()[-2000:]}")
    with ledger.open(encoding="utf-8") as lines:
        records = [record for record in map(json.loads, lines) if record.get("clause") and record.get("status")]
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    tests = {(record["test"], record["clause"]) for record in records}
    clauses = {record["clause"] for record in records if record["status"] != "not-applicable"}
    return Run(seconds, processor, after.ru_maxrss / 1024, len(tests), len(clauses))


def main(arguments: list[str]) -> int:
    """Measure as often as asked; write a table and perhaps a JSON file, compare with the limit."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.many_manifests")
    parser.add_argument("--manifests", type=int, default=10_000, metavar="N", help="how many (default 10000)")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many (default 1)")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest")
    options = parser.parse_args(arguments)
    options.python = str(Path(options.python).absolute())
    with tempfile.TemporaryDirectory(prefix="many-manifests-") as temporary:
        layout = Path(temporary, "layout")
        write_layout(layout, options.manifests)
        try:
            runs = [measure(options, layout) for _ in range(options.runs)]
        except BenchmarkError as problem:
            print(f"benchmark: {problem}", file=sys.stderr)
            return 1
    medians = {name: statistics.median(asdict(run)[name] for run in runs) for name in asdict(runs[0])}
    kept = medians["seconds"] < LIMIT * options.manifests / 10_000
    print(f"{options.manifests} manifests, median of {len(runs)} runs")
    print(f"  {'whole run':24} {medians['seconds']:9.1f} s")
    print(f"  {'processor time':24} {medians['processor_seconds']:9.1f} s")
    print(f"  {'memory at most':24} {medians['mebibytes']:9.0f} MiB")
    print(f"  {'judgements':24} {medians['tests']:9.0f} of {medians['clauses']:.0f} clauses")
    print(f"  {'limit':24} {LIMIT * options.manifests / 10_000:9.1f} s: {'kept' if kept else 'EXCEEDED'}")
    if options.json:
        result = {"manifests": options.manifests, "medians": medians, "runs": [asdict(run) for run in runs]}
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
