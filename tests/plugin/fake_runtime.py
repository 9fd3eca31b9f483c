"""A container runtime that isolates nothing: it keeps state in files and runs the program from the rootfs as it is.

It is enough to take the core through whole runs as any user in no time. `--fault=NAME` before the operation makes it
misbehave in one way, see the uses of `FAULTS`.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

FAULTS = [word.partition("=")[2] for word in sys.argv[1:] if word.startswith("--fault=")]
WORDS = [word for word in sys.argv[1:] if not word.startswith("--fault=")]


def main() -> int:
    """Carry out one operation."""
    options: dict[str, str] = {}
    plain: list[str] = []
    words = list(WORDS)
    while words:
        word = words.pop(0)
        if word in ("--force", "--version"):
            options[word] = ""
        elif word.startswith("--"):
            options[word] = words.pop(0)
        else:
            plain.append(word)
    if "--version" in options:
        sys.stdout.write("crun version fake 1.0\nand more\n")
        return 0
    operation, identifier, *more = [*plain, "", ""]
    for fault in FAULTS:
        if fault == f"hang-{operation}":
            time.sleep(600)
        if fault == f"crash-{operation}":
            os.kill(os.getpid(), signal.SIGSEGV)
        if fault == f"refuse-{operation}":
            sys.stderr.write(f"no {operation} today\n")
            return 1
    home = Path(options["--root"]) / identifier
    if operation == "create":
        return create(home, identifier, options)
    if not (home / "state.json").exists():
        sys.stderr.write("no such container\n")
        return 1
    state = json.loads((home / "state.json").read_text())
    match operation:
        case "start":
            return start(home, state)
        case "state":
            return tell(state)
        case "kill":
            return kill(state, more[0])
        case _:
            return delete(home, state, options)


def create(home: Path, identifier: str, options: dict[str, str]) -> int:
    bundle = Path(options["--bundle"])
    config = json.loads((bundle / "config.json").read_text())
    if f"refuse-{config['ociVersion']}" in FAULTS:
        sys.stderr.write("unknown version\n")
        return 1
    home.mkdir()
    os.mkfifo(home / "go")
    pid = os.fork()
    if pid == 0:
        wait_and_run(home, bundle / config["root"]["path"], config["process"])
    state = {"ociVersion": config["ociVersion"], "id": identifier, "pid": pid, "bundle": str(bundle), "started": False}
    (home / "state.json").write_text(json.dumps(state))
    Path(options["--pid-file"]).write_text(str(pid))
    return 0


def wait_and_run(home: Path, rootfs: Path, process: dict[str, list[str]]) -> None:
    """In the child: run the program as soon as `start` says so."""
    os.setsid()
    with (home / "go").open("rb") as gate:
        if gate.read() != b"go":
            os._exit(1)
    environment = dict(entry.partition("=")[::2] for entry in process.get("env", []))
    os.chdir(rootfs)
    os.execve(rootfs / process["args"][0].lstrip("/"), process["args"], environment)


def status(state: dict[str, object]) -> str:
    try:
        letter = Path(f"/proc/{state['pid']}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        letter = "Z"
    return "stopped" if letter == "Z" else "running" if state["started"] else "created"


def start(home: Path, state: dict[str, object]) -> int:
    if status(state) != "created":
        sys.stderr.write("not created\n")
        return 1
    (home / "go").write_bytes(b"go")
    (home / "state.json").write_text(json.dumps({**state, "started": True}))
    return 0


def tell(state: dict[str, object]) -> int:
    shown = {"status": status(state), **{name: value for name, value in state.items() if name != "started"}}
    if "wrong-status" in FAULTS and shown["status"] == "created":
        shown["status"] = "asleep\x1b[2J\ud800"
    sys.stdout.write(json.dumps(shown) + "\n")
    return 0


def kill(state: dict[str, object], name: str) -> int:
    if status(state) == "stopped":
        sys.stderr.write("not running\n")
        return 1
    os.kill(int(str(state["pid"])), getattr(signal, f"SIG{name}", 0) or int(name))
    return 0


def delete(home: Path, state: dict[str, object], options: dict[str, str]) -> int:
    if status(state) != "stopped":
        if "--force" not in options:
            sys.stderr.write("not stopped\n")
            return 1
        os.kill(int(str(state["pid"])), signal.SIGKILL)
    for name in ("go", "state.json"):
        (home / name).unlink()
    home.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
