"""Arguments and exit statuses of `python3 -m tools.registries`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path

from tools.registries.judging import CASES, Asked, judge

USAGE = 4


def main(arguments: list[str]) -> int:
    """Judge registries; 0 if all is well, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    python = shutil.which(options.python)
    if python is None:
        print(f"registries: there is no Python {options.python}", file=sys.stderr)
        return USAGE
    # What was started has to be ended, or else it goes on listening.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    asked = Asked(options.results.absolute(), str(Path(python).absolute()), options.limit)
    return judge(asked, options.only or list(CASES))


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.registries", description="Real registries, judged.")
    parser.add_argument("--only", nargs="+", default=[], choices=CASES, metavar="NAME", help=f"of {', '.join(CASES)}")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument(
        "--results", type=Path, default=Path("results/registries"), metavar="DIR", help="for the records"
    )
    parser.add_argument("--limit", type=float, default=120.0, metavar="SECONDS", help="for one run (default 120)")
    return parser.parse_args(arguments)
