"""runtime.md, "State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.runtime import rules_state as rules
from pytest_oci.conformance.runtime.runtime.judging import DEFINED, pid_faults, pid_is_due, state_in
from pytest_oci.fixtures.runtime.scenarios.operations import hooked, life, relative_path

from pytest_oci import clause, expect, not_applicable, not_testable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime
in_every_state = pytest.mark.parametrize("moment", ["created", "running", "stopped"], ids=str)
IN_CONTAINER = ("createContainer", "startContainer")
ON_HOST = ("prestart", "createRuntime", "poststart", "poststop")


@clause("runtime.state.oci-version")
@in_every_state
def test_state_has_a_version(observe: Observe, moment: str) -> None:
    """ociVersion is a string that says something; which version the state complies with is the runtime's to say."""
    expect(rules.says(state_in(observe(life(), whole=False)[moment], moment), "ociVersion"), "faults").is_empty()


@clause("runtime.state.id")
@in_every_state
def test_state_has_the_id(observe: Observe, moment: str) -> None:
    """Id is the ID that create was given."""
    seen = observe(life(), whole=False)
    state = state_in(seen[moment], moment)
    expect(rules.has_id(state), "faults").is_empty()
    expect(state["id"], "id").equals(seen["id"])


@clause("runtime.state.status")
@in_every_state
def test_state_has_a_status(observe: Observe, moment: str) -> None:
    """Status is a string; which one is for other clauses."""
    expect(rules.says(state_in(observe(life(), whole=False)[moment], moment), "status"), "faults").is_empty()


@clause("runtime.state.status.extra-values")
@in_every_state
def test_defined_states_have_their_own_words(observe: Observe, moment: str) -> None:
    """Where one of the defined states holds and nothing else goes on, no other word is used for it."""
    status = state_in(observe(life(), whole=False)[moment], moment).get("status")
    if isinstance(status, str):
        expect(status, f"status of a {moment} container").is_in(DEFINED)


@clause("runtime.state.pid")
def test_state_has_the_pid_of_the_container_process(observe: Observe) -> None:
    """The pid is that of a living process, the same when created and when running, and of the program if it can be."""
    seen = observe(life(), whole=False)
    for moment in ("created", "running"):
        pid = state_in(seen[moment], moment).get("pid")
        expect(pid, f"pid when {moment}").satisfies(rules.is_pid, "a positive integer")
        expect(seen[moment]["alive"], f"a living process {pid} when {moment}").is_true()
    pid = seen["running"]["document"]["pid"]
    expect(pid, "pid when running").equals(seen["created"]["document"]["pid"])
    if seen["processes"]:
        expect(pid, "pid, held against the host's processes that are the program").is_in(seen["processes"])


@clause("runtime.state.pid.hook-view")
def test_hooks_are_told_the_pid_that_they_see(observe: Observe) -> None:
    """Hooks on the host's side get the pid as state gives it, those inside the container as the program has it."""
    seen = observe(hooked(), root="runtime.ops.all-supported")
    inside, outside = seen["report"]["pid"], seen["pid"]
    _expect_pids(seen, {**dict.fromkeys(ON_HOST, outside), **dict.fromkeys(IN_CONTAINER, inside)})


@clause("runtime.state.pid.hook-view-1-0")
def test_all_hooks_are_told_the_pid_on_the_host(observe: Observe) -> None:
    """In 1.0 hooks of every kind get the pid as state gives it."""
    seen = observe(hooked(), root="runtime.ops.all-supported")
    _expect_pids(seen, dict.fromkeys((*ON_HOST, *IN_CONTAINER), seen["pid"]))


def _expect_pids(seen: Seen, wanted: Mapping[str, int]) -> None:
    if not seen["hooks"]:
        not_testable("depends-on: runtime.lifecycle.poststart.invoked", "no hook was run")
    if not pid_is_due(seen["hooks"]):
        not_applicable("no hook was given a state with the status created or running")
    evidence = [f"{hook['name']} was given {hook['raw'].strip()}" for hook in seen["hooks"]]
    expect(pid_faults(seen["hooks"], wanted), "hooks with another pid", evidence).is_empty()


@clause("runtime.state.bundle")
@in_every_state
def test_state_has_the_bundle(observe: Observe, moment: str) -> None:
    """Bundle is an absolute path of the bundle that create was given."""
    _expect_bundle(observe(life(), whole=False), moment)


@clause("runtime.state.bundle")
def test_state_has_the_bundle_when_create_had_a_relative_path(observe: Observe) -> None:
    """Bundle is absolute even so; whether relative paths are accepted is the runtime's to say."""
    seen = observe(relative_path())
    if not seen["call"]["ok"]:
        not_applicable(f"a relative path is not accepted: {seen['call']['text']}")
    _expect_bundle(seen, "created")


def _expect_bundle(seen: Seen, moment: str) -> None:
    state = state_in(seen[moment], moment)
    expect(rules.bundle_is_absolute(state), "faults").is_empty()
    expect(seen[moment]["same_bundle"], f"bundle {state['bundle']} is the directory that create was given").is_true()


@clause("runtime.state.json-schema")
@in_every_state
def test_state_has_the_form_that_the_schema_asks_for(observe: Observe, moment: str) -> None:
    """Names and types, and no negative pid."""
    state = state_in(observe(life(), whole=False)[moment], moment)
    expect(rules.form_faults(state, least_pid=0), "faults of the state").is_empty()


@clause("runtime.state.json-schema-1-0")
@in_every_state
def test_state_has_the_form_of_the_example(observe: Observe, moment: str) -> None:
    """In 1.0: names and types as the section's example has them."""
    state = state_in(observe(life(), whole=False)[moment], moment)
    expect(rules.form_faults(state), "faults of the state").is_empty()


@clause("runtime.state.json-schema")
def test_hooks_are_told_states_of_that_form(observe: Observe) -> None:
    """What hooks read from their standard input is a state too."""
    _expect_forms(observe(hooked(), root="runtime.ops.all-supported"), least_pid=0)


@clause("runtime.state.json-schema-1-0")
def test_hooks_are_told_states_of_the_example_s_form(observe: Observe) -> None:
    """In 1.0 too."""
    _expect_forms(observe(hooked(), root="runtime.ops.all-supported"), least_pid=None)


def _expect_forms(seen: Seen, least_pid: int | None) -> None:
    given = [hook for hook in seen["hooks"] if hook["document"] is not None]
    if not given:
        not_applicable("no hook was given a JSON object")
    found = {hook["name"]: rules.form_faults(hook["document"], least_pid=least_pid) for hook in given}
    faults = [f"{name}: {fault}" for name, some in found.items() for fault in some]
    expect(faults, "faults of the states that hooks were given").is_empty()
