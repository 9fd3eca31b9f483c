"""config-linux.md, "Default Devices": what is there without being asked for."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.probe.report import FileStatus, error_name
from pytest_oci.fixtures.runtime.scenarios.devices import DEFAULT_DEVICES, PTS, supplied_devices
from pytest_oci.fixtures.runtime.scenarios.process import on_terminal

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

ON_TERMINAL = PTS.having("/process/terminal", True).with_verb("sequence", "fds", "--", "lstat", "/dev/console")


def _found(seen: Seen, name: str) -> FileStatus:
    stat = seen["found"][name]
    if stat["rc"] < 0:
        raise Violation(f"/dev/{name} to be there", f"stat gives {error_name(stat['rc'])}")
    return FileStatus.parse(stat)


def _supplied(observe: Observe, name: str) -> Seen:
    """The observation, after the device was found to be the right one."""
    seen = observe(supplied_devices())
    found = _found(seen, name)
    expect((found.type, *found.rdev), f"type and number of /dev/{name}").equals(("c", *DEFAULT_DEVICES[name]))
    return seen


@clause("config.linux.default-devices.null")
def test_null(observe: Observe) -> None:
    """It takes everything and holds nothing."""
    tried = _supplied(observe, "null")["tried"]
    expect(tried["write-null"], "writing 4 bytes to /dev/null").equals(4)
    expect(tried["read-null"], "reading /dev/null").equals("")


@clause("config.linux.default-devices.zero")
def test_zero(observe: Observe) -> None:
    """It gives zeros."""
    expect(_supplied(observe, "zero")["tried"]["read-zero"], "reading /dev/zero").equals("\0" * 4)


@clause("config.linux.default-devices.full")
def test_full(observe: Observe) -> None:
    """It gives zeros, and has no space."""
    tried = _supplied(observe, "full")["tried"]
    expect(tried["read-full"], "reading /dev/full").equals("\0" * 4)
    expect(tried["write-full"], "writing to /dev/full (-28: no space left)").equals(-errno.ENOSPC)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=clause(f"config.linux.default-devices.{name}"), id=name)
        for name in ("random", "urandom")
    ],
)
def test_source_of_random_numbers(observe: Observe, name: str) -> None:
    """It can be opened."""
    opened = _supplied(observe, name)["tried"][f"open-{name}"]
    expect(opened, f"opening /dev/{name}").satisfies(lambda result: result >= 0, "success")


@clause("config.linux.default-devices.tty")
def test_tty(observe: Observe) -> None:
    """It is there, whether or not the program has a terminal."""
    _supplied(observe, "tty")


@clause("config.linux.default-devices.ptmx")
def test_ptmx_is_that_of_the_containers_pseudoterminals(observe: Observe) -> None:
    """/dev/ptmx is /dev/pts/ptmx itself, and opening it makes a terminal in /dev/pts."""
    seen = observe(supplied_devices())
    found, own = _found(seen, "ptmx"), _found(seen, "pts/ptmx")
    expect((found.device, found.inode), "device and inode of /dev/ptmx").equals((own.device, own.inode))
    before, after = (names if isinstance(names, list) else [] for names in seen["terminals"])
    expect(sorted(set(after) - set(before)), "names in /dev/pts that are new when /dev/ptmx is open").is_not_empty()


@clause("config.linux.default-devices.console")
def test_console_is_the_terminal(observe: Observe) -> None:
    """With a terminal, /dev/console is a mount of that terminal."""
    seen = observe(on_terminal(ON_TERMINAL))
    if not seen["console"]:
        not_testable("limit: the profile has no way to hand a terminal over (console_socket)")
    stdin = seen.report.fds.get(0)
    if stdin is None or not stdin.tty or stdin.status is None:
        not_testable("depends-on: config.process.terminal.attached")
    if seen["lines"][1]["rc"] < 0:
        raise Violation("/dev/console to be there", f"lstat gives {error_name(seen['lines'][1]['rc'])}")
    console = FileStatus.parse(seen["lines"][1])
    expect((console.type, console.rdev), "type and number of /dev/console").equals(("c", stdin.status.rdev))
    same_file = (stdin.status.device, stdin.status.inode)
    expect((console.device, console.inode), "device and inode of /dev/console, as of a bind mount").equals(same_file)
