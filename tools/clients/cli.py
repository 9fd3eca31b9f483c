"""Arguments and exit statuses of `python3 -m tools.clients`, and the namespaces in which clients are judged."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.clients.daemon import DAEMON, DOCKER
from tools.full_run import CHECKOUT
from tools.layouts import isolation

USUAL = (DOCKER, "skopeo", "buildah", "podman")
USAGE = 4
GRACE = 30.0
"""Seconds that the kernel may take to end what was killed."""


def main(arguments: list[str]) -> int:
    """Judge clients; 0 if the runs are sound and the page is right, 1 if not, 4 if it was not asked for properly."""
    options = parse(arguments)
    python = shutil.which(options.python)
    programs = [*options.names, *([DAEMON] if DOCKER in options.names else [])]
    missing = [name for name in programs if shutil.which(name) is None]
    if os.geteuid() != 0 or python is None or missing:
        lacking = f"there is no {missing[0] if missing else options.python}"
        print(f"clients: {lacking if os.geteuid() == 0 else 'this needs root: it makes namespaces'}", file=sys.stderr)
        return USAGE
    # What waits for the clients has to end by itself, or else their directory remains.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    results = options.results.absolute()
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="clients-") as own:
        words = [own, str(Path(python).absolute()), str(results), f"{options.limit:g}", *options.names]
        inside = [sys.executable, "-m", "tools.clients.judging", *words]
        process = subprocess.Popen([*isolation.UNSHARE, *inside], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
        try:
            return process.wait()
        finally:
            process.kill()  # and with it whatever it started: it is the first process of its namespace
            process.wait(GRACE)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.clients", description="Real clients of registries.")
    usual = " ".join(USUAL)
    parser.add_argument("names", nargs="*", default=list(USUAL), metavar="NAME", help=f"default: {usual}")
    parser.add_argument("--python", default=sys.executable, help="the Python that has pytest-oci")
    parser.add_argument("--results", type=Path, default=Path("results/clients"), metavar="DIR", help="for the records")
    parser.add_argument("--limit", type=float, default=280.0, metavar="SECONDS", help="for one run (%(default)g)")
    return parser.parse_args(arguments)
