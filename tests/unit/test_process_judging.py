"""Judgements of process attributes on recorded facts, for what this host cannot show."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pytest_oci.conformance.runtime.alike import expect_alike
from pytest_oci.conformance.runtime.config import test_security_modules as judgements
from pytest_oci.conformance.runtime.config.test_process import _unattached
from pytest_oci.conformance.runtime.config.test_security_modules import apparmor_profile, selinux_label
from pytest_oci.fixtures.probe.report import Report
from pytest_oci.fixtures.runtime.observer import Observe, Seen

from pytest_oci import Violation
from pytest_oci.observation import Observation
from pytest_oci.violations import NotTestable

ENOENT, EINVAL = -2, -22


def recorded(*facts: dict[str, Any]) -> Observe:
    """Stands for `observe`: gives the recorded observations in the order in which they are asked for."""
    left = list(facts)

    def observe(stimulus: object, **_: object) -> Seen:
        return Seen(Observation("recorded", (), left.pop(0)), frozenset())

    return cast("Observe", observe)


def attributes(current: object, apparmor: object = ENOENT) -> dict[str, Any]:
    return {"proc": {"attr/current": current, "attr/apparmor/current": apparmor}}


@pytest.mark.parametrize(
    ("current", "apparmor", "profile"),
    [
        ("oci (enforce)\n", ENOENT, "oci"),
        ("oci (complain)\n", EINVAL, "oci"),
        ("oci (enforce)\n\0", ENOENT, "oci"),
        ("system_u:system_r:t:s0\0", "oci (enforce)\n", "oci"),
        ("a b//c (enforce)\n", ENOENT, "a b//c"),
        ("unconfined\n", ENOENT, None),
        ("unconfined", "unconfined\n", None),
        (EINVAL, ENOENT, None),
    ],
)
def test_apparmor_profile_of_a_report(current: object, apparmor: object, profile: str | None) -> None:
    assert apparmor_profile(Report.parse(attributes(current, apparmor))) == profile


@pytest.mark.parametrize(
    ("current", "label"),
    [("u:r:container_t:s0:c1,c2\0", "u:r:container_t:s0:c1,c2"), ("u:r:t\n", "u:r:t"), (EINVAL, None)],
)
def test_selinux_label_of_a_report(current: object, label: str | None) -> None:
    assert selinux_label(Report.parse(attributes(current))) == label


def test_without_a_parser_nothing_is_said_of_apparmor() -> None:
    with pytest.raises(NotTestable, match=r"^host: "):
        judgements.test_program_runs_under_the_apparmor_profile(recorded({"profile": None}))


def test_a_policy_without_container_labels_says_nothing() -> None:
    with pytest.raises(NotTestable, match=r"^host: "):
        judgements.test_program_runs_with_the_selinux_label(recorded({"label": None}))


def stream(*, tty: bool, minor: int) -> dict[str, Any]:
    numbers = dict.fromkeys(("mode", "uid", "gid", "nlink", "ino", "size", "mnt_id"), 0)
    pairs = {name: [0, 0] for name in ("dev", "atime", "mtime", "ctime")}
    return {
        "rc": 0, "type": "c", "rdev": [136, minor], "cloexec": False, "flags": 2, "tty": tty, "link": "/dev/pts/0",
        **numbers, **pairs,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("streams", "unattached"),
    [
        ({0: (True, 0), 1: (True, 0), 2: (True, 0)}, []),
        ({0: (True, 0), 1: (True, 1), 2: (True, 0)}, [1]),
        ({0: (True, 0), 1: (True, 0), 2: (False, 0)}, [2]),
        ({0: (True, 0), 2: (True, 0)}, [1]),
        ({}, [0, 1, 2]),
    ],
)
def test_streams_that_are_not_the_terminal(streams: dict[int, tuple[bool, int]], unattached: list[int]) -> None:
    fds = {str(number): stream(tty=tty, minor=minor) for number, (tty, minor) in streams.items()}
    assert _unattached(Seen(Observation("recorded", (), {"lines": [{"fds": fds}]}), frozenset())) == unattached


def whole_report(**changes: object) -> Report:
    device = {"rc": ENOENT, "link": ENOENT}
    facts: dict[str, Any] = {
        "argv": ["/probe"], "env": ["PATH=/bin"], "cwd": "/",
        "uid": [0, 0, 0], "gid": [0, 0, 0], "groups": [], "umask": 18,
        "caps": {"rc": 0, "last": 40, "securebits": 0}
        | dict.fromkeys(("effective", "permitted", "inheritable", "bounding", "ambient"), "0x0"),
        "prctl": {"no_new_privs": 0},
        "rlimits": [["0x1", "0x2"]] * 16,
        "proc": {"mountinfo": "1 0 0:1 / /proc rw - proc proc rw\n"},
        "dev": dict.fromkeys(("null", "zero", "full", "random", "urandom", "tty"), device),
    }  # fmt: skip
    return Report.parse({**facts, **changes})


def test_containers_are_alike_but_for_what_is_their_own() -> None:
    expect_alike(whole_report(pid=7, hostname="a"), whole_report(pid=1, hostname="b"))
    moved = {"mountinfo": "9 8 0:7 /elsewhere /proc rw - proc proc rw\n"}
    expect_alike(whole_report(proc=moved), whole_report())


@pytest.mark.parametrize(
    "changes",
    [
        {"env": []},
        {"umask": 63},
        {"groups": [5]},
        {"rlimits": [["0x1", "0x3"]] * 16},
        {"proc": {"mountinfo": "1 0 0:1 / /proc ro - proc proc rw\n"}},
        {"prctl": {"no_new_privs": 1}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_difference_is_a_violation(changes: dict[str, object]) -> None:
    with pytest.raises(Violation):
        expect_alike(whole_report(**changes), whole_report())
