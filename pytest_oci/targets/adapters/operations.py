"""The operations of runtime-spec around a product that only knows how to run a bundle in the foreground.

`create` leaves a supervisor behind that holds the container's standard streams and waits; `start` lets it run the
product, whose exit status it takes. Its pid is the container's, until the program itself can be seen.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_oci.targets.adapters import records
from pytest_oci.targets.adapters.records import AdapterError, Record

START_SECONDS = 8.0
CREATED_SECONDS = 3600.0
"""How long a created container waits to be started; then its supervisor ends."""
POLL_SECONDS = 0.001
FIRST_INHERITED = 3
LARGEST_CONFIG = 4 << 20
FAILED, SIGNALLED = 127, 128
LAST_WORDS = 500
PR_SET_PDEATHSIG = 1

Translate = Callable[[Path, dict[str, Any], str], list[str]]
"""Bundle, its configuration, id: to the product's command line."""


def create(root: Path, identifier: str, bundle: Path, pid_file: Path | None, translate: Translate) -> None:
    """Make a container: remember it, and leave a supervisor. `translate` gives the product's words, or an error."""
    config = read_config(bundle)
    words = translate(bundle, config, identifier)
    place = records.place(root, identifier)
    try:
        place.mkdir(parents=True)
    except FileExistsError:
        raise AdapterError(f"there is a container {identifier} already") from None
    os.mkfifo(place / records.GATE, 0o600)
    gate = os.open(
        place / records.GATE, os.O_RDWR
    )  # open before there is anybody to wait for: start never comes too early
    pid = os.fork()
    if pid == 0:
        _supervise(place, gate, words)
    os.close(gate)
    annotations = config.get("annotations")
    record = Record(
        id=identifier,
        bundle=str(bundle.absolute()),
        oci_version=str(config.get("ociVersion", "")),
        pid=pid,
        born=records.born(pid),
        annotations=annotations if isinstance(annotations, dict) else {},
    )
    try:
        records.save(root, record)
        if pid_file is not None:
            pid_file.write_text(str(pid), encoding="ascii")
    except OSError:
        os.kill(pid, signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)
        raise


def start(root: Path, identifier: str) -> None:
    """Let the product run the bundle; return when the program runs or has run. A product that fails is an error."""
    record = records.load(root, identifier)
    if records.status(root, record) != "created":
        raise AdapterError(f"the container {identifier} is not created but {records.status(root, record)}")
    place = records.place(root, identifier)
    try:
        descriptor = os.open(place / records.GATE, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        raise AdapterError(f"the supervisor of {identifier} does not listen: {os.strerror(error.errno or 0)}") from None
    os.write(descriptor, b"g")
    os.close(descriptor)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if records.program_of(place):
            return
        ended = records.read_number(place / records.EXIT)
        if ended is not None:
            if ended:
                said = _tail(place / records.SAID)
                raise AdapterError(f"the product ended with {ended} before a program was seen: {said}")
            return
        time.sleep(POLL_SECONDS)
    raise AdapterError(f"no program runs {START_SECONDS:g} s after start")


def state(root: Path, identifier: str) -> str:
    """The state document."""
    record = records.load(root, identifier)
    now = records.status(root, record)
    document: dict[str, Any] = {
        "ociVersion": record.oci_version,
        "id": record.id,
        "status": now,
        "bundle": record.bundle,
    }
    if now != "stopped":
        document["pid"] = records.program_of(records.place(root, identifier)) or record.pid
    if record.annotations:
        document["annotations"] = record.annotations
    return json.dumps(document)


def kill(root: Path, identifier: str, name: str) -> None:
    """Send a signal to the program, or to the supervisor before there is one."""
    record = records.load(root, identifier)
    now = records.status(root, record)
    if now == "stopped":
        raise AdapterError(f"the container {identifier} is stopped")
    try:
        number = int(name) if name.isdigit() else signal.Signals[f"SIG{name.upper().removeprefix('SIG')}"]
        os.kill(records.program_of(records.place(root, identifier)) or record.pid, number)
    except (KeyError, ValueError):
        raise AdapterError(f"there is no signal {name}") from None
    except OSError as error:
        raise AdapterError(f"{name} cannot be sent: {error.strerror}") from None


def delete(root: Path, identifier: str, *, force: bool) -> None:
    """Forget a stopped container; with `force` end it first."""
    record = records.load(root, identifier)
    if records.alive(record):
        if not force:
            raise AdapterError(f"the container {identifier} is not stopped")
        for pid in (records.read_number(records.place(root, identifier) / records.PRODUCT), record.pid):
            with contextlib.suppress(OSError):
                os.kill(pid or record.pid, signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS
        while records.alive(record):
            if time.monotonic() > deadline:
                raise AdapterError(f"the container {identifier} cannot be killed")
            time.sleep(POLL_SECONDS)
    shutil.rmtree(records.place(root, identifier))


def read_config(bundle: Path) -> dict[str, Any]:
    """The configuration of a bundle. Raises AdapterError."""
    try:
        with (bundle / "config.json").open("rb") as file:
            document = json.loads(file.read(LARGEST_CONFIG))
    except OSError as error:
        raise AdapterError(f"config.json cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise AdapterError(f"config.json is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise AdapterError("config.json holds no object")
    return document


def _tail(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or "it said nothing"
    except OSError:
        return "it said nothing that can be read"


def _last_words() -> bytes:
    """The end of what was written to standard error, if that is a file."""
    with contextlib.suppress(OSError), Path("/proc/self/fd/2").open("rb") as said:
        if stat.S_ISREG(os.fstat(said.fileno()).st_mode):
            said.seek(max(0, said.seek(0, os.SEEK_END) - LAST_WORDS))
            return said.read(LAST_WORDS)
    return b""


def _supervise(place: Path, gate: int, words: list[str]) -> None:
    """In the child: hold the standard streams, wait at the gate, run the product, end as it ends. Never returns."""
    status = FAILED
    try:
        os.closerange(FIRST_INHERITED, gate)
        os.closerange(gate + 1, os.sysconf("SC_OPEN_MAX"))
        if not select.select([gate], [], [], CREATED_SECONDS)[0]:
            return
        os.close(gate)
        product = os.fork()
        if product == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.execv(words[0], words)
        (place / records.PRODUCT).write_text(str(product), encoding="ascii")
        status = os.waitstatus_to_exitcode(os.waitpid(product, 0)[1])
        status = status if status >= 0 else SIGNALLED - status
        (place / records.SAID).write_bytes(_last_words())
        (place / records.EXIT).write_text(str(status), encoding="ascii")
    finally:
        os._exit(status)
