"""The seccomp agent that the suite plays, without a runtime."""

import array
import errno
import fcntl
import os
import selectors
import socket

import pytest
from pytest_oci.fixtures.runtime import agent as module
from pytest_oci.fixtures.runtime.agent import Agent

SECONDS = 5.0


def send(connection, data, *descriptors):
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))
    connection.sendmsg([data], [rights] if descriptors else [])


def connect(agent, kind=socket.SOCK_STREAM):
    connection = socket.socket(socket.AF_UNIX, kind)
    connection.settimeout(SECONDS)
    connection.connect(str(agent.path))
    return connection


@pytest.fixture
def null():
    descriptor = os.open("/dev/null", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_descriptors_are_told_by_the_bytes_that_they_came_with(tmp_path, null):
    with Agent(tmp_path / "agent") as agent:
        with connect(agent) as connection:
            send(connection, b"first", null)
            send(connection, b"second", null, null)
        assert agent.wait(lambda connections: [one.ended for one in connections] == [True], SECONDS)
        [facts] = [one.facts() for one in agent.connections]
    assert facts["data"] == "firstsecond"
    assert [arrival["offset"] for arrival in facts["arrivals"]] == [0, 5]
    described = {"link": "/dev/null", "notifies": False}
    assert [arrival["descriptors"] for arrival in facts["arrivals"]] == [[described], [described, described]]


def test_a_descriptor_that_comes_late_is_not_taken_for_an_early_one(tmp_path, null):
    with Agent(tmp_path / "agent") as agent, connect(agent) as connection:
        send(connection, b"{")
        send(connection, b"}", null)
        assert agent.wait(lambda connections: bool(connections and connections[0].arrivals), SECONDS)
        assert not agent.connections[0].ended
        assert agent.connections[0].arrivals[0]["offset"] == 1


def test_bytes_need_not_be_text(tmp_path):
    with Agent(tmp_path / "agent") as agent:
        with connect(agent) as connection:
            connection.sendall(bytes(range(256)))
        assert agent.wait(lambda connections: any(one.ended for one in connections), SECONDS)
        assert agent.connections[0].facts()["data"].encode("latin-1") == bytes(range(256))


def test_waiting_is_limited_and_nothing_stays(tmp_path):
    with Agent(tmp_path / "agent", socket.SOCK_SEQPACKET) as agent:
        assert not agent.wait(lambda connections: bool(connections), 0.01)
        with pytest.raises(OSError, match="wrong type"):
            connect(agent)
        connect(agent, socket.SOCK_SEQPACKET).close()
        assert agent.wait(lambda connections: len(connections) == 1, SECONDS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "stays"), [(errno.ENOENT, True), (errno.EINTR, True), (errno.ENODEV, False)])
@pytest.mark.parametrize("request_", [module.RECEIVE, module.SEND])
def test_a_call_that_was_interrupted_is_not_the_last_one(tmp_path, monkeypatch, number, stays, request_):
    def ioctl(_, request, *__):
        if request == request_:
            raise OSError(number, os.strerror(number))

    readable, writable = os.pipe()
    os.write(writable, b"x")
    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    with Agent(tmp_path / "agent") as agent:
        agent._selector.register(readable, selectors.EVENT_READ, lambda: None)
        agent._answer(readable)
        assert (readable in agent._selector.get_map()) is stays
    os.close(readable)
    os.close(writable)


def test_an_error_does_not_end_the_agent(tmp_path, monkeypatch):
    failures = [OSError(errno.EMFILE, "too many")]
    accept = Agent._accept

    def failing(self):
        if failures:
            raise failures.pop()
        accept(self)

    monkeypatch.setattr(Agent, "_accept", failing)
    with Agent(tmp_path / "agent") as agent, connect(agent) as connection:
        send(connection, b"x")
        assert agent.wait(lambda connections: any(one.data for one in connections), SECONDS)


def test_connections_and_descriptors_are_limited(tmp_path, monkeypatch, null):
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 1)
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    with Agent(tmp_path / "agent") as agent, connect(agent) as first, connect(agent) as second:
        assert second.recv(1) == b""
        send(first, b"x", null, null, null)
        assert agent.wait(lambda connections: bool(connections[0].arrivals), SECONDS)
        assert len(agent.connections) == 1
        assert [one["link"] for one in agent.connections[0].arrivals[0]["descriptors"]] == ["/dev/null"] * 3
        assert len(agent._open) == 2
