"""From a fresh machine to a verdict: `python3 -m tools.first_contact` in the checkout.

It needs Python 3.11 and pip, nothing else. It makes an environment, installs the checkout into it, takes a
container runtime (crun or runc on PATH, else Debian's crun through apt), runs the suite on it and says where
the records lie. The exit status is that of the suite: 0 no absolute clause failed, 1 at least one did,
2 interrupted, 3 the suite itself broke, 4 something is missing or misspelt, 5 nothing was judged.

`--own-tests` runs the project's own tests instead, by tox, in the same kind of environment.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools import cgroup_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
RUNTIMES = ("crun", "runc")
"""Runtimes looked for without --runtime, best first. Debian's packages have the same names."""
DEBIAN_PACKAGES = frozenset({"crun", "runc", "runsc"})
NOT_SOURCE = (".*", "__pycache__", "build", "dist", "results", "*.egg-info")

STEP_LIMIT = 600
"""Seconds that a download or an installation may take."""
RUN_LIMIT = 1800
"""Seconds that the suite, or the project's own tests, may take."""
TRIAL_LIMIT = 20
"""Seconds that a runtime may take to answer one command."""
GRACE = 30
"""Seconds that an interrupted program has to clean up."""

INTERRUPTED, BROKE, USAGE = 2, 3, 4
MEANING = {
    0: "no absolute clause failed",
    1: "the product breaks absolute clauses of the specification; the failures above say which",
    INTERRUPTED: "interrupted: the records are incomplete",
    BROKE: "the suite itself broke; this says nothing about the product",
    USAGE: "the suite was called wrongly; its message above says how to mend it",
    5: "nothing was judged",
}


class ContactError(Exception):
    """Why it cannot go on, and how to mend that, in one line; `status` is the exit status for it."""

    def __init__(self, text: str, status: int = USAGE) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status and what it wrote, where that was caught."""

    status: int
    output: str = ""


def say(text: str) -> None:
    """Write one line for the person at the terminal, in order with what other programs write."""
    print(text, flush=True)


def run(
    argv: Sequence[str | Path],
    *,
    limit: float,
    catch: bool = False,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program and everything that it starts for at most `limit` seconds.

    With `catch` its output is returned instead of shown. Raises ContactError when the time is over. An
    interrupt is passed on, so that the program can clean up, and then raised here.
    """
    with tempfile.TemporaryFile() as caught:
        stream = caught if catch else None
        process = subprocess.Popen(
            [os.fspath(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=cwd,
            env=env,
            process_group=0,
        )
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            _stop(process)
            raise ContactError(f"stopped after {limit:.0f} s: {shlex.join(map(str, argv))}", BROKE) from None
        except BaseException:
            _stop(process)
            raise
        caught.seek(0)
        return Ended(status, caught.read(1 << 20).decode(errors="replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program's process group, wait for its clean-up, then kill what is left of it."""
    os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def make_environment(place: Path) -> Path:
    """Make a virtual environment if there is none and return its Python.

    Debian's Python has `venv` but, without python3-venv, not `ensurepip`; and its pip must not write to the
    system (PEP 668). Both are satisfied by an environment without pip that the system's pip installs into.
    """
    python = place / "bin" / "python"
    if not python.exists():
        say(f"Making an environment in {place}")
        ended = run([sys.executable, "-m", "venv", "--without-pip", place], limit=STEP_LIMIT, catch=True)
        if ended.status or not python.exists():
            raise ContactError(f"Python cannot make an environment: {ended.output.strip()}")
    return python


def pip_for(python: Path) -> list[str]:
    """Return the command that installs into the environment of `python`."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python)]
    if importlib.util.find_spec("ensurepip"):
        run([python, "-m", "ensurepip"], limit=STEP_LIMIT, catch=True)
        return [str(python), "-m", "pip"]
    raise ContactError("there is no pip: install python3-pip (as root: apt-get install python3-pip)")


def install(python: Path, *, own_tests: bool) -> None:
    """Install the checkout, or what its own tests need, into the environment of `python`."""
    installer = [*pip_for(python), "--disable-pip-version-check", "install", "--quiet", "--upgrade"]
    if own_tests:
        say("Installing tox from the package index, to run the project's own tests")
        ended = run([*installer, "tox"], limit=STEP_LIMIT)
    else:
        say("Installing pytest-oci from this checkout; what it depends on, and the compiler for its probe")
        say("(ziglang), come from the package index")
        # From a copy: a build writes into its source, and a checkout may be read-only or hold an old build.
        with tempfile.TemporaryDirectory(prefix="pytest-oci-source-") as temporary:
            source = Path(temporary, "pytest-oci")
            shutil.copytree(CHECKOUT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
            ended = run([*installer, f"{source}[xdist,zstd,registry,engines,report,certify,attest]"], limit=STEP_LIMIT)
    if ended.status:
        raise ContactError("pip could not install it; its message above says why (is there a way to a package index?)")


def search_path() -> str:
    """Return PATH with the places for administrators' programs, which not every login shell has."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def find_runtime(wanted: str | None) -> Path:
    """Return the runtime to test: the wanted one, or the first known one, installed by apt if need be."""
    names = (wanted,) if wanted else RUNTIMES
    for name in names:
        found = shutil.which(name, path=search_path())
        if found:
            say(f"Taking the runtime {found}")
            return Path(found).absolute()
    if wanted and wanted not in DEBIAN_PACKAGES:
        raise ContactError(f"there is no runtime {wanted}: give a name on PATH or the path of an executable file")
    return install_runtime(names[0])


def install_runtime(package: str) -> Path:
    """Install a runtime from Debian's packages, after saying what is downloaded and why."""
    by_hand = f"as root: apt-get install {package}"
    if not shutil.which("apt-get"):
        raise ContactError(f"there is no container runtime here, and no apt to get one with: install {package}")
    if os.geteuid():
        raise ContactError(f"there is no container runtime here, and only root may install one ({by_hand})")
    say(f"No container runtime on PATH ({', '.join(RUNTIMES)}): getting {package} by apt")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    get = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    ask = [*get, "install", "--no-install-recommends", "--yes"]
    if run([*get, "update"], limit=STEP_LIMIT, catch=True, env=quiet).status:
        say("apt-get update failed: trying with the package lists that are here")
    planned = run([*ask, "--print-uris", package], limit=STEP_LIMIT, catch=True, env=quiet)
    if planned.status:
        raise ContactError(f"apt has no package {package}: {planned.output.strip()}")
    for name, size in downloads(planned.output):
        say(f"  downloads {name} ({size / 1e6:.1f} MB)")
    ended = run([*ask, package], limit=STEP_LIMIT, catch=True, env=quiet)
    found = shutil.which(package, path=search_path())
    if ended.status or not found:
        raise ContactError(f"apt could not install {package} ({by_hand} shows why): {ended.output.strip()[-400:]}")
    say(f"Taking the runtime {found}")
    return Path(found)


def downloads(uris: str) -> list[tuple[str, int]]:
    """Return file names and sizes in bytes from the lines of `apt-get --print-uris`."""
    lines = [shlex.split(line) for line in uris.splitlines() if line.startswith("'")]
    return [(words[1], int(words[2])) for words in lines]


def command_prefix(runtime: Path) -> list[str]:
    """Return the words before the suite's command that make the runtime accept the host's cgroups."""
    refusal = cgroup_refusal(runtime, [])
    if not refusal:
        return []
    say(f"{runtime.name} refuses this host's cgroups: {refusal}")
    in_view = [sys.executable, str(CHECKOUT / "tools" / "cgroup_view.py"), "v1"]
    if not cgroup_view.hybrid_controllers():
        say("Going on nevertheless: this is not a hybrid host, so there is no other view of it to try")
    elif os.geteuid():
        say("Going on nevertheless: only root can hide cgroup2 from the runtime (run this as root)")
    elif cgroup_refusal(runtime, in_view):
        say("Going on nevertheless: hiding cgroup2 from it does not help")
    else:
        say("Going on in a private mount namespace without the cgroup2 mount; the host stays as it is")
        return in_view
    return []


def cgroup_refusal(runtime: Path, prefix: list[str]) -> str:
    """Return the line in which the runtime complains of cgroups; empty if it does not.

    The bundle is complete but for its program, so a runtime that takes the cgroups refuses the program.
    """
    with tempfile.TemporaryDirectory(prefix="pytest-oci-trial-") as temporary:
        bundle, name = Path(temporary), f"pytest-oci-trial-{os.getpid()}"
        (bundle / "rootfs").mkdir()
        config = {
            "ociVersion": "1.0.2",
            "root": {"path": "rootfs"},
            "process": {"cwd": "/", "args": ["/absent"], "user": {"uid": 0, "gid": 0}},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")]},
        }
        (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")
        call = [*prefix, str(runtime), "--root", str(bundle / "state")]
        try:
            tried = run([*call, "create", "--bundle", bundle, name], limit=TRIAL_LIMIT, catch=True)
        finally:
            run([*call, "delete", "--force", name], limit=TRIAL_LIMIT, catch=True)
    complaints = [line.strip() for line in tried.output.splitlines() if "cgroup" in line.lower()]
    return complaints[0] if tried.status and complaints else ""


def run_suite(python: Path, runtime: Path, results: Path, extra: Sequence[str]) -> int:
    """Run the suite on the runtime, with its records in `results`, and return its exit status."""
    results.mkdir(parents=True, exist_ok=True)
    junit, ledger = results / "junit.xml", results / "run.jsonl"
    for record in (junit, ledger):
        record.unlink(missing_ok=True)
    prefix = command_prefix(runtime)
    pytest = [str(python), "-m", "pytest", "-p", "no:cacheprovider", f"--oci-runtime={runtime}"]
    command = [*prefix, *pytest, f"--junitxml={junit}", f"--oci-ledger={ledger}", *extra]
    say(f"Running {shlex.join(command)}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    with tempfile.TemporaryDirectory(prefix="pytest-oci-empty-") as empty:
        ended = run(command, limit=RUN_LIMIT, cwd=Path(empty), env=kept)
    # Without a ledger pytest itself came to grief, and its status says nothing about the product.
    judged = ended.status in MEANING and ledger.exists()
    status = ended.status if judged or ended.status in (INTERRUPTED, USAGE) else BROKE
    say(f"\nExit status {status}: {MEANING[status]}.")
    for what, record in (("JUnit report", junit), ("Ledger", ledger)):
        say(f"{what}: {record if record.exists() else 'was not written'}")
    return status


OTHERS = "lint,types,lowest,packaging"
"""The environments of tox beside `newest`."""


def run_own_tests(python: Path, extra: Sequence[str]) -> int:
    """Run the project's own tests by tox and return its exit status, or that of the first part that fails.

    The part that measures has the machine for itself; the others share it.
    """
    parts = [["run", *extra]] if extra else [["run", "-e", "newest"], ["run-parallel", "--parallel", "2", "-e", OTHERS]]
    found = []
    for how, *words in parts:
        command = [str(python), "-m", "tox", how, "--root", str(CHECKOUT), *words]
        say(f"Running {shlex.join(command)}")
        found.append(run(command, limit=RUN_LIMIT, cwd=CHECKOUT).status)
    return next((status for status in found if status), 0)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; what follows `--` goes to pytest, or with --own-tests to tox."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.first_contact", description=(__doc__ or "").split("\n")[0])
    home = CHECKOUT / ".first-contact"
    parser.add_argument(
        "--runtime", metavar="NAME", help="runtime to test, on PATH or as a path (default: crun or runc)"
    )
    parser.add_argument("--results", metavar="DIR", type=Path, default=CHECKOUT / "results", help="for the records")
    parser.add_argument("--env", metavar="DIR", type=Path, default=home, help="for the environment that is made")
    parser.add_argument("--own-tests", action="store_true", help="run the project's own tests instead, by tox")
    parser.add_argument("extra", nargs="*", metavar="ARG", help="after --: arguments for pytest (or tox)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Do everything that the module's docstring promises; return the exit status."""
    options = parse(arguments)
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise ContactError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        python = make_environment(options.env.absolute())
        install(python, own_tests=options.own_tests)
        if options.own_tests:
            return run_own_tests(python, options.extra)
        return run_suite(python, find_runtime(options.runtime), options.results.absolute(), options.extra)
    except ContactError as problem:
        say(f"first contact: {problem}")
        return problem.status
    except KeyboardInterrupt:
        say(f"first contact: {MEANING[INTERRUPTED]}")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
