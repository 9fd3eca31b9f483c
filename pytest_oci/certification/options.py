"""The options about a product that `certify` and `verify --rerun` take, and those that they refuse.

They are pytest's own `--oci-…` options without that prefix. What leaves clauses or parts of the product out is
refused: a certificate is about all of them.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.certification.trouble import CertificationError
from pytest_oci.kinds import KINDS
from pytest_oci.settings import OPTIONS, TARGETS, kinds_of
from pytest_oci.targets.template import names_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

REFUSED = ("clause", "ref", "platform", "ledger", "replay", "require", "prove", "tap")
"""Of our own options; ledger, replay and the like are what the commands themselves set."""
LEAVING_OUT = (
    "-k",
    "-m",
    "--deselect",
    "--ignore",
    "--ignore-glob",
    "-x",
    "--exitfirst",
    "--maxfail",
    "--lf",
    "--last-failed",
    "--sw",
    "--stepwise",
)
FILES = frozenset({"runtime-profile", "deviations", "seeded", "registry-ca", "bundle", "layout"})
"""Options whose values are paths, which have to be so from any directory."""
COMMANDS = frozenset({"converter", "copier", "builder", "artifact-tool", "client"})
"""Options whose values are commands; those of the same with a further word as well (client-push, engine-run)."""


def add_product_options(parser: argparse.ArgumentParser) -> None:
    """An option for every kind of target, and for all that is said about it."""
    for option in OPTIONS:
        if option.name in REFUSED:
            continue
        action = "store_true" if option.flag else "append" if option.repeatable else "store"
        parser.add_argument(f"--{option.name}", action=action, help=option.help, dest=f"given_{option.dest}")


def refuse_selection(unknown: Sequence[str]) -> None:
    """Raise CertificationError for words that the parser did not know."""
    if not unknown:
        return
    word = unknown[0].partition("=")[0]
    short = word[:2] if word[:1] == "-" and word[:2] != "--" else word
    ours = {*(f"--oci-{name}" for name in REFUSED), *(f"--{name}" for name in REFUSED)}
    if short in LEAVING_OUT or word in ours:
        raise CertificationError(
            f"{short} would leave something out: a certificate is about every clause and all tests"
        )
    raise CertificationError(f"{unknown[0]} is no option here; the product is named by --{', --'.join(KINDS)}")


def given_options(options: argparse.Namespace) -> list[str]:
    """The names of the options about the product that were given."""
    return [option.name for option in OPTIONS if getattr(options, f"given_{option.dest}", None)]


def product_arguments(options: argparse.Namespace) -> list[str]:
    """The words for pytest. Raises CertificationError unless one product is named."""
    words: list[str] = []
    named: set[str] = set()
    for option in OPTIONS:
        value = getattr(options, f"given_{option.dest}", None)
        if not value:
            continue
        if option.name in TARGETS:
            named.add(option.name)
        if option.flag:
            words.append(f"--oci-{option.name}")
            continue
        values = value if option.repeatable else [value]
        words += [f"--oci-{option.name}={_absolute(option.name, one)}" for one in values]
    if len(kinds_of(named)) != 1:
        raise CertificationError(f"name one product to judge, by one of --{', --'.join(KINDS)}")
    return words


def _absolute(name: str, value: str) -> str:
    """Paths are made absolute, since the run is in a directory of its own."""
    if name == "document":
        kind, colon, path = value.partition(":")
        return f"{kind}{colon}{Path(path).absolute()}" if path else value
    if (name in COMMANDS and " " in value) or name.startswith(("client-", "engine-")):
        return _absolute_words(value)
    is_path = (name in FILES and value != "demo" and not _is_profile_name(name, value)) or (
        name in ("runtime", "client") and "/" in value
    )
    return str(Path(value).absolute()) if is_path else value


def _absolute_words(template: str) -> str:
    """A template with the files that it names by relative paths, the program among them, where they are."""
    try:
        words = shlex.split(template)
    except ValueError:
        return template  # pytest says what is wrong with it
    found = [str(Path(word).absolute()) if names_file(word) else word for word in words]
    return template if found == words else shlex.join(found)


def _is_profile_name(name: str, value: str) -> bool:
    return name == "runtime-profile" and "/" not in value and not Path(value).exists()
