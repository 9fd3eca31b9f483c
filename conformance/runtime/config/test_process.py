"""config.md, "Process": terminal, working directory, environment, arguments, scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.other_user import as_other_user
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.rootfs import PROBE, directory, probe
from pytest_oci.fixtures.runtime.scenarios.process import (
    AS_USER,
    OWN_SIZE,
    WORK,
    on_inherited_terminal,
    on_terminal,
    scored,
    without_process,
)

from pytest_oci import Violation, clause, expect, not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

ARGUMENTS = (
    "",
    " blank  blank ",
    'it\'s "quoted"',
    "$HOME `x` $(x) > y; z",
    "*",
    "--",
    "back\\slash\\n",
    "täß漢",
    "a\nb\tc",
)
VARIABLES = ("PATH=/bin", "EMPTY=", "EQUALS=a=b=c", "LINES=one\ntwo\n", "BLANK= a  b ", "NAME=täß漢", "quote='\"$PATH")
STREAMS = (0, 1, 2)

ON_TERMINAL = (
    MINIMAL.with_mount(
        "/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
    )
    .having("/process/terminal", True)
    .with_verb("fds")
)
ROWS, COLUMNS = 11, 33
SIZE = {"height": ROWS, "width": COLUMNS}

SEARCHED = (
    MINIMAL.with_files(probe("/opt/x/oci-searched"), probe("/bin/oci-searched"))
    .with_args("oci-searched", "proc")
    .having("/process/env", ["PATH=/nope:/opt/x"])
)
RELATIVE = (
    MINIMAL.with_files(probe("/opt/x/oci-relative"), probe("/bin/x/oci-relative"))
    .with_args("x/oci-relative", "proc")
    .having("/process/cwd", "/opt")
)


@clause("config.process.args.applied")
def test_arguments_arrive_unchanged(observe: Observe) -> None:
    """Blanks, quotes, an empty argument and what a shell would interpret come as they are, and nothing else."""
    seen = observe(MINIMAL.with_args(PROBE, "args", *ARGUMENTS))
    expect(list(seen.report.argv[1:]), "argv[1..]").equals(["args", *ARGUMENTS])


@clause("config.process.args.path-search")
def test_program_is_searched_in_the_containers_path(observe: Observe) -> None:
    """A program name without a slash is found in a directory of process.env's PATH."""
    expect(observe(attempt(SEARCHED)).report.executable, "the program that runs").equals("/opt/x/oci-searched")


@clause("config.process.args.path-search")
def test_program_outside_the_containers_path_is_not_found(observe: Observe) -> None:
    """Where PATH does not lead to the program nothing runs, although a usual directory has it."""
    elsewhere = SEARCHED.having("/process/env", ["PATH=/nope"])
    expect_never_runs(observe, elsewhere, SEARCHED, "a program that PATH does not lead to")


@clause("config.process.args.slash-no-search")
def test_relative_program_is_taken_from_the_working_directory(observe: Observe) -> None:
    """A program name with a slash is a path from cwd, although PATH has a decoy."""
    expect(observe(attempt(RELATIVE)).report.executable, "the program that runs").equals("/opt/x/oci-relative")


@clause("config.process.args.slash-no-search")
def test_relative_program_is_not_searched_elsewhere(observe: Observe) -> None:
    """Where cwd does not have the program nothing runs, although PATH and another directory have it."""
    elsewhere = RELATIVE.having("/process/cwd", "/tmp")  # noqa: S108 - inside the container
    expect_never_runs(observe, elsewhere, RELATIVE, "a program that cwd does not have")


@clause("config.process.env.applied")
def test_environment_has_every_entry(observe: Observe) -> None:
    """Each entry arrives unchanged; what a runtime adds is its own business."""
    environment = observe(MINIMAL.having("/process/env", list(VARIABLES))).report.env
    missing = [entry for entry in VARIABLES if entry not in environment]
    expect(missing, "entries missing from the environment").is_empty()


@clause("config.process.cwd.applied")
@pytest.mark.parametrize("user", ["root", "other"])
def test_working_directory_is_cwd(observe: Observe, user: str) -> None:
    """The program starts in cwd, also as another user who may enter it."""
    bundle = MINIMAL.with_files(directory(WORK)).having("/process/cwd", WORK)
    seen = observe(bundle) if user == "root" else as_other_user(observe, AS_USER, also=True)
    expect(seen.report.cwd, "working directory").equals(WORK)


@clause("config.process.absent-start-fails")
def test_start_without_process_is_an_error(observe: Observe) -> None:
    """Nothing is started for a bundle that says nothing about a process."""
    seen = observe(without_process())
    if seen["crashes"]:
        raise Violation("an error reported for a bundle without process", "; ".join(seen["crashes"]))
    if not seen["created"]:
        not_applicable("create already refuses a bundle without process, as the text lets it")
    expect(seen["started"] and seen["ran"], "start reports success and a program runs", seen["errors"]).is_false()


def _on_terminal(observe: Observe, size: object = None) -> Seen:
    """An observation of a terminal that was handed over; without a way to hand it over nothing can be said."""
    seen = observe(on_terminal(ON_TERMINAL if size is None else ON_TERMINAL.having("/process/consoleSize", size)))
    if not seen["console"]:
        not_testable("limit: the profile has no way to hand a terminal over (console_socket)")
    return seen


def _unattached(seen: Seen) -> list[int]:
    """Those of the standard streams that are no terminal, or another one than the first is."""
    devices: list[Any] = []
    for number in STREAMS:
        stream = seen.report.fds.get(number)
        devices.append(stream.status.rdev if stream is not None and stream.tty and stream.status else None)
    return [number for number in STREAMS if devices[number] is None or devices[number] != devices[0]]


@clause("config.process.terminal.attached")
def test_terminal_is_on_the_standard_streams(observe: Observe) -> None:
    """With terminal true all three streams are the same terminal."""
    expect(_unattached(_on_terminal(observe)), "standard streams that are not the terminal").is_empty()


@clause("config.process.terminal.attached")
def test_without_terminal_the_streams_are_the_callers(observe: Observe) -> None:
    """Without terminal the files and pipes that the runtime was called with are the program's."""
    streams = observe(MINIMAL).report.fds
    expect([number for number in STREAMS if number in streams and streams[number].tty], "terminals").is_empty()


@clause("config.process.console-size.applied")
def test_console_size_is_the_terminals(observe: Observe) -> None:
    """The program's terminal has the rows and columns that were asked for."""
    plain = observe(on_terminal(ON_TERMINAL), root="config.process.terminal.attached")
    if plain["console"] and (not plain["lines"] or _unattached(plain)):
        not_testable("depends-on: config.process.terminal.attached")
    stdin = _on_terminal(observe, SIZE).report.fds.get(0)
    expect(stdin and stdin.winsize, "rows and columns").equals((ROWS, COLUMNS))


@clause("config.process.console-size.ignored-without-terminal")
@pytest.mark.parametrize("terminal", [False, None], ids=["false", "unset"])
def test_console_size_without_terminal_changes_nothing(observe: Observe, terminal: bool | None) -> None:
    """The terminal that the runtime was called with keeps its size, for the harness and for the program."""
    bundle = MINIMAL.with_verb("fds").having("/process/consoleSize", SIZE)
    seen = observe(on_inherited_terminal(bundle if terminal is None else bundle.having("/process/terminal", terminal)))
    expect(tuple(seen["size"]), "the caller's terminal: rows and columns").equals(OWN_SIZE)
    stdout = seen.report.fds.get(1)
    if stdout is not None and stdout.tty:
        expect(stdout.winsize, "the program's view: rows and columns").equals(OWN_SIZE)


def _score_of(observe: Observe, kind: str) -> tuple[int, set[str]]:
    """The score that is due, and what the program and the host see: the text does not say in which proc."""
    seen = observe(scored(kind))
    if seen["expected"] is None:
        not_testable("host: the caller's own oom_score_adj leaves no room above it")
    return seen["expected"], {str(seen[side]).strip() for side in ("inside", "outside")}


@clause("config.process.oom-score-adj.applied")
@pytest.mark.parametrize("kind", ["raised", "lowered"])
def test_oom_score_is_the_configured_one(observe: Observe, kind: str) -> None:
    """A score above the caller's is set, and one below it too: to the harness's own, usually an explicit 0."""
    expected, found = _score_of(observe, kind)
    expect(found, "oom_score_adj in the container or on the host").contains(str(expected))


@clause("config.process.oom-score-adj.unchanged-when-unset")
def test_oom_score_is_inherited_when_unset(observe: Observe) -> None:
    """The caller's score, which is not 0, stays."""
    expected, found = _score_of(observe, "unset")
    expect(found, "oom_score_adj in the container or on the host").contains(str(expected))
