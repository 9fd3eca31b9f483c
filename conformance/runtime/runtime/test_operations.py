"""runtime.md, "Scope of a Container", "Lifecycle" but for hooks, and "Operations"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.runtime.judging import differences, expect_error, expect_state, state_in
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.operations import (
    ANNOTATIONS,
    APPLIED_HOSTNAME,
    APPLIED_LIMIT,
    FAULTS,
    SIGNALS,
    applied,
    borrowed_namespace,
    changed_config,
    failing_create,
    killed_when_created,
    life,
    misused_created,
    misused_running,
    misused_stopped,
    nonsense,
    odd_ids,
    own_cgroup,
    same_id,
    shared_mounts,
    signalled,
    without_process,
)

from pytest_oci import Violation, clause, expect, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.fixtures.runtime.observer import Observe, Seen
    from pytest_oci.fixtures.runtime.scenario import Scenario

pytestmark = pytest.mark.runtime
SUPPORTED = "runtime.ops.all-supported"
CREATES = "runtime.ops.create.creates"
MISUSED: dict[str, Callable[[], Any]] = {
    "created": misused_created,
    "running": misused_running,
    "stopped": misused_stopped,
}
in_every_state = pytest.mark.parametrize("status", list(MISUSED), ids=str)
with_every_fault = pytest.mark.parametrize("fault", list(FAULTS), ids=str)


def _misused(observe: Observe, status: str) -> Seen:
    seen = observe(MISUSED[status](), root=CREATES)
    expect_state(seen, status)
    return seen


# --- the operations as such ---------------------------------------------------------------------------


@clause("runtime.ops.all-supported", "runtime.scope.creator-can-operate")
def test_whoever_created_a_container_has_all_operations(observe: Observe) -> None:
    """create, state, start, kill and delete work on a container, each called on its own by the same user."""
    seen = observe(life(), whole=False)
    if seen.trouble is not None:
        raise Violation("create, state, start, kill and delete to work where they are allowed", seen.trouble.text)
    for moment in ("created", "running"):
        expect(seen[moment]["call"]["ok"], f"state when {moment}", [seen[moment]["call"]["text"]]).is_true()


# --- state --------------------------------------------------------------------------------------------


@clause("runtime.ops.state.no-id-error")
def test_state_needs_an_id(observe: Observe) -> None:
    """Without an ID state is an error."""
    tried = observe(nonsense())["state without id"]
    expect(tried["document"], "what state printed").is_none()
    expect_error(observe, tried["call"], "state without a container ID")


@clause("runtime.ops.state.nonexistent-error")
def test_state_of_an_unknown_container_is_an_error(observe: Observe) -> None:
    """An ID that no container ever had."""
    tried = observe(nonsense())["state of nothing"]
    expect(tried["document"], "what state printed").is_none()
    expect_error(observe, tried["call"], "state of a container that does not exist")


@clause("runtime.ops.state.annotations")
def test_state_has_the_annotations_of_the_container(observe: Observe) -> None:
    """If the state has annotations, those of config.json are among them, with their values."""
    found = state_in(observe(life(), whole=False)["created"], "created").get("annotations")
    if not found:
        unsupported("the state has no annotations, which the text leaves to the runtime")
    if not isinstance(found, dict):
        not_testable("depends-on: runtime.state.json-schema", f"annotations is {found!r}")
    expect({name: found.get(name) for name in ANNOTATIONS}, "annotations").equals(ANNOTATIONS)


@clause("runtime.ops.state.returns-state")
@pytest.mark.parametrize("moment", ["created", "running"], ids=str)
def test_state_returns_the_properties_of_the_state(observe: Observe, moment: str) -> None:
    """state prints one JSON object that has all of the required properties."""
    look = observe(life(), whole=False)[moment]
    if look["document"] is None:
        raise Violation("a JSON object from state", f"{look['call']['text']}; stdout {look['raw'][:300]!r}")
    wanted = {"ociVersion", "id", "status", "bundle", "pid"}
    expect(sorted(wanted - look["document"].keys()), "properties that are missing").is_empty()


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("created", marks=clause("runtime.ops.state.status-created"), id="created"),
        pytest.param("running", marks=clause("runtime.ops.state.status-running"), id="running"),
    ],
)
def test_state_has_the_status(observe: Observe, status: str) -> None:
    """After create and until start it is created, while the program runs it is running."""
    found = state_in(observe(life(), whole=False)[status], status).get("status")
    expect(found, f"status of a {status} container").equals(status)


@clause("runtime.ops.state.status-stopped")
def test_a_killed_container_is_stopped_until_it_is_deleted(observe: Observe) -> None:
    """The process was killed."""
    _expect_stopped(observe(life(), whole=False)["stopped"])


@clause("runtime.ops.state.status-stopped")
def test_an_exited_container_is_stopped_until_it_is_deleted(observe: Observe) -> None:
    """The process ended by itself."""
    _expect_stopped(observe(misused_stopped(), root=CREATES)["before"])


def _expect_stopped(look: dict[str, Any]) -> None:
    if look["document"] is None:
        raise Violation("the state of a stopped container", look["call"]["text"])
    expect(look["document"].get("status"), "status after the process ended").equals("stopped")


# --- create -------------------------------------------------------------------------------------------


@clause("runtime.ops.create.creates")
def test_create_makes_a_container(observe: Observe) -> None:
    """A minimal bundle of the claimed version becomes a container in the status created."""
    seen = observe.baseline()
    if seen.trouble is not None and seen.trouble.operation == "create":
        raise Violation("create of the smallest valid bundle to make a container", seen.trouble.text)
    expect(seen.get("refused"), "ociVersions that create refused").is_empty()
    expect(seen["created"]["id"], "id of the container").satisfies(bool, "the ID given")


@clause("runtime.ops.create.creates")
def test_create_makes_a_container_with_an_id_that_was_used_before(observe: Observe) -> None:
    """The ID of a deleted container is as good as a new one."""
    seen = observe(life(), root=SUPPORTED)
    if seen["deleted"]["document"] is not None:
        not_testable("depends-on: runtime.ops.delete.removes-container", seen["deleted"]["call"]["text"])
    call = seen["again"]["call"]
    expect(call["ok"], "create with the ID of a deleted container", [call["text"]]).is_true()
    look = seen["again"]["look"]
    expect(look["document"] is not None, "state of that container", [look["call"]["text"]]).is_true()


@clause("runtime.ops.create.no-bundle-error")
@pytest.mark.parametrize("attempt", ["create without bundle", "create of an empty directory"], ids=["none", "empty"])
def test_create_needs_a_bundle(observe: Observe, attempt: str) -> None:
    """Without a path, and in a working directory that is no bundle; and with the path of one that is none."""
    tried = observe(nonsense())[attempt]
    expect(tried["after"]["document"], f"container after {attempt}").is_none()
    expect_error(observe, tried["call"], attempt)


@clause("runtime.ops.create.no-id-error")
def test_create_needs_an_id(observe: Observe) -> None:
    """Without an ID create is an error, and makes nothing."""
    tried = observe(nonsense())["create without id"]
    expect(tried["processes"], "processes of the bundle that was given").is_empty()
    expect(tried["cgroups"], "cgroups of the bundle that was given").is_empty()
    expect_error(observe, tried["call"], "create without a container ID")


@clause("runtime.ops.create.duplicate-id-error", "runtime.state.id-unique")
@in_every_state
def test_create_with_an_id_in_use_is_an_error(observe: Observe, status: str) -> None:
    """Whatever state the container is in that has the ID."""
    expect_error(observe, _same_id(observe, status)["call"], f"create with the ID of a {status} container")


@clause("runtime.ops.create.duplicate-id-no-container")
@in_every_state
def test_create_with_an_id_in_use_makes_no_container(observe: Observe, status: str) -> None:
    """Nothing of the second container exists, and the first one is as it was."""
    seen = _same_id(observe, status)
    if seen["call"]["ok"]:
        not_testable("depends-on: runtime.ops.create.duplicate-id-error", seen["call"]["text"])
    expect(seen["processes"], "processes of the second bundle").is_empty()
    expect(seen["cgroups"], "cgroups of the second bundle").is_empty()
    expect(differences(seen["before"], seen["after"]), "changes of the first container").is_empty()
    expect(seen["answers"], "the first container's program answers").is_in((None, True))


def _same_id(observe: Observe, status: str) -> Seen:
    seen = observe(same_id(status), root=CREATES)
    expect_state(seen, status)
    return seen


def _before(seen: Seen, attempt: str) -> dict[str, Any]:
    """The look at the container before an attempt: the one after the attempt before it."""
    earlier: dict[str, Any] = seen["before"]
    for name, fact in seen.observation.facts.items():
        if name == attempt:
            break
        if isinstance(fact, dict) and "after" in fact:
            earlier = fact["after"]
    if earlier["document"] is None:
        not_testable("depends-on: what was tried before has removed the container", earlier["call"]["text"])
    return earlier


@clause("runtime.ops.create.invalid-id")
def test_create_with_an_odd_id_makes_all_or_nothing(observe: Observe) -> None:
    """The valid IDs are the runtime's to choose; refused ones leave nothing behind, accepted ones can be operated."""
    for tried in observe(odd_ids())["attempts"]:
        what = f"create with the ID {tried['id'][:60]!r}"
        if not (tried["call"]["ok"] or tried["call"]["refused"]):
            raise Violation(f"{what} to work or to report an error", tried["call"]["text"])
        expect(tried["left"], f"files beside the state root after {what}").is_empty()
        if tried["call"]["ok"]:
            failed = [call["text"] for call in tried["operations"] if not call["ok"]]
            expect(failed, f"operations that fail after {what}").is_empty()
        else:
            expect(tried["after"]["document"], f"container after {what} was refused").is_none()
            expect(tried["processes"] + tried["cgroups"], f"processes and cgroups after {what} was refused").is_empty()


WANTED = {
    "hostname": APPLIED_HOSTNAME,
    "mount": True,
    "masked-path": True,
    "namespaces": ["ipc", "mnt", "net", "pid", "uts"],
    "limit": [str(APPLIED_LIMIT)],
}


@clause("runtime.ops.create.properties-applied")
@pytest.mark.parametrize("property_", list(WANTED), ids=str)
def test_create_applies_properties(observe: Observe, property_: str) -> None:
    """Before start they are there to be seen from outside."""
    expect(_created(observe, property_), property_).equals(WANTED[property_])


@clause("runtime.lifecycle.create.resources-created")
@pytest.mark.parametrize("resource", ["namespaces", "mount", "limit"], ids=str)
def test_create_makes_resources(observe: Observe, resource: str) -> None:
    """Namespaces, mounts and the cgroup with its limit are there before start."""
    expect(_created(observe, resource), resource).equals(WANTED[resource])


def _created(observe: Observe, sample: str) -> Any:
    """A sample of the created container, where it is evidence; limits are files of the host in any case."""
    seen = observe(applied(), root=CREATES)
    if sample == "limit" and not seen.get("limited"):
        not_testable("host: there is no cgroup controller pids, or the run's user can make no cgroups")
    if sample not in seen["created"] or not (seen["own"] or sample == "limit"):
        not_testable("product: the state's pid is not that of the program's own process, which could be looked into")
    return seen["created"][sample]


@clause("runtime.lifecycle.environment-per-config")
def test_environment_is_as_configured(observe: Observe) -> None:
    """The program finds the configured host name and mount."""
    report = observe(applied(), root=CREATES).report
    expect(report.hostname, "host name").equals(APPLIED_HOSTNAME)
    mount = report.mount("/mnt")
    expect(mount and mount.fstype, "file system on /mnt").equals("tmpfs")


@clause("runtime.ops.create.args-not-applied", "runtime.lifecycle.create.program-not-run")
def test_create_does_not_run_the_program(observe: Observe) -> None:
    """It does not run before start, and then it does."""
    seen = observe(life(), whole=False)
    expect(seen["ran_early"], "the program ran although it was not started").is_false()
    expect("report" in seen.observation.facts, "the program ran when it was started").is_true()


@clause("runtime.ops.create.cannot-apply-error", "runtime.lifecycle.unable-error")
@with_every_fault
def test_create_of_what_cannot_be_is_an_error(observe: Observe, fault: str) -> None:
    """There is no container that lacks what no runtime can give it."""
    seen = _failed(observe, fault)
    call = seen["call"]
    if not (call["ok"] or call["refused"]):
        raise Violation(f"an error reported for a {fault} that cannot be applied", call["text"])
    if call["ok"] and seen["after"]["document"] is not None:
        raise Violation(f"an error for a {fault} that cannot be applied", f"{call['text']}; the container exists")
    _expect_twin(seen)


@clause("runtime.ops.create.cannot-apply-no-container")
@with_every_fault
def test_failed_create_makes_no_container(observe: Observe, fault: str) -> None:
    """After the error there is no container, no process of it, and the ID can be used."""
    seen = _failed(observe, fault)
    if seen["call"]["ok"]:
        not_testable("depends-on: runtime.ops.create.cannot-apply-error", seen["call"]["text"])
    expect(seen["after"]["document"], "container after create reported an error").is_none()
    expect(seen["left"].get("processes", []), "processes after create reported an error").is_empty()
    _expect_twin(seen)
    expect(seen["twin"]["ok"], "create of the valid twin with the same ID", [seen["twin"]["text"]]).is_true()


def _failed(observe: Observe, fault: str) -> Seen:
    seen = observe(failing_create(fault))
    if seen.get("missing"):
        not_testable(f"host: {seen['missing']}")
    return seen


def _expect_twin(seen: Seen) -> None:
    """A runtime that refuses the valid twin too says nothing by refusing the faulty bundle."""
    if (seen.get("fresh") or seen.get("twin") or {"ok": True})["ok"] is False:
        not_testable("product: the valid twin of this bundle cannot be created", seen["twin"]["text"])


@clause("runtime.lifecycle.config-update.process-ignored")
@pytest.mark.parametrize("change", ["replaced", "garbled"], ids=str)
def test_start_does_not_look_at_a_changed_config(observe: Observe, change: str) -> None:
    """What runs is the program that config.json named when the container was created."""
    seen = observe(changed_config(change), root=CREATES)
    expect(seen["marks"], "programs that ran", [seen["start"]["text"]]).equals(["before"])


# --- start --------------------------------------------------------------------------------------------


@clause("runtime.ops.start.no-id-error")
def test_start_needs_an_id(observe: Observe) -> None:
    """Without an ID start is an error, and the only created container stays as it is."""
    seen = _misused(observe, "created")
    tried = seen["start without id"]
    expect(differences(seen["before"], tried["after"]), "changes of the created container").is_empty()
    expect(tried["runs"], "runs of its program").equals(0)
    expect_error(observe, tried["call"], "start without a container ID")


@clause("runtime.ops.start.not-created-error")
@pytest.mark.parametrize("status", ["running", "stopped"], ids=str)
def test_start_of_what_is_not_created_is_an_error(observe: Observe, status: str) -> None:
    """A container can be started once."""
    expect_error(observe, _misused(observe, status)["start"]["call"], f"start of a {status} container")


@clause("runtime.ops.start.not-created-no-effect")
@pytest.mark.parametrize("status", ["running", "stopped"], ids=str)
def test_start_of_what_is_not_created_has_no_effect(observe: Observe, status: str) -> None:
    """The program does not run again and the state stays as it was."""
    seen = _misused(observe, status)
    tried = seen["start"]
    expect(tried["runs"], "runs of the program").equals(1)
    expect(differences(_before(seen, "start"), tried["after"]), "changes of the container").is_empty()
    if status == "running":
        expect(tried["answers"], "the program answers").is_true()


@clause("runtime.ops.start.runs-program", "runtime.lifecycle.program-run")
def test_start_runs_the_program(observe: Observe) -> None:
    """With exactly its arguments."""
    bundle = MINIMAL.with_verb("args", "one", "two words", "", "--four")
    expect(list(observe(bundle).report.argv), "arguments").equals(bundle.document["process"]["args"])


@clause("runtime.ops.start.no-process-error")
def test_start_without_a_process_is_an_error(observe: Observe) -> None:
    """Unless create refuses such a bundle already, as it may."""
    seen = observe(without_process())
    if seen["start"] is None:
        if not seen["create"]["refused"]:
            raise Violation("create of a bundle without process to work or to report an error", seen["create"]["text"])
        not_applicable(f"create refuses a bundle without process: {seen['create']['text']}")
    expect_error(observe, seen["start"], "start of a container without process")


# --- kill ---------------------------------------------------------------------------------------------


@clause("runtime.ops.kill.no-id-error")
def test_kill_needs_an_id(observe: Observe) -> None:
    """Without an ID kill is an error, and the only running container is not hit."""
    seen = _misused(observe, "running")
    tried = seen["kill without id"]
    expect(differences(seen["before"], tried["after"]), "changes of the running container").is_empty()
    expect(tried["answers"], "its program answers").is_true()
    expect_error(observe, tried["call"], "kill without a container ID")


@clause("runtime.ops.kill.not-running-error")
def test_kill_of_a_stopped_container_is_an_error(observe: Observe) -> None:
    """There is no process any more that could get a signal."""
    expect_error(observe, _misused(observe, "stopped")["kill"]["call"], "kill of a stopped container")


@clause("runtime.ops.kill.not-running-no-effect")
def test_kill_of_a_stopped_container_has_no_effect(observe: Observe) -> None:
    """It stays stopped and is not deleted."""
    seen = _misused(observe, "stopped")
    expect(differences(_before(seen, "kill"), seen["kill"]["after"]), "changes of the container").is_empty()


@clause("runtime.ops.kill.sends-signal")
def test_kill_sends_the_signal(observe: Observe) -> None:
    """The program gets each of them, and no other."""
    import signal

    wanted = [int(signal.Signals[f"SIG{name}"]) for name in SIGNALS]
    expect(observe(signalled())["received"], "signals that the program got").equals(wanted)


@clause("runtime.ops.kill.sends-signal-created")
def test_kill_ends_a_created_container(observe: Observe) -> None:
    """KILL, which nothing can keep from its work: the container stops and its program has never run."""
    seen = observe(killed_when_created(), root=CREATES)
    expect(seen["kill"]["ok"], "kill of a created container", [seen["kill"]["text"]]).is_true()
    expect(seen["stopped"], "the container stops", [seen["after"]["call"]["text"]]).is_true()
    expect(seen["runs"], "runs of its program").equals(0)


# --- delete -------------------------------------------------------------------------------------------


@clause("runtime.ops.delete.no-id-error")
def test_delete_needs_an_id(observe: Observe) -> None:
    """Without an ID delete is an error, and the only stopped container stays."""
    seen = _misused(observe, "stopped")
    tried = seen["delete without id"]
    expect(differences(seen["before"], tried["after"]), "changes of the stopped container").is_empty()
    expect_error(observe, tried["call"], "delete without a container ID")


@clause("runtime.ops.delete.created-error")
def test_delete_of_a_created_container_is_an_error(observe: Observe) -> None:
    """And the container stays created."""
    seen = _misused(observe, "created")
    tried = seen["delete"]
    changes = differences(_before(seen, "delete"), tried["after"])
    expect(changes, "changes of the created container", [tried["call"]["text"]]).is_empty()
    expect_error(observe, tried["call"], "delete of a created container")


@clause("runtime.ops.delete.running-error")
def test_delete_of_a_running_container_is_an_error(observe: Observe) -> None:
    """It has to be stopped first."""
    expect_error(observe, _misused(observe, "running")["delete"]["call"], "delete of a running container")


@clause("runtime.ops.delete.running-no-effect")
def test_delete_of_a_running_container_has_no_effect(observe: Observe) -> None:
    """Its program runs on, in its cgroup, and no poststop hook is run."""
    seen = _misused(observe, "running")
    tried = seen["delete"]
    expect(differences(_before(seen, "delete"), tried["after"]), "changes of the container").is_empty()
    expect(tried["answers"], "its program answers").is_true()
    before, after = tried["cgroups"]
    expect(after, "its cgroups").equals(before)
    expect(tried["poststop"], "the poststop hook ran").is_false()


@clause("runtime.ops.delete.removes-container", "runtime.lifecycle.destroy-undoes-create")
def test_delete_removes_the_container(observe: Observe) -> None:
    """delete of a stopped container works, and state knows the container no more."""
    seen = _misused(observe, "stopped")
    if _before(seen, "delete")["document"].get("status") == "stopped":
        call = seen["delete"]["call"]
        expect(call["ok"], "delete of a stopped container", [call["text"]]).is_true()
        expect(seen["delete"]["after"]["document"], "state after delete").is_none()


@clause("runtime.ops.delete.removes-cgroup", "runtime.lifecycle.destroy-undoes-create")
def test_delete_removes_the_cgroup(observe: Observe) -> None:
    """Of the cgroups that create made, in every hierarchy, none is left."""
    seen = observe(life(), root=SUPPORTED)
    if not seen["cgroups"]:
        not_testable("product: create made no cgroup at the configured path")
    expect(seen["cgroups_left"], "cgroups after delete").is_empty()


@clause("runtime.ops.delete.removes-mounts", "runtime.lifecycle.destroy-undoes-create")
def test_delete_leaves_no_mounts(observe: Observe) -> None:
    """In the mount namespace in which the runtime was called, even if what is mounted on is shared."""
    expect(_lived(observe, shared_mounts())["left"], "mounts after delete").is_empty()


@clause("runtime.ops.delete.keeps-foreign.cgroup")
def test_delete_keeps_a_cgroup_that_was_there_before(observe: Observe) -> None:
    """In every hierarchy in which the caller had made it."""
    seen = _lived(observe, own_cgroup())
    if not seen["joined"]:
        not_testable("product: the container was not put into the cgroup that was made for it")
    gone = [path for path in seen["made"] if path not in seen["left"]]
    expect(gone, "cgroups that were there before create and not after delete").is_empty()


@clause("runtime.ops.delete.keeps-foreign.files")
@pytest.mark.parametrize("place", ["bundle", "source"], ids=["bundle", "bind-source"])
def test_delete_keeps_files(observe: Observe, place: str) -> None:
    """What was in the bundle, its rootfs and a bind mount's source before create is there after delete."""
    seen = observe(life(), root=SUPPORTED)
    before, after = seen["files"][place], seen["files_left"][place]
    expect({name: after.get(name) for name in before}, f"files of the {place}").equals(before)


@clause("runtime.ops.delete.keeps-foreign.namespace")
def test_delete_keeps_a_namespace_that_it_only_joined(observe: Observe) -> None:
    """The file still names the namespace, which is the same with what is in it."""
    seen = _lived(observe, borrowed_namespace())
    expect(seen["after"], "the network namespace's file after delete").equals(seen["before"])


def _lived(observe: Observe, scenario: Scenario) -> Seen:
    """A life under conditions that other clauses are about: where it was not lived to its end, delete says nothing."""
    seen = observe(scenario, whole=False)
    if seen.trouble is not None:
        not_testable("product: the container does not live under these conditions", seen.trouble.text)
    return seen
