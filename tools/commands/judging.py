"""Run the suite on commands, in namespaces of their own, and hold what fails against docs/field-results.md."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools import field_results, suite
from tools.commands.products import PRODUCTS
from tools.full_run import CHECKOUT
from tools.layouts import isolation
from tools.layouts.bench import PATH, settings

if TYPE_CHECKING:
    from tools.commands.products import Product

SIDE_BY_SIDE = 2
GRACE = 30.0
SHORT = Path("/run/c")
"""Where the directory of all runs is seen: podman takes no long paths."""
SLOW_SECONDS = 60
"""For one command."""


@dataclass(frozen=True)
class Judged:
    """What the suite said of a command, and what is `wrong` with the run. `absent` says why there was none."""

    product: Product
    failed: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()
    absent: str = ""


def judge(names: list[str], python: str, results: Path, limit: float) -> int:
    """Judge the commands of these names, or all, for at most `limit` seconds; 0 if runs and page are right, else 1."""
    results.mkdir(parents=True, exist_ok=True)
    inside = [sys.executable, "-m", "tools.commands.judging", python, str(results), f"{limit}", *names]
    process = subprocess.Popen([*isolation.UNSHARE, *inside], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        print(f"the commands were not judged within {limit:g} s", file=sys.stderr)
        return 1
    finally:
        process.kill()  # and with it whatever it started: it is the first process of its namespace
        process.wait(GRACE)


def inside(python: str, results: Path, limit: float, names: list[str]) -> int:
    """The same, in namespaces made for it."""
    chosen = [product for product in PRODUCTS if not names or product.name in names]
    with tempfile.TemporaryDirectory(prefix="cmd-") as own:
        isolation.hide_state(Path("/"), Path(own) / "state")
        isolation.loopback_up()
        isolation.bind(Path(own), SHORT)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            judged = list(pool.map(lambda product: run(product, python, results, limit), chosen))
    problems = [f"{one.product.name}: {wrong}" for one in judged for wrong in one.wrong]
    page = field_results.rows(field_results.PAGE.read_text(encoding="utf-8"))
    there = [one for one in judged if not one.absent]
    problems += field_results.compare(page, [(one.product.name, one.failed) for one in there])
    for problem in problems:
        print(problem)
    print(f"{len(there)} commands were judged, {len(problems)} problems")
    return 1 if problems or not there else 0


def run(product: Product, python: str, results: Path, limit: float) -> Judged:
    """Run the suite on one command."""
    absent = missing(product, python)
    if absent:
        print(f"{product.name}: not here: {absent}", flush=True)
        return Judged(product, absent=absent)
    records, place = results / product.file, SHORT / f"{PRODUCTS.index(product)}"
    temporary = place / "t"
    temporary.mkdir(parents=True)
    words = [product.given(python), f"--oci-timeout={SLOW_SECONDS}"]
    ended = suite.run(python, records, words, limit, cwd=place, env=environment(place, temporary))
    left = (f"left behind: {path.name}" for path in left_in(temporary))
    print(f"{product.name}: {ended}", flush=True)
    return Judged(product, ended.failed, (*ended.wrong, *left))


def missing(product: Product, python: str) -> str:
    """What the machine lacks to run a command, in words."""
    lacking = [name for name in product.programs if shutil.which(name, path=PATH) is None]
    for module in product.modules:
        asked = subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True, timeout=GRACE)
        lacking += [module] if asked.returncode else []
    return f"there is no {', '.join(lacking)}" if lacking else ""


def environment(place: Path, temporary: Path) -> dict[str, str]:
    """Nothing of the caller's, but where to keep files; what buildah and podman have to be told."""
    conf = place / "containers.conf"
    conf.write_text(settings(), encoding="utf-8")
    places = {"HOME": str(place), "TMPDIR": str(temporary), "CONTAINERS_CONF": str(conf)}
    return {"PATH": PATH, "LANG": "C.UTF-8", "BUILDAH_ISOLATION": "chroot", **places}


def left_in(temporary: Path) -> list[Path]:
    """What a run left in its temporary directory, but for pytest's own."""
    return [path for path in temporary.iterdir() if not path.name.startswith("pytest-of-") and any_file(path)]


def any_file(path: Path) -> bool:
    """Whether there is anything but empty directories."""
    return not path.is_dir() or any(files for _, _, files in os.walk(path))


if __name__ == "__main__":
    sys.exit(inside(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
