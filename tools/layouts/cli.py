"""Arguments and exit statuses of `python3 -m tools.layouts`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tools.layouts import making
from tools.layouts.shapes import SHAPES

USAGE = 4


def main(arguments: list[str]) -> int:
    """Make or judge layouts; 0 if all is well, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    if options.action == "list":
        for shape in SHAPES:
            print(f"{shape.file:32} {(shape.make.__doc__ or '').splitlines()[0]}")
        return 0
    if os.geteuid() != 0:
        print("layouts: this needs root: it makes namespaces, devices and storage for images", file=sys.stderr)
        return USAGE
    return making.make(options.directory.absolute(), options.only, options.tools.absolute(), options.limit)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.layouts", description="Image layouts of real tools.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="{make,list}")
    actions.add_parser("list", help="say which layouts there are")
    make = actions.add_parser("make", help="let real tools write layouts, and say so in DIRECTORY/layouts.json")
    make.add_argument("directory", type=Path, metavar="DIRECTORY")
    names = [shape.name for shape in SHAPES]
    make.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME", help="these (see list)")
    make.add_argument("--tools", type=Path, default=Path("/"), metavar="DIR", help="another system's files (default /)")
    make.add_argument("--limit", type=float, default=300.0, metavar="SECONDS", help="for all (default %(default)g)")
    return parser.parse_args(arguments)
