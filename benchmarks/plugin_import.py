"""What the plugin costs a pytest run that does not use it: `python3 -m benchmarks.plugin_import`.

Runs an unrelated test again and again, in pairs with and without `-p no:oci`, one right after the other and in
turning order, and takes the median of the differences of their processor time: what disturbs the machine disturbs
both runs of a pair, and waiting for a processor does not count. The exit status is 0 if the plugin keeps LIMIT, 1 if it
does not, 2 if the machine was too restless to tell.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 10.0
"""Milliseconds that the plugin may add."""
RUN_LIMIT = 60.0
"""Seconds that one run may take."""
WITHOUT = ("-p", "no:oci")


def timed(python: str, directory: Path, arguments: tuple[str, ...]) -> float:
    """Run the unrelated test once; return milliseconds of processor time. Raises CalledProcessError if it fails."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    argv = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=directory, env=env, check=True, capture_output=True, timeout=RUN_LIMIT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def pairs(python: str, count: int) -> list[tuple[float, float]]:
    """Return milliseconds with and without the plugin for `count` pairs of runs, after one that warms up."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="plugin-import-") as temporary:
        directory = Path(temporary)
        (directory / "test_unrelated.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        for number in range(count + 1):
            if number % 2:
                with_it, without = timed(python, directory, ()), timed(python, directory, WITHOUT)
            else:
                without, with_it = timed(python, directory, WITHOUT), timed(python, directory, ())
            measured.append((with_it, without))
    return measured[1:]


def has_plugin(python: str) -> bool:
    """Whether pytest would load the plugin in this environment; without it there is nothing to measure."""
    ask = "from importlib.metadata import entry_points as e; raise SystemExit('oci' not in e(group='pytest11').names)"
    return subprocess.run([python, "-P", "-c", ask], check=False, timeout=RUN_LIMIT).returncode == 0


def main(arguments: list[str]) -> int:
    """Measure, write a table and perhaps a JSON file, compare with the limit."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.plugin_import")
    parser.add_argument("--pairs", type=int, default=20, metavar="N", help="how many (default 20)")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args(arguments)
    options.python = str(Path(options.python).absolute())
    if not has_plugin(options.python):
        print(f"pytest-oci is not installed for {options.python}: choose another by --python", file=sys.stderr)
        return 4
    measured = pairs(options.python, options.pairs)
    added = [with_it - without for with_it, without in measured]
    low, median, high = statistics.quantiles(added, n=4)
    # Twice the standard error of a median, estimated from the quartiles.
    margin = 2 * 0.93 * (high - low) / len(measured) ** 0.5
    conclusion = "kept" if median + margin < LIMIT else "EXCEEDED" if median - margin >= LIMIT else "undecided"
    figures = {
        "pairs": len(measured),
        "with_ms": round(statistics.median(with_it for with_it, _ in measured), 2),
        "without_ms": round(statistics.median(without for _, without in measured), 2),
        "added_ms": round(median, 2),
        "margin_ms": round(margin, 2),
        "conclusion": conclusion,
        "limit_ms": LIMIT,
    }
    print(f"{'an unrelated run, median of':32} {len(measured):8} pairs")
    print(f"{'with the plugin':32} {figures['with_ms']:8} ms")
    print(f"{'without (-p no:oci)':32} {figures['without_ms']:8} ms")
    print(f"{'added, median of differences':32} {figures['added_ms']:8} ms (+- {margin:.2f})")
    print(f"{'limit':32} {LIMIT:8} ms: {conclusion}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return {"kept": 0, "EXCEEDED": 1, "undecided": 2}[conclusion]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
