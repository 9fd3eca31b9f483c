"""Arguments and exit statuses of `python3 -m tools.submissions`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path

from tools.submissions.making import Asked, make
from tools.submissions.products import PRODUCTS, USUAL

USAGE = 4


def main(arguments: list[str]) -> int:
    """Make and verify folders; 0 if all is well, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    python = shutil.which(options.python)
    if python is None:
        print(f"submissions: there is no Python {options.python}", file=sys.stderr)
        return USAGE
    # What was started has to be ended, or else it goes on listening.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    directory = options.directory.absolute()
    return make(Asked(directory, str(Path(python).absolute()), options.limit), options.only or list(USUAL))


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.submissions", description="Submission folders, verified.")
    parser.add_argument("directory", type=Path, metavar="DIR", help="for the folders")
    names = ", ".join(PRODUCTS)
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=PRODUCTS,
        metavar="NAME",
        help=f"of {names} (default {', '.join(USUAL)})",
    )
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument(
        "--limit", type=float, default=240.0, metavar="SECONDS", help="for everything (default %(default)g)"
    )
    return parser.parse_args(arguments)
