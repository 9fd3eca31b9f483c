"""Arguments, errors and exit statuses of `python3 -m tools.machine`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

from tools.machine import packages, supervise
from tools.machine.errors import LimitReachedError, MachineError, StoppedError
from tools.machine.task import MODES, Task

OUT_OF_LIMITS, NO_MACHINE = 124, 125
DEFAULT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "COLUMNS", "CI", "VIRTUAL_ENV")
EMPTY_IN_GUEST = tuple(Path(name) for name in ("/tmp", "/run", "/dev", "/proc", "/sys"))  # noqa: S108
"""Directories that the guest has for itself: what the host has there is not seen."""
MEGABYTE = 1 << 20

EPILOG = """\
The command runs as root with standard input empty; it sees this host's files, and what it writes is lost with the
machine but for the directories that --keep names. /tmp, /run, /dev, /proc and /sys are the guest's own.

The exit status is the command's, 128+N if signal N ended it; 124 if a limit was reached; 125 if there is no machine;
126 and 127 if the command cannot be started; 128+N if signal N ended this program.
"""


def main(arguments: list[str]) -> int:
    """Prepare, or run a command in a machine; return the exit status."""
    options = parse(arguments)
    try:
        if os.geteuid() != 0:
            raise MachineError("this needs root: it makes a private view of all files")
        if options.action == "prepare":
            return _prepare(options)
        return _run(options)
    except LimitReachedError as problem:
        print(f"machine: {problem}", file=sys.stderr)
        return OUT_OF_LIMITS
    except MachineError as problem:
        print(f"machine: {problem}", file=sys.stderr)
        return NO_MACHINE
    except StoppedError as stopped:
        return 128 + stopped.number


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options; the command, if there is one, is what follows `--`. Exits as argparse does."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.machine", description=(__doc__ or "").splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True, metavar="{prepare,v1,v2}")
    cache = argparse.ArgumentParser(add_help=False)
    cache.add_argument(
        "--cache",
        type=Path,
        default=packages.default_cache(),
        metavar="DIR",
        help="for the kernel (default %(default)s)",
    )
    actions.add_parser("prepare", parents=[cache], help="install what is missing and get the guest's kernel")
    for mode in MODES:
        run = actions.add_parser(
            mode,
            parents=[cache],
            help=f"run a command in a machine with cgroup {mode} alone",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        run.add_argument("--memory", type=int, default=2048, metavar="MB", help="default %(default)s")
        run.add_argument(
            "--limit", type=float, default=600, metavar="SECONDS", help="for the command (default %(default)s)"
        )
        run.add_argument("--boot-limit", type=float, default=120, metavar="SECONDS", help="default %(default)s")
        run.add_argument("--output-limit", type=int, default=64, metavar="MB", help="default %(default)s")
        run.add_argument(
            "--keep", type=Path, action="append", default=[], metavar="DIR",
            help="what the guest writes there is written on this host; made if it is absent; may be given often",
        )  # fmt: skip
        run.add_argument("--cwd", type=Path, metavar="DIR", help="in the guest (default: this one)")
        run.add_argument(
            "--env", action="append", default=[], metavar="NAME[=VALUE]",
            help=f"pass a variable on, or set it; may be given often; always passed: {' '.join(DEFAULT_ENVIRONMENT)}",
        )  # fmt: skip
        run.add_argument("--accelerator", choices=["kvm", "tcg"], default="tcg", help="default %(default)s")
        run.add_argument("command", nargs="+", metavar="COMMAND", help="after --: the program and its arguments")
    return parser.parse_args(arguments)


def environment(wanted: list[str], ours: dict[str, str]) -> dict[str, str]:
    """Return the command's environment: variables that are always passed on, then those that are asked for."""
    chosen = {name: ours[name] for name in DEFAULT_ENVIRONMENT if name in ours}
    for assignment in wanted:
        name, given, value = assignment.partition("=")
        if given:
            chosen[name] = value
        elif name in ours:
            chosen[name] = ours[name]
    return chosen


def check_seen(path: Path, what: str, keep: list[Path]) -> None:
    """Raise MachineError if the guest cannot see a path of the host."""
    hidden = next((place for place in EMPTY_IN_GUEST if path.is_relative_to(place) and path != place), None)
    if hidden and not any(path.is_relative_to(directory) for directory in keep):
        raise MachineError(f"the guest has a {hidden} of its own and does not see {what} {path}; move it, or --keep it")


def _prepare(options: argparse.Namespace) -> int:
    kernel = packages.prepare(options.cache.absolute())
    print(f"ready: {kernel.image.parent}")
    return 0


def _run(options: argparse.Namespace) -> int:
    kernel = packages.find(options.cache.resolve())
    keep = [directory.resolve() for directory in options.keep]
    cwd = options.cwd.absolute() if options.cwd else Path.cwd()
    for directory in keep:
        directory.mkdir(parents=True, exist_ok=True)
    check_seen(cwd, "the directory", keep)
    check_seen(Path(sys.executable), "the Python", [])
    task = Task(
        mode=options.action,
        argv=options.command,
        cwd=str(cwd),
        environment=environment(options.env, dict(os.environ)),
        keep=[str(directory) for directory in keep],
        hostname=f"machine-{secrets.token_hex(4)}",
    )
    limits = supervise.Limits(options.boot_limit, options.limit, options.output_limit * MEGABYTE)
    machine = supervise.Machine(kernel, options.accelerator, options.memory)
    return supervise.run(machine, task, limits)
