"""Products that misbehave: a run ends within its limits, says what happened, praises nobody and leaves nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = os.getuid() == 0
CRUN = shutil.which("crun")
NEEDS_CRUN = pytest.mark.skipif(
    not ROOT or CRUN is None, reason="needs root" if not ROOT else "crun is not installed: apt-get install crun"
)
CLAUSES = ("runtime.ops.create.creates", "config.hostname.applied", "runtime.state.*")
UNIFIED = Path("/sys/fs/cgroup/unified")
PURE_VIEW = ("unshare", "-m", "sh", "-c", f'umount {UNIFIED}; exec "$@"', "sh") if ROOT and UNIFIED.is_dir() else ()
"""crun refuses hybrid cgroups: in a mount namespace of its own it sees those of version 1 alone."""


def processes_with(text: str) -> list[int]:
    """Pids of living processes that have this text on their command line or in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if text.encode() in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def cgroups_with(text: str) -> list[str]:
    """Cgroups whose name has this text."""
    return [path for path, _, _ in os.walk("/sys/fs/cgroup") if text in path]


@dataclass
class Runs:
    """Runs of the suite in a directory of their own; `mark` is on the command line of all that they start."""

    path: Path
    mark: str

    @property
    def temporary(self) -> Path:
        return self.path / "tmp"

    def product(self, script: str, interpreter: str = "/bin/sh") -> Path:
        """A product that is this script; `$CRUN` is the real one and `$MARK` names what may not be left behind."""
        path = self.path / "product"
        path.write_text(f"#!{interpreter}\nCRUN={CRUN}\nMARK={self.mark}\n{script}\n")
        path.chmod(0o755)
        return path

    def command(self, product: Path | str, *words: str) -> list[str]:
        return [
            *PURE_VIEW, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--oci-runtime={product}",
            "--oci-timeout=2", "--oci-ledger=ledger", *(f"--oci-clause={clause}" for clause in CLAUSES), *words,
        ]  # fmt: skip

    def start(self, product: Path | str, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(product, *words), cwd=self.path, env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def judge(self, product: Path | str, *words: str, seconds: float = 90) -> tuple[int, str]:
        """A whole run: its exit status and output."""
        process = self.start(product, *words)
        try:
            output = process.communicate(timeout=seconds)[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, output

    def footer(self) -> dict[str, object]:
        footer: dict[str, object] = json.loads((self.path / "ledger").read_text().splitlines()[-1])
        return footer

    def left_behind(self) -> list[object]:
        """Directories, processes, cgroups, mounts."""
        deadline = time.monotonic() + 2
        while True:
            mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(self.path) in line]
            directories = list(self.temporary.glob("pytest-oci-*/*"))
            left = [*directories, *processes_with(self.mark), *cgroups_with(self.mark), *mounts]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.05)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    mark = f"mark-{uuid.uuid4().hex}"
    path = tmp_path / mark
    (path / "tmp").mkdir(parents=True)
    (path / "tmp").chmod(0o711)
    yield Runs(path, mark)
    for pid in processes_with(mark):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def check(runs: Runs, status: int, output: str) -> None:
    """What holds for every product that is none."""
    assert status in (1, 3, 5), output
    assert runs.footer()["verdict"] in ("not conformant", "undecided")
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    assert ": conformant" not in output
    assert runs.left_behind() == []


ALONE = {
    "true": ("exit 0", 5, ""),
    "false": ("exit 1", 1, "exit status 1"),
    "hangs-on-start": ("sleep 600", 1, "did not end within 2"),
    "ignores-sigterm": ("trap '' TERM INT HUP; while :; do sleep 1; done", 1, "did not end within 2"),
    "crashes": ("kill -SEGV $$", 1, "killed by SIGSEGV"),
    "floods": ("exec cat /dev/zero", 1, "did not end within 2"),
    "floods-errors": ("exec cat /dev/zero >&2", 1, "wrote more than"),
    "gigabyte": ("head -c 1000000000 /dev/zero", 1, "did not end within 2"),
    "leaves-a-process": ("setsid sleep 600 & exit 0", 5, ""),
    "leaves-an-unmarked-process": ('exec 3>&-; env -u PYTEST_OCI_STAGE X="$MARK" setsid sleep 600 & exit 1', 1, ""),
    "leaves-a-zombie": ("(sleep 0 & exec sleep 600) & exit 0", 5, ""),
    "garbage": ("head -c 100000 /dev/urandom", 1, ""),
    "other-pid": ('for word; do case "$last" in --pid-file) echo $PPID > "$word";; esac; last=$word; done', 5, ""),
    "all-pids": ('for word; do case "$last" in --pid-file) echo -1 > "$word";; esac; last=$word; done', 5, ""),
}


@pytest.mark.parametrize(("script", "status", "text"), ALONE.values(), ids=ALONE)
def test_a_program_that_is_no_runtime(runs: Runs, script: str, status: int, text: str) -> None:
    """It fails the clause at the root; what builds on it is not testable."""
    began = time.monotonic()
    # A version is asked of every product before the run: let that be quick.
    found, output = runs.judge(runs.product(f'case "$*" in --version) echo crun version 0; exit;; esac\n{script}'))

    check(runs, found, output)
    # 5 as long as no test of a clause about `state` is among CLAUSES: that is where such a product is first caught.
    assert found == status or (status, found) == (5, 1), output
    assert text in output
    assert "runtime.ops.create.creates" in output
    assert "depends-on: runtime.ops." in output
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("product", ["/bin/true", "/bin/false"])
def test_the_smallest_products(runs: Runs, product: str) -> None:
    """Success alone makes no container."""
    status, output = runs.judge(product)

    check(runs, status, output)


def test_a_product_with_a_bad_interpreter(runs: Runs) -> None:
    """It cannot be started at all, and that is said."""
    status, output = runs.judge(runs.product("", interpreter="/no/such/interpreter"))

    check(runs, status, output)
    assert "could not be started" in output


def test_a_product_that_does_not_even_say_its_version(runs: Runs) -> None:
    """The question for it is limited too."""
    began = time.monotonic()
    status, output = runs.judge(runs.product("sleep 600"))

    check(runs, status, output)
    assert "says no version" in output
    assert time.monotonic() - began < 60


ZEROS = "head -c {} /dev/zero | tr '\\0' '{}'"
PASS_ON = '*) exec $CRUN "$@";; esac'
WRAPPED = {
    "hangs-on-start": f'case "$*" in *" start "*) sleep 600;; {PASS_ON}',
    "hangs-on-state": f'case "$*" in *" state "*) sleep 600;; {PASS_ON}',
    "hangs-on-delete": f'case "$*" in *" delete "*) sleep 600;; {PASS_ON}',
    "hangs-after-create": f'case "$*" in *" create "*) $CRUN "$@"; sleep 600;; {PASS_ON}',
    "never-deletes": f'case "$*" in *" delete "*) exit 0;; {PASS_ON}',
    "state-garbage": f'case "$*" in *" state "*) head -c 5000 /dev/urandom;; {PASS_ON}',
    "state-empty": f'case "$*" in *" state "*) exit 0;; {PASS_ON}',
    "state-huge": f"""case "$*" in
        *" state "*) printf '{{"x":"'; {ZEROS.format(3000000, "y")}; echo '"}}';; {PASS_ON}""",
    "state-deep": f"""case "$*" in *" state "*) printf '{{"x":'; head -c 60000 /dev/zero | tr '\\0' '[';; {PASS_ON}""",
    "state-nested": f"""case "$*" in *" state "*) printf '{{"id":"x","status":'; {ZEROS.format(850, "[")}
        {ZEROS.format(850, "]")}; echo '}}';; {PASS_ON}""",
    "state-strange": f"""case "$*" in
        *" state "*) echo '{{"id":"\\ud800","status":["\\u001b[2J"],"pid":1e999}}';; {PASS_ON}""",
    "starts-a-daemon": f'case "$*" in *" start "*) setsid sleep 600 & exec $CRUN "$@";; {PASS_ON}',
}


@NEEDS_CRUN
@pytest.mark.parametrize("script", WRAPPED.values(), ids=WRAPPED)
def test_a_runtime_that_misbehaves_in_one_operation(runs: Runs, script: str) -> None:
    """Containers that it made are gone afterwards, whatever it does when asked to delete them."""
    status, output = runs.judge(runs.product(script), seconds=150)

    if script == WRAPPED["starts-a-daemon"]:
        assert status in (0, 1), output
        assert runs.left_behind() == []
        return
    check(runs, status, output)


def wait_for(runs: Runs, text: str, process: subprocess.Popen[str]) -> None:
    """Until a process of the run has this on its command line."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        for pid in processes_with(runs.mark):
            with contextlib.suppress(OSError):
                if text.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return
        time.sleep(0.02)
    pytest.fail(f"no {text} within 30 s")


HANGING = 'case "$*" in *" start "*) sleep 600;; *) exec $CRUN "$@";; esac'


def ended(process: subprocess.Popen[str]) -> int:
    """The exit status of a run, its output read away."""
    process.communicate(timeout=60)
    return process.returncode


@NEEDS_CRUN
def test_an_interrupted_run_cleans_up_at_once(runs: Runs) -> None:
    """Containers, cgroups, directories; the ledger says that it was interrupted."""
    process = runs.start(runs.product(HANGING), "--oci-timeout=30")
    wait_for(runs, "600", process)
    runner = next(pid for pid in processes_with("--oci-ledger=ledger") if pid in processes_with(runs.mark))
    os.kill(runner, signal.SIGINT)

    assert ended(process) == 2
    assert runs.footer()["interrupted"] is True
    assert runs.left_behind() == []


@NEEDS_CRUN
@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_what_a_killed_run_leaves_the_next_one_cleans(runs: Runs, workers: tuple[str, ...]) -> None:
    """Processes, cgroups and directories of a run that had no chance to do it itself."""
    process = runs.start(runs.product(HANGING), "--oci-timeout=30", *workers)
    wait_for(runs, "600", process)
    for pid in processes_with(runs.mark):
        with contextlib.suppress(OSError):
            if b"pytest" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    names = [path.name[1:] for path in runs.temporary.glob("pytest-oci-*/r*")]
    assert names
    runs.judge("/bin/true", "-k", "nothing_at_all")

    assert [cgroup for name in names for cgroup in cgroups_with(name)] == []
    assert runs.left_behind() == []


@pytest.mark.skipif(not ROOT, reason="needs root to become somebody else")
@pytest.mark.skipif(CRUN is None, reason="crun is not installed: apt-get install crun")
def test_an_ordinary_user_gets_answers(runs: Runs) -> None:
    """Every clause is judged, or it is said why it cannot be."""
    shutil.chown(runs.path, 1000, 1000)
    shutil.chown(runs.temporary, 1000, 1000)
    for parent in [runs.path, *runs.path.parents]:
        if parent.stat().st_mode & 0o001 == 0:
            pytest.skip(f"another user cannot get to {parent}: use --basetemp")
    become = [
        "setpriv",
        "--reuid=1000",
        "--regid=1000",
        "--clear-groups",
        "env",
        f"TMPDIR={runs.temporary}",
        "HOME=/tmp",
    ]
    if subprocess.run([*become, sys.executable, "-c", "import pytest_oci"], cwd="/", check=False).returncode != 0:
        pytest.skip(f"another user cannot run {sys.executable}")
    done = subprocess.run(
        [*become, *runs.command(str(CRUN))[len(PURE_VIEW) :]],
        cwd=runs.path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode in (0, 1, 5), done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout
    records = [json.loads(line) for line in (runs.path / "ledger").read_text().splitlines()]
    open_ones = [record for record in records if record.get("status") == "not-testable"]
    assert all(record["reason"] for record in open_ones)
    assert not [record for record in records if record.get("status") == "error"]
    assert runs.left_behind() == []
