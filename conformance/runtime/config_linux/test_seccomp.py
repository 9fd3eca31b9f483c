"""config-linux.md, "Seccomp": what a filter does, and what has to be refused."""

from __future__ import annotations

import errno
import operator
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.seccomp import (
    AROUND,
    RETURNED,
    VALUE,
    WIDE_ARGUMENTS,
    filtered,
    second_architecture,
    unlisted,
)
from pytest_oci.fixtures.runtime.seccomp import ERRNO, KILL, KILL_PROCESS, condition, rule, with_seccomp
from pytest_oci.fixtures.runtime.syscalls import NEVER_USED

from pytest_oci import Violation, clause, expect, not_applicable, not_testable, unsupported
from pytest_oci.catalogue import version_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.observer import Observe
    from pytest_oci.fixtures.runtime.scenario import Scenario

pytestmark = [pytest.mark.runtime, pytest.mark.usefixtures("filtering_product")]

ROOT = "config.linux.seccomp.syscalls.rules-applied"
DENIED = -errno.EPERM
"""What ERRNO without an errno gives since ERRNO_SINCE; the text before names none."""
ERRNO_SINCE = version_key("1.1.0")
MAX_ERRNO = 4095
CALL = NEVER_USED[0]
KILLED = signal.SIGSYS

FILTERED = with_seccomp(MINIMAL, rule(ERRNO, CALL, args=[condition(0, "EQ", 1)]))
"""The valid twin of what has to be refused."""
SYSCALLS = "/linux/seccomp/syscalls/0"

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    name: getattr(operator, name) for name in ("ne", "lt", "le", "eq", "ge", "gt")
}


@pytest.fixture
def filtering_product(observe: Observe) -> None:
    """A product that passes over filters altogether breaks the clause at the root; the others depend on it."""
    if observe.judges(ROOT):
        return
    answers = observe(filtered())["answers"].get("errno")
    denied = _denied(observe)
    if answers is not None and all(answer["rc"] != denied for answer in answers[:-1]):
        not_testable(f"depends-on: {ROOT}", "no call that a rule names is denied")


def _answers(observe: Observe, name: str) -> list[Mapping[str, Any]]:
    """What the calls of a demand gave; a product may refuse what it does not offer."""
    seen = observe(filtered())
    trouble = seen["troubles"].get(name)
    if trouble is None:
        found: list[Mapping[str, Any]] = seen["answers"][name]
        return found
    if trouble["limit"]:
        not_testable(trouble["text"])
    if trouble["clean"]:
        unsupported(f"refused by {trouble['text']}")
    raise Violation("a container with a valid filter to run", trouble["text"])


def _results(observe: Observe, name: str) -> list[int]:
    return [answer["rc"] for answer in _answers(observe, name)]


def _denied(observe: Observe) -> int:
    """What a denied call gives: before ERRNO_SINCE any error that all calls of the rule give, but not the other.

    Without a filter they end in three different ways.
    """
    answers = observe(filtered())["answers"].get("errno") if version_key(observe.version) < ERRNO_SINCE else None
    if answers is None:
        return DENIED
    *named, other = (int(answer["rc"]) for answer in answers)
    alike = len(set(named)) == 1 and -MAX_ERRNO <= named[0] < 0 and named[0] != other
    return named[0] if alike else DENIED


def _which_are_denied(observe: Observe, name: str) -> list[bool]:
    """Of the calls of a demand."""
    denied = _denied(observe)
    return [rc == denied for rc in _results(observe, name)]


def _signal(answer: Mapping[str, Any]) -> int:
    """The signal that ended a child, 0 if none did."""
    return int(answer["status"]) & 0x7F


# Actions


@clause("config.linux.seccomp.default-action.applied")
def test_default_action_is_for_calls_that_no_rule_names(observe: Observe) -> None:
    """A call that is not allowed by name fails, and one that is allowed works."""
    seen = observe(unlisted(ERRNO), refusal="unsupported")
    denied = _denied(observe)
    expect(seen["unlisted"]["result"], "a call that no rule names").equals({"rc": denied})
    expect(seen["listed"]["rc"], "a call that is allowed by name").differs_from(denied)


@clause("config.linux.seccomp.default-action.applied")
def test_default_action_can_kill(observe: Observe) -> None:
    """A call that is not allowed by name ends who makes it, and one that is allowed works."""
    seen = observe(unlisted(KILL), refusal="unsupported")
    expect(_signal(seen["unlisted"]), "signal that ends who makes a call that no rule names").equals(KILLED)


@clause("config.linux.seccomp.default-errno-ret.applied")
@pytest.mark.parametrize(("given", "expected"), [(RETURNED, -RETURNED), (None, DENIED)], ids=["given", "unset"])
def test_default_action_gives_the_default_errno(observe: Observe, given: int | None, expected: int) -> None:
    """The errno is the configured one, and EPERM without it."""
    seen = observe(unlisted(ERRNO, given), refusal="unsupported")
    expect(seen["unlisted"]["result"], "a call that no rule names").equals({"rc": expected})


@clause("config.linux.seccomp.syscalls.rules-applied")
def test_every_name_of_a_rule_is_denied(observe: Observe) -> None:
    """All calls that the rule names fail, and one that it does not name works."""
    *named, other = _results(observe, "errno")
    denied = _denied(observe)
    expect(named, "calls that the rule names").equals([denied] * len(named))
    expect(other, "a call that no rule names").differs_from(denied)


@clause("config.linux.seccomp.syscalls.rules-applied")
@pytest.mark.parametrize(
    ("action", "since"),
    [("kill", "1.0.2"), ("kill-process", "1.1.0"), ("kill-thread", "1.1.0")],
    ids=["kill", "kill-process", "kill-thread"],
)
def test_call_of_a_rule_ends_its_maker(observe: Observe, action: str, since: str) -> None:
    """A child that makes the call is ended by SIGSYS, although it handles that signal."""
    _require_version(observe, since)
    [answer] = _answers(observe, action)
    expect(_signal(answer), "signal that ends who makes the call", [str(answer)]).equals(KILLED)


@clause("config.linux.seccomp.syscalls.rules-applied")
def test_call_that_traps_sends_a_signal(observe: Observe) -> None:
    """A child that makes the call and handles SIGSYS gets it once and goes on."""
    [answer] = _answers(observe, "trap")
    expect(_signal(answer), "signal that ends who makes the call", [str(answer)]).equals(0)
    expect(answer["result"]["caught"], "how often SIGSYS was caught").equals(1)


@clause("config.linux.seccomp.syscalls.rules-applied")
def test_call_that_is_to_be_traced_fails_without_a_tracer(observe: Observe) -> None:
    """Nobody traces the program, so that the kernel has no such call."""
    expect(_results(observe, "trace"), "a call with SCMP_ACT_TRACE").equals([-errno.ENOSYS])


@clause("config.linux.seccomp.syscalls.rules-applied")
def test_call_that_is_logged_is_allowed(observe: Observe) -> None:
    """What a rule names for the log works, although the default action denies it."""
    seen = observe(unlisted(ERRNO, log=True), refusal="unsupported")
    denied = _denied(observe)
    if seen["unlisted"]["result"] != {"rc": denied}:
        not_testable("depends-on: config.linux.seccomp.default-action.applied")
    expect(seen["logged"]["rc"], "a call with SCMP_ACT_LOG").differs_from(denied)


@clause("config.linux.seccomp.syscalls.errno-ret.applied")
def test_rule_gives_its_errno(observe: Observe) -> None:
    """The errno is the rule's, and EPERM for a rule without."""
    expect(_results(observe, "errno-ret"), "calls of rules with and without errnoRet").equals([-RETURNED, DENIED])


def _require_version(observe: Observe, since: str) -> None:
    if version_key(observe.version) < version_key(since):
        not_applicable(f"no value of version {observe.version}")


# Conditions


@clause("config.linux.seccomp.syscalls.args.applied")
@pytest.mark.parametrize("name", COMPARISONS)
def test_condition_limits_a_rule(observe: Observe, name: str) -> None:
    """Calls with an argument that fulfils the condition are denied, others are not."""
    errno_given = _denied(observe)
    denied = [value for value, rc in zip(AROUND, _results(observe, name), strict=True) if rc == errno_given]
    fulfil = [value for value in AROUND if COMPARISONS[name](value, VALUE)]
    expect(denied, f"denied ones of the arguments {AROUND}").equals(fulfil)


@clause("config.linux.seccomp.syscalls.args.applied")
def test_all_conditions_of_a_rule_have_to_hold(observe: Observe) -> None:
    """Conditions on the fifth and on the sixth argument: only a call that fulfils both is denied."""
    denied = _which_are_denied(observe, "both")
    expect(denied, "denied where both hold, one, the other, none").equals([True, False, False, False])


@clause("config.linux.seccomp.syscalls.args.applied")
def test_either_of_two_rules_is_enough(observe: Observe) -> None:
    """Two rules for one call with a condition each: a call that fulfils one of them is denied."""
    denied = _which_are_denied(observe, "either")
    expect(denied, "denied where the first rule holds, the second, none").equals([True, True, False])


@clause("config.linux.seccomp.syscalls.args.value-two.applied")
def test_masked_argument_is_compared_with_the_second_value(observe: Observe) -> None:
    """`value` is the mask and `valueTwo` what the masked argument has to be."""
    denied = _which_are_denied(observe, "masked-eq")
    expected = [True, False, False, not WIDE_ARGUMENTS]
    expect(denied, "denied with 0x2f, 0x30, the mask, and with other upper bits").equals(expected)


# Architectures


@clause("config.linux.seccomp.architectures.applied")
def test_listed_architecture_is_covered(observe: Observe) -> None:
    """By the 32-bit entry of x86-64 the rule's call is denied and another works."""
    seen = observe(second_architecture(), refusal="unsupported")
    for where, answer in (("host", seen["host"]), ("product", seen["plain"])):
        if not _told_own_pid(answer):
            not_testable(f"{where}: the kernel {'in the container ' * (where == 'product')}has no 32-bit entry")
    expect(_told_own_pid(seen["filtered"]), "getpid by the 32-bit entry works", [str(seen["filtered"])]).is_true()
    expect(seen["ruled"].get("result"), "the rule's call by the 32-bit entry").equals({"rc": _denied(observe)})


def _told_own_pid(answer: Mapping[str, Any]) -> bool:
    """Whether a child that called getpid was not killed and got what fork told its parent."""
    return answer.get("status") == 0 and answer.get("result") == {"rc": answer["pid"]}


# What has to be refused


def _attempt(bundle: Bundle) -> Scenario:
    """An attempt that needs a host with seccomp: without it there is nothing to refuse."""
    return replace(attempt(bundle), needs=("seccomp",))


def _expect_refused(observe: Observe, bundle: Bundle, what: str, twin: Bundle = FILTERED) -> list[str]:
    """What the operations said that refused it."""
    said: list[str] = expect_never_runs(observe, _attempt(bundle), _attempt(twin), what, refusal="unsupported")[
        "errors"
    ]
    return said


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        pytest.param(
            "/linux/seccomp/defaultAction",
            "SCMP_ACT_BOGUS",
            marks=clause("config.linux.seccomp.default-action.unknown-rejected"),
            id="default-action",
        ),
        pytest.param(
            "/linux/seccomp/architectures",
            ["SCMP_ARCH_BOGUS"],
            marks=clause("config.linux.seccomp.architectures.unknown-rejected"),
            id="architecture",
        ),
        pytest.param(
            "/linux/seccomp/flags",
            ["SECCOMP_FILTER_FLAG_BOGUS"],
            marks=clause("config.linux.seccomp.flags.unknown-rejected"),
            id="flag",
        ),
        pytest.param(
            f"{SYSCALLS}/action",
            "SCMP_ACT_BOGUS",
            marks=clause("config.linux.seccomp.syscalls.action.unknown-rejected"),
            id="action",
        ),
        pytest.param(
            f"{SYSCALLS}/names",
            [],
            marks=clause("config.linux.seccomp.syscalls.names.empty-rejected"),
            id="no-names",
        ),
        pytest.param(
            f"{SYSCALLS}/args/0/index",
            6,
            marks=clause("config.linux.seccomp.syscalls.args.index.out-of-range-rejected"),
            id="index",
        ),
        pytest.param(
            f"{SYSCALLS}/args/0/op",
            "SCMP_CMP_BOGUS",
            marks=clause("config.linux.seccomp.syscalls.args.op.unknown-rejected"),
            id="operator",
        ),
    ],
)
def test_invalid_value_is_refused(observe: Observe, pointer: str, value: object) -> None:
    """A filter that cannot be made is an error; its valid twin runs."""
    _expect_refused(observe, FILTERED.having(pointer, value), f"{pointer.rpartition('/')[2]} {value!r}")


DEFAULT_ERRNO = "config.linux.seccomp.default-errno-ret"
RULE_ERRNO = "config.linux.seccomp.syscalls.errno-ret"
DEAD = 5
USELESS = {
    "default-allow": (FILTERED, FILTERED.having("/linux/seccomp/defaultErrnoRet", DEAD)),
    "kill-process": (
        with_seccomp(MINIMAL, rule(KILL_PROCESS, CALL)),
        with_seccomp(MINIMAL, rule(KILL_PROCESS, CALL, errno=DEAD)),
    ),
}
"""Filters and the same with an errno for an action that gives none."""


def _useless(observe: Observe, name: str) -> list[str]:
    twin, bundle = USELESS[name]
    return _expect_refused(observe, bundle, f"an errno for {name}", twin)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("default-allow", marks=clause(f"{DEFAULT_ERRNO}.unsupported-fails"), id="default-allow"),
        pytest.param("kill-process", marks=clause(f"{RULE_ERRNO}.unsupported-fails"), id="kill-process"),
    ],
)
def test_errno_for_an_action_without_errno_fails(observe: Observe, name: str) -> None:
    """The action has no use for the errno, so that the runtime has to fail."""
    _useless(observe, name)


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        pytest.param(
            "default-allow",
            f"{DEFAULT_ERRNO}.unsupported-fails",
            marks=clause(f"{DEFAULT_ERRNO}.unsupported-message"),
            id="default-allow",
        ),
        pytest.param(
            "kill-process",
            f"{RULE_ERRNO}.unsupported-fails",
            marks=clause(f"{RULE_ERRNO}.unsupported-message"),
            id="kill-process",
        ),
    ],
)
def test_errno_for_an_action_without_errno_is_an_error_with_words(observe: Observe, name: str, fails: str) -> None:
    """Where the runtime fails it says something."""
    try:
        said = _useless(observe, name)
    except Violation as violation:
        _depend(fails, violation)
    expect([text for text in said if text.strip()], "messages").is_not_empty()


def _depend(root: str, violation: Violation) -> NoReturn:
    not_testable(f"depends-on: {root}", str(violation))
