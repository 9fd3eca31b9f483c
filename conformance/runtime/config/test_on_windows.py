"""config.md, what binds on Windows alone: the mount option ro, commandLine, username."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.windows import (
    ACCOUNTS,
    COMMAND_LINE,
    accounts,
    command_line,
    written_through_mounts,
)

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.mounts.options.windows-ro")
def test_read_only_mount_cannot_be_written(observe: Observe) -> None:
    """The same mount without the option can."""
    seen = observe(written_through_mounts())
    if not seen["writable"]:
        not_testable("product: a mount without options cannot be written to")
    expect(seen["read_only"], "a file was made through the read-only mount").is_false()


@clause("config.process.command-line.applied")
def test_command_line_is_executed_as_it_stands(observe: Observe) -> None:
    """Quotes and blanks reach the program."""
    seen = observe(command_line())
    expect(seen["output"], "what the program prints as its command line").contains(f"[{COMMAND_LINE}]")


@clause("config.process.user.username.applied")
def test_program_runs_as_the_account(observe: Observe) -> None:
    """An account that the image lacks may be refused."""
    seen = observe(accounts())
    taken = [name for name in ACCOUNTS if seen[name]["created"]]
    crashes = [text for name in ACCOUNTS for text in seen[name]["crashes"]]
    if crashes:
        raise Violation("create to succeed or to report an error", "; ".join(crashes))
    if not taken:
        unsupported("refused for every account", *(error for name in ACCOUNTS for error in seen[name]["errors"]))
    for name in taken:
        account = seen[name]["output"].strip().lower().rpartition("\\")[2]
        expect(account, f"account of the program with username {name}").equals(name.lower())
