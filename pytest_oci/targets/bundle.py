"""A bundle as a product under test: the directory of `--oci-bundle=DIR` (runtime-spec bundle.md)."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.documents.exact import (
    DEFAULT_LIMITS,
    Document,
    DocumentError,
    LimitError,
    Limits,
    NotUTF8Error,
    read_json,
)
from pytest_oci.documents.semver import major_minor

if TYPE_CHECKING:
    from collections.abc import Mapping

OBSERVED = "bundle"
"""What the observation of a bundle is called in a ledger."""
CONFIG_NAME = "config.json"
MOST_ENTRIES = 10_000
MOST_CANDIDATES = 100
MOST_CANDIDATE_BYTES = 4 * 1024 * 1024
LOOK_AHEAD = 256
OPENING = os.O_RDONLY
"""Flags with which no kind of file makes an open wait or act; not every system has them all."""
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    OPENING |= getattr(os, _name, 0)
CANDIDATE_LIMITS = Limits(size=1024 * 1024, values=50_000)


class BundleError(ValueError):
    """There is no such bundle directory; the text is one line that says how to mend the command line."""


class ConfigError(ValueError):
    """config.json could not be had; the text is one line that says why."""


class ConfigMissingError(ConfigError):
    """There is no regular file config.json in the bundle directory itself."""


class ConfigUnreadableError(ConfigError):
    """config.json is there, and the system does not let it be read."""


class ConfigTooLargeError(ConfigError):
    """config.json is larger than what is read here, in bytes, depth or values."""


class ConfigInvalidError(ConfigError):
    """config.json is no JSON text in UTF-8."""


class ConfigEncodingError(ConfigInvalidError):
    """config.json is no text in UTF-8, whatever else it is."""


@dataclass(frozen=True, slots=True)
class RootPath:
    """What `root.path` of the configuration resolves to (config.md, Root).

    `kind` is what stands there: "a directory", "missing", "a regular file" and the like.
    """

    declared: str
    resolved: Path
    kind: str
    inside: bool
    beside: bool = False
    """Whether the path names an entry of the bundle directory itself."""

    @property
    def is_directory(self) -> bool:
        """Whether a directory, or a symbolic link to one, exists at the path."""
        return self.kind == "a directory"

    def to_json(self) -> dict[str, str | bool]:
        """The same as plain data."""
        return {"declared": self.declared, "resolved": str(self.resolved), "kind": self.kind, "inside": self.inside}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RootPath:
        """The inverse of to_json."""
        return cls(data["declared"], Path(data["resolved"]), data["kind"], data["inside"])


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it lies on the disk; whether it is a valid one is for the clauses to judge.

    `data` are the exact bytes of config.json, and `document` what they say; where they could not be had, `problem`
    says why. `strays` are configuration files, as paths relative to the directory, that lie elsewhere than where
    the specification wants the one: they are looked for when that one is missing. `to_be_started` says that the
    bundle is handed over in order to be started, which makes `process` required.
    """

    directory: Path
    data: bytes | None
    document: Document | None
    problem: ConfigError | None
    strays: tuple[str, ...] = ()
    to_be_started: bool = False
    seen_root: RootPath | None = None
    """What `root.path` resolved to while the bundle was in use, for one that is no more."""

    def identity(self) -> dict[str, str]:
        """What the ledger says of the bundle: its path, and the digest of its config.json if that could be read."""
        digest = {} if self.data is None else {"sha256": hashlib.sha256(self.data).hexdigest()}
        return {"kind": "bundle", "path": str(self.directory), **digest}

    @property
    def minor_version(self) -> str | None:
        """Major and minor number of the ociVersion that the configuration declares; None where it declares none."""
        config = self.document.root if self.document else None
        declared = config.get("ociVersion") if isinstance(config, dict) else None
        version = major_minor(declared) if isinstance(declared, str) else None
        return f"{version[0]}.{version[1]}" if version else None

    @property
    def root(self) -> RootPath | None:
        """What `root.path` resolves to; None where the configuration has no such string."""
        if self.seen_root is not None:
            return self.seen_root
        config = self.document.root if self.document else None
        root = config.get("root") if isinstance(config, dict) else None
        declared = root.get("path") if isinstance(root, dict) else None
        if not isinstance(declared, str):
            return None
        return resolve_root(self.directory, declared)

    def to_saved(self) -> dict[str, Any]:
        """All that is needed to judge the bundle again."""
        root = self.root
        return {
            "directory": str(self.directory),
            "data": None if self.data is None else base64.b64encode(self.data).decode("ascii"),
            "problem": None if self.problem is None else [type(self.problem).__name__, str(self.problem)],
            "strays": list(self.strays),
            "to_be_started": self.to_be_started,
            "root": None if root is None else {**asdict(root), "resolved": str(root.resolved)},
        }


def open_bundle(
    path: str | os.PathLike[str], *, limits: Limits = DEFAULT_LIMITS, to_be_started: bool = False
) -> Bundle:
    """Read a bundle directory.

    Raises BundleError if there is no such directory. A config.json that is missing or broken is the bundle's fault
    and no error here: the ConfigError is kept in `problem`.
    """
    directory = Path(os.path.abspath(path))  # noqa: PTH100 - no symbolic link may be resolved here
    try:
        names = _entries(directory)
    except OSError as error:
        raise BundleError(f"cannot read the bundle directory {directory}: {_words(error)}") from None
    except ValueError as error:
        raise BundleError(f"cannot read the bundle directory {path!r}: {error}") from None
    data: bytes | None = None
    try:
        if CONFIG_NAME not in names:
            raise ConfigMissingError(f"there is no {CONFIG_NAME} in {directory}")
        data = read_regular(directory / CONFIG_NAME, limits.size)
        document = _parse(data, limits)
    except ConfigError as problem:
        strays = _strays(directory, names) if isinstance(problem, ConfigMissingError) else ()
        return Bundle(directory, data, None, problem, strays, to_be_started)
    return Bundle(directory, data, document, None, (), to_be_started)


def from_saved(saved: Mapping[str, Any], *, limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """The inverse of `to_saved`; what config.json says is read again."""
    directory, strays, started = Path(saved["directory"]), tuple(saved["strays"]), bool(saved["to_be_started"])
    root = saved["root"]
    seen_root = RootPath(**{**root, "resolved": Path(root["resolved"])}) if root is not None else None
    if saved["data"] is None:
        kinds = {kind.__name__: kind for kind in (ConfigMissingError, ConfigUnreadableError, ConfigTooLargeError)}
        name, text = saved["problem"]
        return Bundle(directory, None, None, kinds[name](text), strays, started)
    data = base64.b64decode(saved["data"])
    try:
        return Bundle(directory, data, _parse(data, limits), None, (), started, seen_root)
    except ConfigError as problem:
        return Bundle(directory, data, None, problem, strays, started)


def lone_configuration(
    path: Path, data: bytes, *, limits: Limits = DEFAULT_LIMITS, to_be_started: bool = False
) -> Bundle:
    """A configuration by itself, whatever its file is called: of its bundle nothing else is known."""
    try:
        return Bundle(path.parent, data, _parse(data, limits), None, (), to_be_started)
    except ConfigError as problem:
        return Bundle(path.parent, data, None, problem, (), to_be_started)


def read_regular(path: Path, size: int) -> bytes:
    """The bytes of a regular file of at most `size` bytes, or ConfigError; other kinds of file never block."""
    try:
        # Kinds of file that act when opened (a tape rewinds) are turned away first; the descriptor is asked again.
        _require_regular(path.stat(), path)
        descriptor = os.open(path, OPENING)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            raise ConfigMissingError(f"{path} cannot be followed to a file: {_words(error)}") from None
        raise ConfigUnreadableError(f"{path} cannot be opened: {_words(error)}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _require_regular(status, path)
        if status.st_size > size:
            raise ConfigTooLargeError(f"{path} has {status.st_size} bytes, more than the {size} that are read")
        try:
            data = file.read(size + 1)
        except OSError as error:
            raise ConfigUnreadableError(f"{path} cannot be read: {_words(error)}") from None
    if data is None:  # a file of a kernel's own that waits for something to come
        raise ConfigUnreadableError(f"{path} cannot be read: there is nothing in it yet")
    if len(data) > size:
        raise ConfigTooLargeError(f"{path} has more than the {size} bytes that are read")
    return data


def resolve_root(directory: Path, declared: str) -> RootPath:
    """What a `root.path` means on this host: relative ones are relative to the bundle (config.md, Root)."""
    target = directory / declared
    try:
        kind = _kind(target.stat())
    except OSError as error:
        kind = "missing" if error.errno in (errno.ENOENT, errno.ENOTDIR) else _words(error)
    except ValueError:  # a NUL, or a lone surrogate
        return RootPath(declared, target, "no path of this system", inside=False)
    resolved = Path(os.path.realpath(target))
    top = os.path.realpath(directory)
    beside = Path(declared).is_absolute() and os.path.realpath(Path(declared).parent) == top
    return RootPath(declared, resolved, kind, resolved.is_relative_to(top), beside)


def _parse(data: bytes, limits: Limits) -> Document:
    try:
        return read_json(data, limits)
    except LimitError as error:
        raise ConfigTooLargeError(f"{CONFIG_NAME}, {error}") from None
    except NotUTF8Error as error:
        raise ConfigEncodingError(f"{CONFIG_NAME}, {error}") from None
    except DocumentError as error:
        encoding = _other_encoding(data)
        if encoding:
            raise ConfigEncodingError(f"{CONFIG_NAME} looks like {encoding}, {error}") from None
        raise ConfigInvalidError(f"{CONFIG_NAME}, {error}") from None


def _other_encoding(data: bytes) -> str:
    """UTF-16 or UTF-32 if the bytes are an object or array in it; NULs make it a text in UTF-8 as well, but no JSON."""
    encoding = json.detect_encoding(data)
    if encoding.startswith("utf-8"):
        return ""
    beginning = data[:LOOK_AHEAD].decode(encoding, "replace")
    return encoding.upper() if beginning.lstrip(" \t\r\n").startswith(("{", "[")) else ""


def _entries(directory: Path) -> list[str]:
    """Names in a directory, a limited number of them; config.json is among them if it is there at all."""
    names: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if len(names) < MOST_ENTRIES or entry.name == CONFIG_NAME:
                names.append(entry.name)
    return sorted(names)


def _strays(directory: Path, names: list[str]) -> tuple[str, ...]:
    """Configuration files under another name, or of the right name in a directory below."""
    candidates = [name for name in names if name != CONFIG_NAME]
    candidates += [f"{name}/{CONFIG_NAME}" for name in names if not (directory / name).is_symlink()]
    found, left = [], MOST_CANDIDATE_BYTES
    for name in islice((name for name in candidates if (directory / name).is_file()), MOST_CANDIDATES):
        left -= min((directory / name).stat().st_size, CANDIDATE_LIMITS.size)
        if left < 0:
            break
        if _is_configuration(directory / name):
            found.append(name)
    return tuple(found)


def _is_configuration(path: Path) -> bool:
    """Whether a file is a JSON object with the one member that every configuration has."""
    try:
        root = read_json(read_regular(path, CANDIDATE_LIMITS.size), CANDIDATE_LIMITS).root
    except (ConfigError, DocumentError):
        return False
    return isinstance(root, dict) and "ociVersion" in root


_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISREG, "a regular file"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


def _kind(status: os.stat_result) -> str:
    return next((name for test, name in _KINDS if test(status.st_mode)), "a file of unknown kind")


def _require_regular(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigMissingError(f"{path} is {_kind(status)}, no regular file")


def _words(error: OSError) -> str:
    return error.strerror or str(error)
