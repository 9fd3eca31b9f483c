"""config-linux.md, "Seccomp": what a runtime does with listenerPath and listenerMetadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.process_states import CONNECTED, told
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.runtime.agent import ANSWER
from pytest_oci.fixtures.runtime.scenarios.seccomp import METADATA, notified, offered_agent

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

SENT = "container-process-state.fds-scm-rights"


@clause(CONNECTED)
def test_runtime_connects_to_a_stream_socket(observe: Observe) -> None:
    """A connection comes to the agent that listens at listenerPath."""
    expect(told(observe), "connections").is_not_empty()


@clause(CONNECTED)
@pytest.mark.parametrize("kind", ["seqpacket", "datagram"])
def test_runtime_does_not_use_a_socket_of_another_type(observe: Observe, kind: str) -> None:
    """A socket that is no stream cannot be talked to, which is an error."""
    seen = observe(offered_agent(kind))
    expect(seen["connections"], f"connections to a {kind} socket").equals(0)
    what = f"a {kind} socket at listenerPath"
    expect_never_runs(observe, offered_agent(kind), offered_agent("stream"), what, refusal="unsupported")


@clause("config.linux.seccomp.listener.one-state-per-connection")
def test_one_state_is_sent_on_a_connection(observe: Observe) -> None:
    """Each connection brings one document and nothing else."""
    told(observe)[0].state()
    for one in told(observe, empty=True):
        expect(len(one.documents()), "documents on the connection", [one.connection["data"][:400]]).equals(1)


@clause("config.linux.seccomp.listener.connection-closed")
def test_connection_is_closed_after_the_state(observe: Observe) -> None:
    """The stream ends while the container runs."""
    for one in told(observe, empty=True):
        expect(one.connection["ended"], "the connection was closed while the container ran").is_true()


@clause("config.linux.seccomp.listener.connection-not-reused")
def test_every_container_has_a_connection_of_its_own(observe: Observe) -> None:
    """The second container's state does not come on the first one's connection."""
    first, *others = told(observe)
    second = observe(notified())["containers"][1]
    if any(other.container == second for other in others):
        return
    first.state()
    if len(first.documents()) > 1:
        raise Violation("a connection for each container", "the second container's state came on the first one's")
    not_testable(f"depends-on: {CONNECTED}", "no state came for the second container")


@clause("config.linux.seccomp.listener.send-failure-error")
@pytest.mark.parametrize("kind", ["nothing", "file", "closed"])
def test_failure_to_send_is_an_error(observe: Observe, kind: str) -> None:
    """Where nobody listens the state cannot be sent, so that the container must not run."""
    heard = observe(offered_agent("stream"))
    if heard["ran"] and not heard["connections"]:
        not_testable(f"depends-on: {CONNECTED}", "no state is sent even where an agent listens")
    what = {"nothing": "no file", "file": "a regular file", "closed": "a socket without a listener"}[kind]
    expect_never_runs(
        observe, offered_agent(kind), offered_agent("stream"), f"{what} at listenerPath", refusal="unsupported"
    )


@clause("config.linux.seccomp.listener.seccomp-fd")
def test_seccomp_descriptor_is_sent_by_its_name(observe: Observe) -> None:
    """`fds` names seccompFd, and the descriptor at its place notifies of the container's calls."""
    for one in told(observe):
        names = one.state().get("fds")
        if not isinstance(names, list) or "seccompFd" not in names:
            raise Violation('"seccompFd" among fds', repr(names))
        if not one.descriptors:
            not_testable(f"depends-on: {SENT}", "no descriptor came")
        place = names.index("seccompFd")
        links = [descriptor["link"] for descriptor in one.descriptors]
        notifies = place < len(links) and one.descriptors[place]["notifies"]
        expect(notifies, "the descriptor at the place of seccompFd gets notifications", links).is_true()
        expect(one.container["answer"], "result of a call that the agent answers with 4242").equals(ANSWER)


@clause("config.linux.seccomp.listener-metadata.forwarded")
def test_metadata_is_forwarded(observe: Observe) -> None:
    """The first container's metadata is what was configured, the second's is absent or empty."""
    containers = observe(notified(), whole=False).get("containers") or []
    for one in told(observe):
        metadata = one.state().get("metadata")
        if one.container == containers[0]:
            expect(metadata, "metadata").equals(METADATA)
        else:
            expect(metadata, "metadata of a container without listenerMetadata").is_in((None, ""))
