"""Judging what a seccomp agent was told, on recorded facts."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_oci.conformance.runtime.config_linux import test_container_process_state as state_tests
from pytest_oci.conformance.runtime.config_linux import test_seccomp as filter_tests
from pytest_oci.conformance.runtime.config_linux import test_seccomp_listener as listener_tests
from pytest_oci.conformance.runtime.config_linux.process_states import CONNECTED, READABLE, documents_in
from pytest_oci.fixtures.runtime.agent import ANSWER
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.seccomp import METADATA

from pytest_oci import Violation
from pytest_oci.observation import Observation, Trouble
from pytest_oci.violations import NotTestable, Unsupported

NOTIFIER = {"link": "anon_inode:seccomp notify", "notifies": True}
OTHER = {"link": "/dev/null", "notifies": False}


def state(number, **changes):
    text = {"metadata": METADATA} if number == 0 else {}
    embedded = {"ociVersion": "1.3.0", "id": f"c{number}", "status": "creating", "pid": 70, "bundle": "/b"}
    return {"ociVersion": "1.3.0", "fds": ["seccompFd"], "pid": 70 + number, "state": embedded} | text | changes


def connection(*states, arrivals=((0, (NOTIFIER,)),), ended=True, data=None):
    text = "".join(json.dumps(one) for one in states) if data is None else data
    came = [{"offset": offset, "descriptors": list(descriptors)} for offset, descriptors in arrivals]
    return {"data": text.encode().decode("latin-1"), "arrivals": came, "ended": ended}


def facts(first, *second):
    """The first container's connection and the second's, which may be none or several."""
    containers = [
        {"id": "c0", "bundle": "/b", "before": 0, "pid": 70, "after": 1, "answer": ANSWER},
        {"id": "c1", "bundle": "/b", "before": 1, "pid": 71, "after": 1 + len(second), "answer": ANSWER},
    ]
    return {"containers": containers, "connections": [first, *second]}


@dataclass
class FakeObserve:
    observation: Observation
    ids: tuple[str, ...] = ()
    version: str = "1.3.0"

    def __call__(self, *_, **__):
        return Seen(self.observation, frozenset(self.ids))

    def judges(self, *ids):
        return bool(set(self.ids) & set(ids))


def observing(recorded, *ids, trouble=None) -> Any:
    """What a judgement takes for an `Observe`."""
    return FakeObserve(Observation("notified", (), recorded, trouble), ids)


GOOD = facts(connection(state(0)), connection(state(1)))
TESTS = [
    listener_tests.test_runtime_connects_to_a_stream_socket,
    listener_tests.test_one_state_is_sent_on_a_connection,
    listener_tests.test_connection_is_closed_after_the_state,
    listener_tests.test_every_container_has_a_connection_of_its_own,
    listener_tests.test_seccomp_descriptor_is_sent_by_its_name,
    listener_tests.test_metadata_is_forwarded,
    state_tests.test_state_is_sent_as_json,
    state_tests.test_descriptors_are_sent_with_the_payload,
    state_tests.test_descriptors_come_with_the_first_bytes,
    state_tests.test_version_is_there,
    state_tests.test_pid_is_that_of_the_container,
    state_tests.test_state_of_the_container_is_there,
]


def broken_by(recorded):
    """The names of the judgements that the facts violate."""
    found = []
    for test in TESTS:
        try:
            test(observing(recorded))
        except Violation:
            found.append(test.__name__)
        except NotTestable:
            continue
    return found


class TestWhatIsRight:
    def test_the_plain_case_breaks_nothing(self):
        assert broken_by(GOOD) == []

    def test_white_space_further_descriptors_and_members_are_allowed(self):
        more = state(0, fds=["other", "seccompFd"], extra=1)
        loose = connection(data=f" {json.dumps(more)}\n", arrivals=[(0, (OTHER, NOTIFIER))])
        assert broken_by(facts(loose, connection(state(1, metadata="")))) == []


@pytest.mark.parametrize(
    ("recorded", "broken"),
    [
        (facts(connection(state(0), state(0)), connection(state(1))), "one_state_is_sent"),
        (facts(connection(state(0)), connection(state(1), ended=False)), "connection_is_closed"),
        (facts(connection(state(0, fds=["x"])), connection(state(1))), "seccomp_descriptor"),
        (facts(connection(state(0), arrivals=[(0, (OTHER,))]), connection(state(1))), "seccomp_descriptor"),
        (facts(connection(state(0, metadata="other")), connection(state(1))), "metadata"),
        (facts(connection(state(0)), connection(state(1, metadata="other"))), "metadata"),
        (facts(connection(data="[1]"), connection(state(1))), "sent_as_json"),
        (facts(connection(data="\x00\x01"), connection(state(1))), "sent_as_json"),
        (facts(connection(state(0), arrivals=[]), connection(state(1))), "descriptors_are_sent"),
        (facts(connection(state(0), arrivals=[(7, (NOTIFIER,))]), connection(state(1))), "first_bytes"),
        (facts(connection(state(0, ociVersion="")), connection(state(1))), "version"),
        (facts(connection(state(0, pid=1)), connection(state(1))), "pid"),
        (facts(connection(state(0, pid="70")), connection(state(1))), "pid"),
        (facts(connection(state(0, state=None)), connection(state(1))), "state_of_the_container"),
        (facts(connection(state(0)), connection(state(1, state=state(0)["state"]))), "state_of_the_container"),
    ],
    ids=[
        "twice",
        "held",
        "misnamed",
        "not-a-notifier",
        "metadata",
        "metadata-unset",
        "array",
        "binary",
        "no-descriptor",
        "descriptor-late",
        "no-version",
        "pid-inside",
        "pid-text",
        "no-state",
        "id-of-another",
    ],
)
def test_one_fault_breaks_one_judgement(recorded, broken):
    found = broken_by(recorded)
    assert len(found) == 1, found
    assert broken in found[0]


def test_a_reused_connection_breaks_what_is_about_connections():
    reused = connection(state(0), state(1), arrivals=[(0, (NOTIFIER,)), (len(json.dumps(state(0))), (NOTIFIER,))])
    assert broken_by(facts(reused)) == [
        "test_one_state_is_sent_on_a_connection",
        "test_every_container_has_a_connection_of_its_own",
    ]


class TestWhatCannotBeJudged:
    def test_without_a_connection_all_depends_on_its_clause(self):
        nothing = {"containers": [{"before": 0, "after": 0}], "connections": []}
        with pytest.raises(NotTestable, match=CONNECTED):
            state_tests.test_pid_is_that_of_the_container(observing(nothing))
        with pytest.raises(Violation, match="no connection"):
            listener_tests.test_runtime_connects_to_a_stream_socket(observing(nothing, CONNECTED))

    def test_a_clean_refusal_means_that_the_action_is_not_offered(self):
        refused = Trouble("create", "create: exit status 1", clean=True)
        with pytest.raises(Unsupported):
            state_tests.test_pid_is_that_of_the_container(observing({}, trouble=refused))

    def test_a_crash_is_a_violation_of_the_root_only(self):
        crashed = Trouble("create", "create: killed by SIGSEGV", clean=False)
        with pytest.raises(NotTestable, match=CONNECTED):
            state_tests.test_pid_is_that_of_the_container(observing({}, trouble=crashed))
        with pytest.raises(Violation, match="SIGSEGV"):
            listener_tests.test_runtime_connects_to_a_stream_socket(observing({}, CONNECTED, trouble=crashed))

    def test_what_is_not_readable_is_judged_once(self):
        encoded = facts(connection(data="eyJ9"), connection(data="eyJ9"))
        with pytest.raises(NotTestable, match=READABLE):
            state_tests.test_pid_is_that_of_the_container(observing(encoded))

    def test_a_connection_without_payload_is_no_state(self):
        assert broken_by(facts(connection(state(0)), connection(arrivals=[]), connection(state(1)))) == [
            "test_one_state_is_sent_on_a_connection"
        ]


def test_documents_are_taken_apart():
    assert documents_in(b' {"a": 1}\n[2]3 ') == [{"a": 1}, [2], 3]
    assert documents_in(b" \n") == []
    for octets in (b"{", b"\xff", b"{}}"):
        with pytest.raises(ValueError, match=r".+"):
            documents_in(octets)


@pytest.mark.parametrize(
    ("version", "results", "denied"),
    [
        ("1.0.2", (-1, -1, -1, 20), -1),
        ("1.0.2", (-38, -38, -38, 20), -38),
        ("1.0.2", (-38, -38, -38, -38), -1),
        ("1.0.2", (-14, 0, -22, 20), -1),
        ("1.0.2", (0, 0, 0, 20), -1),
        ("1.1.0", (-38, -38, -38, 20), -1),
    ],
    ids=["eperm", "enosys", "all-fail", "no-filter", "no-error", "named-by-the-text"],
)
def test_errno_of_denied_calls_is_learned_where_the_text_names_none(version, results, denied):
    observe: Any = observing({"answers": {"errno": [{"rc": result} for result in results]}, "troubles": {}})
    observe.version = version
    assert filter_tests._denied(observe) == denied
    observe.ids = (filter_tests.ROOT,)
    if results[:-1] == (denied,) * 3 and results[-1] != denied:
        filter_tests.test_every_name_of_a_rule_is_denied(observe)
    else:
        with pytest.raises(Violation):
            filter_tests.test_every_name_of_a_rule_is_denied(observe)
