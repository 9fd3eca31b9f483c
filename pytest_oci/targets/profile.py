"""How a runtime spells the operations of runtime-spec on its command line (the text prescribes none)."""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pytest_oci.catalogue import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OPERATIONS = ("create", "start", "state", "kill", "delete", "force-delete", "features", "version")
REQUIRED_OPERATIONS = ("create", "start", "state", "kill", "delete")
PLACEHOLDERS = ("state_root", "bundle", "pid_file", "console_socket", "id", "signal")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
PACKAGED = ("runc", "crun", "youki", "runsc", "kata-runtime", "runhcs", "systemd-nspawn", "bwrap", "generic")

MEMBERS = frozenset(
    {
        "name",
        "programs",
        "platforms",
        "untried",
        "adapter",
        "not_the_products",
        "cgroups_path",
        "globals",
        "operations",
    }
)

Groups = tuple[tuple[str, ...], ...]


class ProfileError(ValueError):
    """A profile file is not what it has to be."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Command lines by operation, as groups of words; a group whose placeholder has no value is left out."""

    name: str
    programs: tuple[str, ...]
    globals: Groups
    operations: Mapping[str, Groups]
    platforms: frozenset[str] = frozenset()
    """Platforms whose clauses bind the product besides those of the host: `vm` for one that runs virtual machines."""
    untried: bool = False
    """Whether it was written from documentation and nobody has run it yet."""
    adapter: str = ""
    """Of the product's adapter, where it has no operations of its own (pytest_oci.targets.adapters)."""
    not_the_products: tuple[str, ...] = ()
    """Patterns of clauses that the adapter keeps or breaks, not the product."""
    cgroups_path: bool = True
    """Whether every bundle is given a cgroup of the run, so that limits and what is left behind can be seen."""

    def argv(self, program: Sequence[str], operation: str, values: Mapping[str, str]) -> list[str] | None:
        """The argument vector of an operation, None if the product does not have it.

        `program` is the executable with its global arguments; `values` are the placeholders'.
        """
        groups = self.operations.get(operation)
        if groups is None:
            return None
        words = [sys.executable, "-I", "-m", "pytest_oci.targets.adapters", self.adapter] if self.adapter else []
        words += program
        for group in (*self.globals, *groups):
            filled = [_fill(word, values) for word in group]
            words.extend(word for word in filled if word is not None) if None not in filled else None
        return words

    def takes(self, operation: str, placeholder: str) -> bool:
        """Whether an operation's command line has a place for this value."""
        return any(f"{{{placeholder}}}" in word for group in self.operations.get(operation, ()) for word in group)


def _fill(word: str, values: Mapping[str, str]) -> str | None:
    """The word with its placeholders replaced, None if one of them has no value."""
    if any(name not in values for name in PLACEHOLDER.findall(word)):
        return None
    return PLACEHOLDER.sub(lambda match: values[match[1]], word)


def parse_profile(text: str, where: str) -> Profile:
    """Read a profile from TOML; raises ProfileError saying where and what."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{where}: {error}") from None
    unknown = sorted(data.keys() - MEMBERS)
    if unknown or not isinstance(data.get("name"), str) or not isinstance(data.get("operations"), dict):
        raise ProfileError(f"{where}: a profile has name, programs, globals and the table operations")
    adapter, foreign, cgroups = (
        data.get("adapter", ""),
        data.get("not_the_products", []),
        data.get("cgroups_path", True),
    )
    if not isinstance(adapter, str) or not _are_words(foreign) or not isinstance(cgroups, bool):
        raise ProfileError(f"{where}: adapter is a name, not_the_products an array of patterns, cgroups_path a boolean")
    operations = {name: _groups(value, f"{where}: {name}") for name, value in data["operations"].items()}
    for name in sorted(operations.keys() - set(OPERATIONS)):
        raise ProfileError(f"{where}: unknown operation {name}; there are {', '.join(OPERATIONS)}")
    for name in REQUIRED_OPERATIONS:
        if name not in operations:
            raise ProfileError(f"{where}: the operation {name} is missing")
    programs = data.get("programs", [])
    if not _are_words(programs):
        raise ProfileError(f"{where}: programs has to be an array of names")
    platforms = data.get("platforms", [])
    if not _are_words(platforms) or not set(platforms) <= set(PLATFORMS):
        raise ProfileError(f"{where}: platforms has to be an array of {', '.join(PLATFORMS)}")
    if not isinstance(data.get("untried", False), bool):
        raise ProfileError(f"{where}: untried has to be true or false")
    return Profile(
        name=data["name"],
        programs=tuple(programs),
        globals=_groups(data.get("globals", []), f"{where}: globals"),
        operations=operations,
        platforms=frozenset(platforms),
        untried=data.get("untried", False),
        adapter=adapter,
        not_the_products=tuple(foreign),
        cgroups_path=cgroups,
    )


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _groups(value: Any, where: str) -> Groups:
    if not isinstance(value, list) or not all(group and _are_words(group) for group in value):
        raise ProfileError(f"{where}: has to be an array of arrays of words")
    groups = tuple(tuple(group) for group in value)
    for name in (name for group in groups for word in group for name in PLACEHOLDER.findall(word)):
        if name not in PLACEHOLDERS:
            raise ProfileError(f"{where}: unknown placeholder {{{name}}}; there are {', '.join(PLACEHOLDERS)}")
    return groups


def packaged_profile(name: str) -> Profile:
    """A profile that is shipped."""
    entry = files("pytest_oci.targets") / "profiles" / f"{name}.toml"
    return parse_profile(entry.read_text(encoding="utf-8"), entry.name)


def choose_profile(program: Path, banner: str) -> Profile:
    """The shipped profile for a runtime, by the name of its executable or the first word of its version banner."""
    names = {program.name, *banner.split()[:1]}
    for profile in map(packaged_profile, PACKAGED):
        if names & set(profile.programs):
            return profile
    return packaged_profile("generic")
