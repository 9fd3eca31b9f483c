"""config-linux.md, "The Container Process State": how it is sent, and what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.config_linux.process_states import READABLE, told

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

SENT = "container-process-state.fds-scm-rights"


@clause(READABLE)
def test_state_is_sent_as_json(observe: Observe) -> None:
    """What is read from the stream is text, and JSON, and begins with an object."""
    for one in told(observe):
        try:
            documents = one.documents()
        except (ValueError, RecursionError) as error:
            raise Violation("a JSON object", str(error), [one.connection["data"][:400]]) from None
        expect(documents[:1], "documents").satisfies(_begin_with_object, "one that is an object")


def _begin_with_object(documents: list[Any]) -> bool:
    return bool(documents) and isinstance(documents[0], dict)


@clause(SENT)
def test_descriptors_are_sent_with_the_payload(observe: Observe) -> None:
    """As many descriptors come as `fds` names, and at least the one that is due."""
    for one in told(observe):
        names = one.state().get("fds")
        wanted = max(len(names), 1) if isinstance(names, list) else 1
        missing = wanted - len(one.descriptors)
        expect(max(missing, 0), "descriptors that did not come", [f"fds: {names!r}"]).equals(0)


@clause("container-process-state.fds-first-sendmsg")
def test_descriptors_come_with_the_first_bytes(observe: Observe) -> None:
    """No descriptor comes with a later part of a state."""
    for one in told(observe):
        if not one.descriptors:
            not_testable(f"depends-on: {SENT}", "no descriptor came")
        offsets = [arrival["offset"] for arrival in one.connection["arrivals"]]
        later = [offset for offset in offsets if not one.begins_document(offset)]
        expect(later, "offsets within a state of bytes that descriptors came with").is_empty()


@clause("container-process-state.oci-version")
def test_version_is_there(observe: Observe) -> None:
    """`ociVersion` is a string that is not empty."""
    for one in told(observe):
        _expect_text(one.state(), "ociVersion")


@clause("container-process-state.pid")
def test_pid_is_that_of_the_container(observe: Observe) -> None:
    """`pid` is the number by which the runtime knows the process."""
    for one in told(observe):
        known = one.container["pid"]
        if not isinstance(known, int):
            not_testable("depends-on: runtime.state.pid", f"state tells the pid {known!r}")
        expect(one.state().get("pid"), "pid, which `state` tells too").equals(known)


@clause("container-process-state.state")
def test_state_of_the_container_is_there(observe: Observe) -> None:
    """`state` is the container's, as it is while the container is created or before it is started."""
    for one in told(observe):
        state = one.state().get("state")
        if not isinstance(state, dict):
            raise Violation("an object as state", repr(state))
        _expect_text(state, "ociVersion")
        expect(state.get("id"), "state.id").equals(one.container["id"])
        expect(state.get("status"), "state.status").is_in(("creating", "created"))
        _expect_text(state, "bundle")


def _expect_text(document: dict[str, Any], name: str) -> None:
    expect(document.get(name), name).satisfies(_is_text, "a string that is not empty")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
