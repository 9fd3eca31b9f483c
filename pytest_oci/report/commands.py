"""The commands that read ledgers: `report`, `matrix`, `diff`, `summary`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci import catalogue
from pytest_oci.ledger import LedgerError, read_ledger
from pytest_oci.report.view import View, view

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

SAME, DIFFERENT, UNUSABLE = 0, 1, 4
MOST_LEDGERS = 100
"""So many are read of a folder."""
LEDGERS = "a ledger, or a folder with ledgers of one product (*.jsonl)"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare them."""
    reporting = commands.add_parser("report", help="make a page of a run: report.html")
    reporting.add_argument("ledgers", nargs="+", type=Path, metavar="LEDGER", help=f"{LEDGERS}; several are joined")
    reporting.add_argument("-o", "--output", type=Path, default=Path("report.html"), metavar="FILE", help="%(default)s")
    reporting.set_defaults(command=_reported(report))
    tabulating = commands.add_parser("matrix", help="make a page of several products side by side: matrix.html")
    tabulating.add_argument("ledgers", nargs="+", type=Path, metavar="LEDGER", help=f"{LEDGERS}; a column each")
    tabulating.add_argument(
        "-o", "--output", type=Path, default=Path("matrix.html"), metavar="FILE", help="%(default)s"
    )
    tabulating.set_defaults(command=_reported(tabulate))
    comparing = commands.add_parser("diff", help="compare two runs clause by clause; exit status 0 same, 1 different")
    comparing.add_argument("ledgers", nargs=2, type=Path, metavar="LEDGER", help=LEDGERS)
    comparing.add_argument("--json", action="store_true", help="as a JSON object")
    comparing.set_defaults(command=_reported(diff))
    summing = commands.add_parser("summary", help="print a run as Markdown, for the job summary of a CI service")
    summing.add_argument("ledgers", nargs="+", type=Path, metavar="LEDGER", help=f"{LEDGERS}; several are joined")
    summing.set_defaults(command=_reported(summarize))


def report(options: argparse.Namespace) -> int:
    """`report LEDGER... -o FILE`."""
    from pytest_oci.report.page import page_of

    return _write(options.output, page_of(open_view(*options.ledgers)))


def tabulate(options: argparse.Namespace) -> int:
    """`matrix LEDGER... -o FILE`."""
    from pytest_oci.report.matrix import matrix

    return _write(options.output, matrix([open_view(path) for path in options.ledgers]))


def diff(options: argparse.Namespace) -> int:
    """`diff A B [--json]`."""
    from pytest_oci.report.compare import compare, comparison_json, comparison_text

    comparison = compare(*(open_view(path) for path in options.ledgers))
    if options.json:
        sys.stdout.write(json.dumps(comparison_json(comparison), indent=1) + "\n")
    else:
        width = shutil.get_terminal_size((120, 24)).columns
        sys.stdout.write(comparison_text(comparison, width=width, colour=sys.stdout.isatty()))
    return SAME if comparison.same else DIFFERENT


def summarize(options: argparse.Namespace) -> int:
    """`summary LEDGER...`."""
    from pytest_oci.report.markdown import markdown

    sys.stdout.write(markdown(open_view(*options.ledgers)))
    return 0


def open_view(*paths: Path) -> View:
    """What these ledgers, or those in these folders, say together. Raises LedgerError."""
    found = [ledger for path in paths for ledger in _ledgers(path)]
    return view([read_ledger(path) for path in found], catalogue.load())


def _ledgers(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.jsonl"))
    if not found or len(found) > MOST_LEDGERS:
        raise LedgerError(f"{path} holds {len(found) or 'no'} ledgers (*.jsonl)")
    return found


def _write(path: Path, text: str) -> int:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise LedgerError(f"{path} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{path}\n")
    return 0


def _reported(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command with its trouble told in one line."""

    def reported(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except LedgerError as error:
            sys.stderr.write(f"{error}\n")
        except ModuleNotFoundError as error:
            if error.name not in ("jinja2", "markupsafe"):
                raise
            sys.stderr.write("this needs jinja2: python3 -m pip install 'pytest-oci[report]'\n")
        return UNUSABLE

    return reported
