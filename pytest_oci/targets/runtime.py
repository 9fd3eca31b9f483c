"""A container runtime as a product under test: a command line behind typed operations (runtime.md, "Operations")."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.process import CAPTURED, Completed, Streams, run
from pytest_oci.targets.profile import Profile, choose_profile, parse_profile
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BANNER_SECONDS = 5.0
LONGEST_VERSION = 200


class TargetError(ValueError):
    """There is no such product; the text is one line that says how to mend the command line."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation as it went: the transcript that evidence is made of."""

    operation: str
    argv: tuple[str, ...]
    exit: str
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def result(self) -> Completed:
        """The same as an ended program."""
        return Completed(self.argv, self.exit, self.code, self.stdout, self.stderr, self.seconds)

    @property
    def ok(self) -> bool:
        """Whether the operation reported success: exit status 0."""
        return self.result.ok

    @property
    def refused(self) -> bool:
        """Whether the operation reported an error of its own accord: no crash, time-out or flood."""
        return self.result.refused

    def to_json(self) -> dict[str, Any]:
        """The call as plain data."""
        return asdict(self) | {"argv": list(self.argv)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Call:
        """The inverse of to_json."""
        return cls(**{**data, "argv": tuple(data["argv"])})


@dataclass(frozen=True, slots=True)
class Runtime:
    """An executable with its global arguments and the profile that says how it spells operations."""

    program: Path
    arguments: tuple[str, ...]
    profile: Profile
    banner: str
    sha256: str

    @property
    def version_line(self) -> str:
        """First line of what the product says of its version."""
        return printable(next(iter(self.banner.splitlines()), ""))[:LONGEST_VERSION] or "says no version"

    def argv(self, operation: str, values: Mapping[str, str]) -> list[str] | None:
        """The command line of an operation, None if the profile has none."""
        return self.profile.argv((str(self.program), *self.arguments), operation, values)

    def call(
        self,
        operation: str,
        values: Mapping[str, str],
        *,
        timeout: float,
        scratch: Path,
        streams: Streams = CAPTURED,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        listen_fds: Sequence[int] = (),
        before_exec: Callable[[], None] | None = None,
        keep: frozenset[int] = frozenset(),
    ) -> Call:
        """Carry out an operation; see pytest_oci.process.run for the limits.

        An operation that the profile does not have is a call that could not be started.
        """
        argv = self.argv(operation, values)
        if argv is None:
            return Call(operation, (), "not-started", 0, "", f"the profile {self.profile.name} has no {operation}", 0.0)
        done = run(
            argv,
            timeout=timeout,
            scratch=scratch,
            streams=streams,
            env=env,
            cwd=cwd,
            listen_fds=listen_fds,
            before_exec=before_exec,
            keep=keep,
        )
        return Call(operation, done.argv, done.exit, done.code, done.stdout, done.stderr, round(done.seconds, 6))

    def _adapted(self) -> dict[str, Any]:
        """Of an adapted product: by what, and which clauses say nothing of it."""
        profile = self.profile
        return (
            {"adapter": profile.adapter, "not_the_products": list(profile.not_the_products)} if profile.adapter else {}
        )

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of the product."""
        return {
            "kind": "runtime",
            "path": str(self.program),
            "version": self.version_line,
            "sha256": self.sha256,
            "arguments": list(self.arguments),
            "profile": self.profile.name,
            "platforms": sorted(self.profile.platforms),
            "untried": self.profile.untried,
        } | self._adapted()


def find_program(name: str, kind: str = "runtime") -> Path:
    """The executable that a name on PATH or a path means; TargetError says what is wrong with it."""
    given = Path(name)
    if os.sep not in name:
        found = shutil.which(name)
        if found is None:
            raise TargetError(f"no {kind} {name!r} on PATH: install it or give its path")
        return Path(found).absolute()
    path = given.absolute()
    try:
        found_mode = path.stat().st_mode
    except OSError as error:
        raise TargetError(f"there is no {kind} {name}: {error.strerror}") from None
    if stat.S_ISDIR(found_mode):
        raise TargetError(f"the {kind} {name} is a directory: give the path of its executable")
    if not stat.S_ISREG(found_mode) or not os.access(path, os.X_OK):
        raise TargetError(f"the {kind} {name} is not executable")
    return path


def open_runtime(name: str, arguments: Sequence[str], profile_file: str | None, scratch: Path) -> Runtime:
    """Find a runtime, ask for its version and choose its profile. Raises TargetError or ProfileError."""
    program = find_program(name)
    done = run([str(program), "--version"], timeout=BANNER_SECONDS, scratch=scratch)
    banner = done.stdout if done.ok else ""
    if profile_file is None:
        profile = choose_profile(program, banner)
    else:
        try:
            text = Path(profile_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
            raise TargetError(f"the profile {profile_file} cannot be read: {why}") from None
        profile = parse_profile(text, profile_file)
    digest = digest_of(program, "runtime")
    return Runtime(program, tuple(arguments), profile, banner, digest)


def digest_of(program: Path, kind: str) -> str:
    """The sha256 of an executable, by which it is identified. Raises TargetError if it cannot be read."""
    try:
        with program.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TargetError(f"the {kind} {program} cannot be read, so not be identified: {error.strerror}") from None
