"""Arguments and exit statuses of `python3 -m tools.commands`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from tools.commands.judging import judge
from tools.commands.products import PRODUCTS, PYTHON

USAGE = 4


def main(arguments: list[str]) -> int:
    """Judge commands; 0 if all is well, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    if options.list:
        for product in PRODUCTS:
            print(f"{product.name:32} {product.given(PYTHON)}")
        return 0
    python = shutil.which(options.python)
    if os.geteuid() != 0 or python is None:
        reason = f"there is no Python {options.python}" if python is None else "this needs root: it makes namespaces"
        print(f"commands: {reason}", file=sys.stderr)
        return USAGE
    # As it was called: an environment's Python is a link whose place says which environment it is.
    return judge(options.only, str(Path(python).absolute()), options.results.absolute(), options.limit)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.commands", description="Commands of real tools, judged.")
    parser.add_argument("--list", action="store_true", help="say which there are")
    names = [product.name for product in PRODUCTS]
    parser.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME", help="these (see --list)")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results/commands"), metavar="DIR", help="for the records")
    parser.add_argument("--limit", type=float, default=240.0, metavar="SECONDS", help="for all (default %(default)g)")
    return parser.parse_args(arguments)
