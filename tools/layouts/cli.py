"""Arguments and exit statuses of `python3 -m tools.layouts`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path

from tools.layouts import judging, making
from tools.layouts.shapes import SHAPES

USAGE = 4


def main(arguments: list[str]) -> int:
    """Make or judge layouts; 0 if all is well, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    if options.action == "list":
        for shape in SHAPES:
            print(f"{shape.file:32} {(shape.make.__doc__ or '').splitlines()[0]}")
        return 0
    if options.action == "judge":
        return judge(options)
    if os.geteuid() != 0:
        print("layouts: this needs root: it makes namespaces, devices and storage for images", file=sys.stderr)
        return USAGE
    # What waits for the tools has to end by itself, or else their directory remains.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    return making.make(options.directory.absolute(), options.only, options.tools.absolute(), options.limit)


def judge(options: argparse.Namespace) -> int:
    """Judge the layouts of a directory."""
    directory, python = options.directory.absolute(), shutil.which(options.python)
    if python is None or not (directory / making.RECORD).exists():
        missing = f"no Python {options.python}" if python is None else f"no {making.RECORD} in {directory}"
        print(f"layouts: there is {missing}", file=sys.stderr)
        return USAGE
    names, extra = frozenset(options.only), tuple(options.extra)
    return judging.judge(
        judging.Asked(directory, options.results.absolute(), str(Path(python).absolute()), options.limit, names, extra)
    )


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.layouts", description="Image layouts of real tools.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="{list,make,judge}")
    actions.add_parser("list", help="say which layouts there are")
    make = actions.add_parser("make", help="let real tools write layouts, and say so in DIRECTORY/layouts.json")
    make.add_argument("directory", type=Path, metavar="DIRECTORY")
    names = [shape.name for shape in SHAPES]
    make.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME", help="these (see list)")
    make.add_argument("--tools", type=Path, default=Path("/"), metavar="DIR", help="another system's files (default /)")
    make.add_argument("--limit", type=float, default=300.0, metavar="SECONDS", help="for all (default %(default)g)")
    judge = actions.add_parser("judge", help="run the suite on each, and hold what fails against the field results")
    judge.add_argument("directory", type=Path, metavar="DIRECTORY")
    judge.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME", help="these (see list)")
    judge.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    judge.add_argument("--results", type=Path, default=Path("results/layouts"), metavar="DIR", help="for the records")
    judge.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="for one layout (default 60)")
    judge.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest")
    return parser.parse_args(arguments)
