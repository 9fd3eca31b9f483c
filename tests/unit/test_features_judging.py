"""Judgements on features documents: no runtime is needed."""

from __future__ import annotations

import errno
import signal
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_oci.conformance.runtime.features import rules_features as rules
from pytest_oci.conformance.runtime.features_linux import test_features_linux as linux
from pytest_oci.conformance.runtime.features_linux.test_features_linux import _action_fault
from pytest_oci.fixtures.runtime.observer import Seen

from pytest_oci.documents.semver import precedence
from pytest_oci.observation import Observation
from pytest_oci.violations import Advised, NotTestable, Violation

IN_ORDER = (
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"),
    *("1.0.0-rc.1", "1.0.0", "1.0.2-dev", "1.0.2", "1.9.0", "1.10.0", "2.0.0"),
)


def test_versions_are_ordered_as_semver_orders_them() -> None:
    assert sorted(set(IN_ORDER), key=precedence) == list(IN_ORDER)
    assert precedence("1.0.0+a") == precedence("1.0.0+b") == precedence("1.0.0")


@pytest.mark.parametrize("text", ["1.0", "", "1.0.0\n", f"1.0.{'9' * 200}"], ids=repr)
def test_what_is_no_version_has_no_order(text: str) -> None:
    with pytest.raises(ValueError, match="is no version to compare"):
        precedence(text)


def features(most: str, **more: Any) -> dict[str, Any]:
    return {"ociVersionMin": "1.0.0", "ociVersionMax": most, **more}


@pytest.mark.parametrize("most", ["1.0.2-dev", "1.1.0-rc.1", "1.3.0", "9.0.0", "nonsense"])
def test_properties_of_the_first_version_are_always_defined(most: str) -> None:
    """There is no Features structure without them."""
    assert rules.properties_are_defined(features(most, hooks=[], linux={"seccomp": {"archs": None}})) == []


@pytest.mark.parametrize("most", ["1.3.0-rc.1", "1.3.0", "1.2.0+dev", "1.4.0"])
def test_later_properties_are_defined_in_later_versions(most: str) -> None:
    """A pre-release may have them already, and so may a development build of the version before."""
    assert rules.properties_are_defined(features(most, linux={"netDevices": {"enabled": True}})) == []


def test_later_properties_in_earlier_versions_are_advice() -> None:
    with pytest.raises(Advised, match="/linux/netDevices of"):
        rules.properties_are_defined(features("1.2.1", linux={"netDevices": {}}))


@pytest.mark.parametrize("most", ["1.1.0", "1.2.0+dev", "1.3.0"])
def test_invented_properties_are_found(most: str) -> None:
    found = rules.properties_are_defined(features(most, x=None, linux={"selinux": {"y": 1}}, annotations={"z": "z"}))
    assert [finding.pointer for finding in found] == ["/x", "/linux/selinux/y"]


@pytest.mark.parametrize("most", ["1.3.0+dev", "1.3.1", "2.0.0"])
def test_what_newer_versions_define_is_not_known(most: str) -> None:
    with pytest.raises(NotTestable, match="may define more than"):
        rules.properties_are_defined(features(most, x=None))


KILLED = {"status": int(signal.SIGSYS), "result": None}


@pytest.mark.parametrize(
    ("action", "answer", "kept"),
    [
        ("SCMP_ACT_ERRNO", {"status": 0, "result": {"rc": -errno.EPERM}}, True),
        ("SCMP_ACT_ERRNO", {"status": 0, "result": {"rc": -errno.EFAULT}}, False),
        ("SCMP_ACT_KILL_PROCESS", KILLED, True),
        ("SCMP_ACT_KILL_PROCESS", {"status": 0, "result": {"rc": 0}}, False),
        ("SCMP_ACT_TRAP", KILLED, True),
        ("SCMP_ACT_TRACE", {"status": 0, "result": {"rc": -errno.ENOSYS}}, True),
        ("SCMP_ACT_LOG", {"status": 0, "result": {"rc": -errno.EFAULT}}, True),
        ("SCMP_ACT_ERRNO", {}, False),
    ],
)
def test_what_became_of_a_call(action: str, answer: dict[str, Any], kept: bool) -> None:
    assert (_action_fault(action, answer) == "") is kept


class Told:
    """An `observe` of a runtime that lists these names, and of what came of trying them."""

    def __init__(self, names: list[str], **facts: Any) -> None:
        self.names, self.facts = names, facts

    def __call__(self, *_: object, **__: object) -> Seen:
        return Seen(Observation("scenario", facts=self.facts), frozenset())

    def missing(self, *_: object) -> list[str]:
        return []


@pytest.fixture
def _listing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux, "listed", lambda observe, *_: observe.names)
    monkeypatch.setattr(linux, "require_host", lambda _: None)


REFUSED = {"text": "create: exit status 1: no", "clean": True}
CRASHED = {"text": "create: killed by SIGSEGV", "clean": False}


@pytest.mark.usefixtures("_listing")
@pytest.mark.parametrize(
    ("troubles", "end"),
    [
        ({}, None),
        ({"SCMP_ARCH_SH": REFUSED}, None),
        ({"SCMP_ARCH_SH": CRASHED}, Violation),
        ({"SCMP_ARCH_X86": REFUSED}, Violation),
    ],
    ids=["all", "not-of-this-machine", "crash", "of-this-machine"],
)
def test_architectures_of_other_machines_may_not_be_loaded(
    troubles: dict[str, Any], end: type[Exception] | None
) -> None:
    names = ["SCMP_ARCH_X86", "SCMP_ARCH_SH"]
    observe: Any = Told(names, offered=names, entries=names[:1], troubles=troubles)
    with pytest.raises(end) if end else nullcontext():
        linux.test_listed_seccomp_architectures_are_recognized(observe)


@pytest.mark.usefixtures("_listing")
def test_architectures_of_which_none_was_tried_are_not_judged() -> None:
    names = ["SCMP_ARCH_SH"]
    observe: Any = Told(names, offered=names, entries=[], troubles={"SCMP_ARCH_SH": REFUSED})
    with pytest.raises(NotTestable):
        linux.test_listed_seccomp_architectures_are_recognized(observe)


@pytest.mark.usefixtures("_listing")
@pytest.mark.parametrize(
    ("own", "found", "troubles", "end"),
    [
        (True, "ipc:[2]", {}, None),
        (True, "ipc:[1]", {}, Violation),
        (False, "ipc:[1]", {}, NotTestable),
        (False, "ipc:[2]", {}, NotTestable),
        (False, "ipc:[1]", {"uts": REFUSED}, Violation),
    ],
    ids=["new", "the-callers", "sandbox-with-the-same-number", "sandbox", "sandbox-refusing-another"],
)
def test_namespaces_of_a_sandbox_are_not_compared(
    monkeypatch: pytest.MonkeyPatch, own: bool, found: str, troubles: dict[str, Any], end: type[Exception] | None
) -> None:
    class Reports:
        @staticmethod
        def parse(_: object) -> Any:
            return SimpleNamespace(namespace=lambda _: found)

    monkeypatch.setattr(linux, "Report", Reports)
    names = ["ipc", "uts"]
    caller = {"ipc": "ipc:[1]", "uts": "uts:[1]"}
    observe: Any = Told(names, offered=names, caller=caller, own={"ipc": own}, reports={"ipc": {}}, troubles=troubles)
    with pytest.raises(end) if end else nullcontext():
        linux.test_listed_namespaces_are_recognized(observe)
