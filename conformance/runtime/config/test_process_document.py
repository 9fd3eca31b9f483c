"""The process in a configuration (config.md, Process, POSIX process and Linux Process)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import rules_process as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

    from pytest_oci.targets.bundle import Bundle

pytestmark = pytest.mark.bundle


@clause("config.process.required-for-start")
def test_process_is_there(bundle: Bundle, document: Object) -> None:
    """A bundle that is to be started has a process."""
    expect(rules.process_required(document, to_be_started=bundle.to_be_started), "faults").is_empty()


@clause("config.process.console-size.height-required")
def test_console_size_has_a_height(document: Object) -> None:
    """A consoleSize has a height."""
    expect(rules.console_size_has(document, "height"), "faults").is_empty()


@clause("config.process.console-size.width-required")
def test_console_size_has_a_width(document: Object) -> None:
    """A consoleSize has a width."""
    expect(rules.console_size_has(document, "width"), "faults").is_empty()


@clause("config.process.cwd.required")
def test_cwd_is_there(document: Object) -> None:
    """A process has a cwd."""
    expect(rules.cwd_required(document), "faults").is_empty()


@clause("config.process.cwd.absolute")
def test_cwd_is_absolute(document: Object) -> None:
    """The cwd is absolute."""
    expect(rules.cwd_absolute(document), "faults").is_empty()


@clause("config.process.args.non-empty")
def test_args_are_not_empty(document: Object) -> None:
    """Outside Windows args has an entry."""
    expect(rules.args_not_empty(document), "faults").is_empty()


@clause("config.process.command-line.required-without-args")
def test_command_line_is_there_without_args(document: Object) -> None:
    """On Windows there is a commandLine where there are no args."""
    expect(rules.command_line_without_args(document), "faults").is_empty()


@clause("config.process.rlimits.type-required")
def test_rlimits_have_a_type(document: Object) -> None:
    """Every limit has a type."""
    expect(rules.rlimits_have_type(document), "faults").is_empty()


@clause("config.process.rlimits.soft-required")
def test_rlimits_have_a_soft_limit(document: Object) -> None:
    """Every limit has a soft value."""
    expect(rules.rlimits_have(document, "soft"), "faults").is_empty()


@clause("config.process.rlimits.hard-required")
def test_rlimits_have_a_hard_limit(document: Object) -> None:
    """Every limit has a hard value."""
    expect(rules.rlimits_have(document, "hard"), "faults").is_empty()


@clause("config.process.scheduler.policy-required")
def test_scheduler_has_a_policy(document: Object) -> None:
    """A scheduler has a policy."""
    expect(rules.scheduler_has_policy(document), "faults").is_empty()


@clause("config.process.io-priority.class-required")
def test_io_priority_has_a_class(document: Object) -> None:
    """An ioPriority has a class."""
    expect(rules.io_priority_has_class(document), "faults").is_empty()


@clause("config.process.io-priority.priority-required")
def test_io_priority_has_a_priority(document: Object) -> None:
    """An ioPriority has a priority."""
    expect(rules.io_priority_has_priority(document), "faults").is_empty()
