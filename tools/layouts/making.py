"""Make layouts: outside, a directory that is removed afterwards; inside namespaces of its own, the tools."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.layouts import isolation
from tools.layouts.bench import PATH, Bench, NotHereError, Place, ToolError
from tools.layouts.shapes import SHAPES, Producer, Shape

RECORD = "layouts.json"
SIDE_BY_SIDE = 2
"""Producers at work at the same time."""
GRACE = 30.0
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Made:
    """What became of a shape. `path` is relative to the record.

    `problem` says why there is no layout, though there should be; `absent`, that the tools here cannot write it.
    """

    name: str
    producer: str
    version: str
    path: str
    seconds: float = 0.0
    commands: list[str] = field(default_factory=list)
    problem: str = ""
    absent: str = ""

    @property
    def there(self) -> bool:
        """Whether there is a layout."""
        return not self.problem and not self.absent


def make(directory: Path, names: list[str], root: Path, limit: float) -> int:
    """Make the layouts in namespaces of their own, for at most `limit` seconds; the exit status."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="layouts-") as shared:
        cgroup = Path(shared).name
        inside = [sys.executable, "-m", "tools.layouts.making", str(directory), str(root), shared, *names]
        process = subprocess.Popen([*isolation.UNSHARE, *inside], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            print(f"the layouts were not made within {limit:g} s", file=sys.stderr)
            status = 1
        finally:
            # Ends what it started, too: its children live in a namespace whose first process dies with it.
            process.kill()
            process.wait(GRACE)
            isolation.remove_cgroups(cgroup)
    return status


def inside(directory: Path, root: Path, shared: Path, names: list[str]) -> int:
    """Make the layouts, in namespaces made for it; 1 if one of them could not be made."""
    isolation.hide_state(root, shared / "state")
    isolation.lend(root, shared)
    isolation.loopback_up()
    place = Place(root, shared, shared.name)
    chosen: dict[Producer, list[Shape]] = defaultdict(list)
    for shape in SHAPES:
        if not names or shape.name in names:
            chosen[shape.producer].append(shape)
    with place.daemons, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        pending = [pool.submit(all_of, place, producer, shapes, directory) for producer, shapes in chosen.items()]
        made = [one for future in pending for one in future.result()]
    write_record(directory, made)
    problems = [one for one in made if one.problem]
    for one in made:
        if not one.there:
            print(f"{one.name}: " + (f"NOT MADE: {one.problem}" if one.problem else f"not here: {one.absent}"))
    print(f"{sum(one.there for one in made)} layouts were made, {len(problems)} could not be made")
    return 1 if problems else 0


def all_of(place: Place, producer: Producer, shapes: list[Shape], directory: Path) -> list[Made]:
    """Make the shapes of one producer."""
    missing = [name for name in producer.programs if not present(place.root, name)]
    if missing:
        absent = f"there is no {', '.join(missing)}"
        return [Made(shape.name, producer.name, "", shape.file, absent=absent) for shape in shapes]
    asking = Bench(place, place.shared)
    version = asking.run(*producer.version).splitlines()[0]
    return [one_of(place, shape, version, directory) for shape in shapes]


def one_of(place: Place, shape: Shape, version: str, directory: Path) -> Made:
    """Make one shape, and move it where it belongs."""
    made = Made(shape.name, shape.producer.name, version, shape.file)
    scratch = place.shared / shape.name
    scratch.mkdir()
    bench = Bench(place, scratch, made.commands)
    began = time.monotonic()
    out = scratch / ("layout.tar" if shape.archive else "layout")
    try:
        shape.make(bench, out)
        target = directory / shape.file
        remove(target)
        shutil.move(out, target)
    except NotHereError as error:
        made.absent = str(error)
    except (ToolError, OSError) as error:
        made.problem = str(error)
    made.seconds = round(time.monotonic() - began, 2)
    remove(scratch)
    print(f"{made.name}: {made.seconds:.1f} s", flush=True)
    return made


def write_record(directory: Path, made: list[Made]) -> None:
    """Write or extend the record: what was made before and not now stays in it."""
    path = directory / RECORD
    before = json.loads(path.read_text(encoding="utf-8"))["layouts"] if path.exists() else []
    now = {one.name: asdict(one) for one in made}
    kept = [one for one in before if one["name"] not in now]
    layouts = sorted([*kept, *now.values()], key=lambda one: str(one["name"]))
    path.write_text(json.dumps({"layouts": layouts}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def remove(path: Path) -> None:
    """Remove a file or a tree, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def present(root: Path, program: str) -> bool:
    """Whether the tools' directory tree has a program, on PATH or, with slashes, at this place."""
    places = [program] if "/" in program else [f"{directory}/{program}" for directory in PATH.split(":")]
    return any((root / place.lstrip("/")).exists() for place in places)


if __name__ == "__main__":
    sys.exit(inside(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
