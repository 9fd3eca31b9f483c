"""`python -m pytest_oci.targets.adapters PRODUCT PROGRAM OPERATION...`: the command line that profiles call."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from pytest_oci.targets.adapters import bwrap, nspawn, operations
from pytest_oci.targets.adapters.records import AdapterError

PRODUCTS = {"systemd-nspawn": nspawn.words, "bwrap": bwrap.words}


def main(words: list[str]) -> int:
    """Carry out one operation: 0 if it was done, 1 with a line on stderr if not."""
    options = _parser().parse_args(words)
    root = Path(options.root)
    try:
        match options.operation:
            case "create":
                translate = partial(PRODUCTS[options.product], Path(options.program))
                pid_file = Path(options.pid_file) if options.pid_file else None
                operations.create(root, options.id, Path(options.bundle), pid_file, translate)
            case "start":
                operations.start(root, options.id)
            case "state":
                sys.stdout.write(f"{operations.state(root, options.id)}\n")
            case "kill":
                operations.kill(root, options.id, options.signal)
            case "delete":
                operations.delete(root, options.id, force=options.force)
    except (AdapterError, OSError) as error:
        sys.stderr.write(f"adapter of {options.product}: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pytest_oci.targets.adapters", description=__doc__)
    parser.add_argument("product", choices=sorted(PRODUCTS))
    parser.add_argument("program")
    parser.add_argument("--root", required=True)
    operation = parser.add_subparsers(dest="operation", required=True)
    for name in ("create", "start", "state", "kill", "delete"):
        one = operation.add_parser(name)
        one.add_argument("id")
        if name == "create":
            one.add_argument("--bundle", default=".")
            one.add_argument("--pid-file")
        if name == "kill":
            one.add_argument("signal", nargs="?", default="TERM")
        if name == "delete":
            one.add_argument("--force", action="store_true")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
