"""A client of registries as a product under test: commands that pull and push, and what else it can be asked to do."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_oci.process import run
from pytest_oci.targets.client_profiles import PROFILES, Profile
from pytest_oci.targets.runtime import BANNER_SECONDS, LONGEST_VERSION, Call, TargetError, digest_of, find_program
from pytest_oci.targets.template import Template, TemplateError, files_in, parse_template
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PULL, PUSH, TAGS, DELETE, REFERRERS, CLEAN = "pull", "push", "tags", "delete", "referrers", "clean"
THEN = ";"
"""The word between two commands of one operation."""
COMMON = ("reference", "registry", "repository", "storage", "ca", "certs", "layout", "ref", "tag", "digestfile")
SECURE = ("ca", "certs")
"""The fields that tell of a certificate authority."""
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        PULL: (("reference",),),
        PUSH: (("reference",), ("layout", "archive")),
        TAGS: (("repository",),),
        DELETE: (("reference",),),
        REFERRERS: (("reference",),),
        CLEAN: (),
    }
)
"""The operations; of each group of fields one has to be used somewhere in its commands."""
MOST_COMMANDS = 10


@dataclass(frozen=True, slots=True)
class Client:
    """A product that pulls and, if there is a template for it, pushes, lists tags and referrers, deletes.

    An operation is one or more commands, carried out in turn as long as they exit with 0; `clean` is carried out after
    each, whatever came of it. `hides` are directories of the host that the product keeps to itself whatever it is told.
    """

    operations: Mapping[str, tuple[Template, ...]]
    programs: Mapping[str, Path]
    """The executables by the first words of the commands."""
    banner: str
    sha256: str
    profile: str = ""
    hides: tuple[str, ...] = ()

    def can(self, operation: str) -> bool:
        """Whether there is a command for it."""
        return operation in self.operations

    def uses(self, operation: str, field: str) -> bool:
        """Whether a command of the operation is given what this field stands for."""
        return any(field in command.fields for command in self.operations.get(operation, ()))

    @property
    def program(self) -> Path:
        """The executable that pulls."""
        return self.programs[self.operations[PULL][0].words[0]]

    @property
    def secure(self) -> bool:
        """Whether it is told of a certificate authority, so that it can be talked to by TLS."""
        return any(self.uses(operation, field) for operation in self.operations for field in SECURE)

    def call(
        self,
        operation: str,
        values: Mapping[str, str],
        *,
        timeout: float,
        scratch: Path,
        env: Mapping[str, str],
        cwd: Path,
        before_exec: Callable[[], None] | None = None,
        too_large: Callable[[], bool] | None = None,
    ) -> list[Call]:
        """Carry out the commands of an operation until one fails; each has the limits of pytest_oci.process.run.

        Of cleaning up all are carried out, but those about something that there is not.
        """
        calls = []
        for command in self.operations[operation]:
            if operation == CLEAN and not all(values[field] for field in command.fields):
                continue
            program, *words = command.argv(values)
            done = run(
                [str(self.programs[program]), *words],
                timeout=timeout,
                scratch=scratch,
                env=env,
                cwd=cwd,
                before_exec=before_exec,
                too_large=too_large,
            )
            seconds = round(done.seconds, 6)
            calls.append(Call(operation, done.argv, done.exit, done.code, done.stdout, done.stderr, seconds))
            if not done.ok and operation != CLEAN:
                break
        return calls

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of the product."""
        return {
            "kind": "client",
            "path": str(self.program),
            "version": printable(next(iter(self.banner.splitlines()), ""))[:LONGEST_VERSION] or "says no version",
            "sha256": self.sha256,
            "profile": self.profile,
            "templates": {
                operation: [list(command.words) for command in commands]
                for operation, commands in self.operations.items()
            },
            "files": self._files(),
        }

    def _files(self) -> dict[str, str]:
        """The sha256 of every further program, and of the files that the commands name."""
        others = {name: path for name, path in self.programs.items() if path != self.program}
        digests = {name: digest_of(path, "client") for name, path in sorted(others.items())}
        return digests | files_in(command for commands in self.operations.values() for command in commands)


def open_client(text: str, others: Mapping[str, str], scratch: Path) -> Client:
    """Find the program of a template for pulling or of a profile, and ask for its version.

    `others` are templates of further operations, in the place of the profile's. Raises TemplateError or TargetError.
    """
    profile = _profile(text)
    templates = {**(profile.operations if profile else {PULL: text}), **others}
    operations = {operation: parse_commands(operation, template) for operation, template in templates.items()}
    names = {command.words[0] for commands in operations.values() for command in commands}
    programs = {name: find_program(text if profile and name == profile.name else name, "client") for name in names}
    program = programs[operations[PULL][0].words[0]]
    words = profile.version if profile else ("--version",)
    done = run([str(program), *words], timeout=BANNER_SECONDS, scratch=scratch)
    if profile and not done.ok:
        said = next(iter((done.stderr or done.stdout).strip().splitlines()), "")
        raise TargetError(f"{profile.name} does not say its version: {done.describe()}: {printable(said)}")
    banner = done.stdout if done.ok else ""
    sha256 = digest_of(program, "client")
    name, hides = (profile.name, profile.hides) if profile else ("", ())
    return Client(operations, programs, banner, sha256, name, hides)


def recorded_client(identity: Mapping[str, Any]) -> Client:
    """The client of a ledger, which is not called again."""
    operations = {
        operation: tuple(Template(tuple(words)) for words in commands)
        for operation, commands in identity["templates"].items()
    }
    programs = {operations[PULL][0].words[0]: Path(identity["path"])}
    return Client(operations, programs, "", identity["sha256"], identity["profile"])


def parse_commands(operation: str, text: str) -> tuple[Template, ...]:
    """The commands of an operation. Raises TemplateError."""
    fields = (*COMMON, *(("archive", "id") if operation in (PUSH, CLEAN) else ()))
    commands = [parse_template(shlex.join(words), fields, ()) for words in _parts(text)]
    if not 0 < len(commands) <= MOST_COMMANDS:
        raise TemplateError(f"{text!r} has to be one to {MOST_COMMANDS} commands, with a {THEN!r} between two")
    used = frozenset().union(*(command.fields for command in commands))
    for group in NEEDED[operation]:
        if used.isdisjoint(group):
            raise TemplateError(f"{text!r}: it has to use {' or '.join(f'{{{name}}}' for name in group)}")
    return tuple(commands)


def _parts(text: str) -> list[list[str]]:
    """The words of each command."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TemplateError(f"{text!r} cannot be split into words: {error}") from None
    parts: list[list[str]] = [[]]
    for word in words:
        if word == THEN:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _profile(text: str) -> Profile | None:
    """The profile that is named, by itself or by the path of a program of that name. Raises TargetError."""
    if "{" in text or " " in text.strip():
        return None
    name = text.rpartition(os.sep)[2]
    if name not in PROFILES:
        raise TargetError(f"{text!r} is no command with {{reference}}, and none of {', '.join(PROFILES)}")
    return PROFILES[name]
