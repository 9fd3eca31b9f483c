"""bubblewrap: the part of a configuration that its options can say; the rest is refused, never left out silently."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.adapters.records import AdapterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Json = dict[str, Any]

UNSHARE = {
    "pid": "--unshare-pid",
    "network": "--unshare-net",
    "ipc": "--unshare-ipc",
    "uts": "--unshare-uts",
    "cgroup": "--unshare-cgroup",
    "user": "--unshare-user",
}
"""Options for new namespaces. A mount namespace is always new."""

KNOWN: dict[str, frozenset[str]] = {
    "": frozenset({"ociVersion", "root", "mounts", "process", "hostname", "annotations", "linux"}),
    "process": frozenset({"terminal", "user", "args", "env", "cwd", "capabilities", "noNewPrivileges"}),
    "process.user": frozenset({"uid", "gid"}),
    "linux": frozenset({"namespaces", "cgroupsPath", "uidMappings", "gidMappings"}),
}
"""Members that are looked at. A cgroup cannot be asked for: the program stays where it is, which is no translation."""


def words(program: Path, bundle: Path, config: Json, identifier: str) -> list[str]:
    """The command line that runs a bundle in the foreground. Raises AdapterError for what bwrap cannot be told."""
    del identifier
    process = _object(config, "process")
    linux = _object(config, "linux") if "linux" in config else {}
    parts = {"": config, "process": process, "process.user": _object(process, "user"), "linux": linux}
    for path, part in parts.items():
        for name in sorted(part.keys() - KNOWN[path]):
            raise AdapterError(f"bwrap has no way to give {path + '.' if path else ''}{name}")
    if process.get("terminal"):
        raise AdapterError("bwrap has no console socket")
    args = process.get("args")
    if not isinstance(args, list) or not args:
        raise AdapterError("process.args is missing")
    options = [
        *_namespaces(linux),
        *_root(bundle, config),
        *(option for mount in config.get("mounts", []) for option in _mount(bundle, mount)),
        *_identity(process, linux),
        *_environment(process),
        *(["--hostname", config["hostname"]] if "hostname" in config else []),
    ]
    return [str(program), *map(str, options), "--", *map(str, args)]


def _namespaces(linux: Json) -> Iterator[str]:
    entries = linux.get("namespaces", [])
    if not any(entry.get("type") == "mount" for entry in entries):
        raise AdapterError("bwrap cannot do without a new mount namespace")
    for entry in entries:
        if "path" in entry:
            raise AdapterError("bwrap cannot join a namespace by its path")
        if entry.get("type") == "mount":
            continue
        if entry.get("type") not in UNSHARE:
            raise AdapterError(f"bwrap knows no namespace of type {entry.get('type')}")
        yield UNSHARE[entry["type"]]
        if entry["type"] == "pid":
            yield "--as-pid-1"


def _root(bundle: Path, config: Json) -> list[str]:
    root = _object(config, "root")
    return ["--ro-bind" if root.get("readonly") else "--bind", str(bundle / str(root.get("path"))), "/"]


def _mount(bundle: Path, mount: Json) -> list[str]:
    options = set(mount.get("options", []))
    destination = str(mount.get("destination"))
    if options & {"bind", "rbind"}:
        source = str(bundle / str(mount.get("source")))
        return ["--ro-bind" if "ro" in options else "--bind", source, destination]
    maker: Callable[[], list[str]] | None = {
        "proc": lambda: ["--proc", destination],
        "tmpfs": lambda: ["--dev" if destination == "/dev" else "--tmpfs", destination],
        "mqueue": lambda: ["--mqueue", destination],
    }.get(str(mount.get("type")))
    if maker is None:
        raise AdapterError(f"bwrap has no way to mount {mount.get('type')} on {destination}")
    return maker()


def _identity(process: Json, linux: Json) -> Iterator[str]:
    user = process.get("user", {})
    types = {entry.get("type") for entry in linux.get("namespaces", [])}
    if "user" in types:
        _require_own_ids(linux, user)
        yield from ("--uid", str(user.get("uid", 0)), "--gid", str(user.get("gid", 0)))
    elif user.get("uid", 0) or user.get("gid", 0):
        raise AdapterError("bwrap changes user and group only in a user namespace")
    yield from ("--cap-drop", "ALL")
    for name in process.get("capabilities", {}).get("effective", []):
        yield from ("--cap-add", name)


def _require_own_ids(linux: Json, user: Json) -> None:
    """In a user namespace bwrap maps one id, that of the program, to the caller's own."""
    for member, name, own in (("uidMappings", "uid", os.geteuid()), ("gidMappings", "gid", os.getegid())):
        only = [{"containerID": user.get(name, 0), "hostID": own, "size": 1}]
        if linux.get(member, only) != only:
            raise AdapterError(f"bwrap has no way to give linux.{member} but {only}")


def _environment(process: Json) -> Iterator[str]:
    yield "--clearenv"
    for entry in process.get("env", []):
        name, _, value = str(entry).partition("=")
        yield from ("--setenv", name, value)
    yield from ("--chdir", str(process.get("cwd", "/")))


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name, {})
    if not isinstance(value, dict):
        raise AdapterError(f"{name} is no object")
    return value
