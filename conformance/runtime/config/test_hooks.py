"""config.md, "POSIX-platform Hooks"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.hooked import (
    Hooked,
    found,
    invoked,
    kinds,
    lived,
    state_of,
    stuck,
)
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.probe.mountinfo import parse_mounts
from pytest_oci.fixtures.runtime.scenarios.hooks import (
    CREATED_NAMESPACES,
    IN_CREATE,
    IN_ROOTFS,
    KINDS,
    NAMESPACES,
    QUICK_MILLISECONDS,
    QUICK_SECONDS,
    TOO_LONG_MILLISECONDS,
    lifecycle,
    timeouts,
)

from pytest_oci import Violation, clause, expect, not_applicable, not_testable

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet
    from pytest_oci.fixtures.probe.hooklog import Event, Look
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

ON_HOST = ("prestart", "createRuntime")
LATER = KINDS[1:]
RUNTIME_NAMESPACE = ("prestart", "createRuntime", "poststart", "poststop")
CONTAINER_NAMESPACE = ("createContainer", "startContainer")
PREPARED = {"creating", "created"}
STATUSES = {
    "prestart": PREPARED,
    "createRuntime": PREPARED,
    "createContainer": PREPARED,
    "startContainer": {"created"},
    "poststart": {"running"},
    "poststop": {"stopped"},
}
DEFINED_STATUSES = PREPARED | {"running", "stopped"}


def fields(field: str) -> list[ParameterSet]:
    """A parameter set for each kind; prestart has clauses of its own, the other kinds share theirs."""
    return [*kinds(f"config.hooks.{{}}.{field}", of=("prestart",)), *kinds(f"config.hooks.{field}", of=LATER)]


# --- members of an entry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", fields("args-applied"))
def test_args_are_the_argument_vector(observe: Observe, kind: str) -> None:
    """The hook's argv is args, argv[0] included."""
    seen = lived(observe, kind)
    for hook in seen.hooks(kind):
        expect(list(hook.facts.argv), f"argv of {hook.name}").equals(seen.entry(hook)["args"])


@pytest.mark.parametrize("kind", fields("env-applied"))
def test_env_is_in_the_environment(observe: Observe, kind: str) -> None:
    """Every entry of env is in the hook's environment."""
    seen = lived(observe, kind)
    for hook in seen.hooks(kind):
        missing = [entry for entry in seen.entry(hook)["env"] if entry not in hook.facts.env]
        expect(missing, f"entries of env that {hook.name} does not have").is_empty()


@pytest.mark.parametrize("kind", fields("timeout-aborts"))
def test_a_hook_is_aborted_at_its_timeout_and_not_before(observe: Observe, kind: str) -> None:
    """A hook that takes too long is ended; one that ends in time is not."""
    seen = observe(timeouts())
    events = {(event.event, event.name) for event in parse_log(seen["log"])}
    texts = [call["text"] for call in seen[kind]["calls"].values()]
    if ("begin", f"{kind}-quick") not in events:
        not_testable(f"depends-on: {invoked(kind)}", *texts)
    if ("end", f"{kind}-quick") not in events:
        raise Violation(
            f"a hook that takes {QUICK_MILLISECONDS} ms to be left alone with a timeout of {QUICK_SECONDS} s",
            "it began and was ended",
            texts,
        )
    if ("begin", f"{kind}-late") not in events:
        not_testable(f"depends-on: {invoked(kind)}", *texts)
    if ("end", f"{kind}-late") in events:
        raise Violation("the hook to be aborted after 1 s", f"it ran for {TOO_LONG_MILLISECONDS} ms to its end", texts)
    expect(seen[kind]["living"], "processes of the hook 2.5 s after its beginning, its timeout being 1 s").is_empty()


# --- where the path resolves and where hooks are executed ---------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        *kinds(
            "config.hooks.{}.path-runtime-namespace",
            "config.hooks.{}.path-runtime-namespace-restated",
            of=("prestart", "createRuntime", "createContainer", "poststart", "poststop"),
        ),
        *kinds(
            "config.hooks.{}.path-container-namespace",
            "config.hooks.{}.path-container-namespace-restated",
            of=("startContainer",),
        ),
    ],
)
def test_the_path_resolves_on_its_own_side(observe: Observe, kind: str) -> None:
    """Not the decoy at the same path on the other side is executed, and a program without one is found."""
    seen = lived(observe, kind)
    for hook in seen.hooks(kind):
        size = found(hook.facts.number, "exe.size")
        expect(size, f"bytes of the program executed as {hook.name} (a decoy is longer)").equals(seen.facts["size"])
    side = "inside a mount of the container" if kind == "startContainer" else "on the host"
    wanted = f"a {kind} hook whose program is {side} only to be found"
    single = observe(lifecycle(list(KINDS), False), whole=False)
    if stuck(single, [kind]):
        single = observe(lifecycle([kind], False), whole=False)
        if (trouble := stuck(single, [kind])) is not None:
            raise Violation(wanted, trouble)
    if not Hooked(single.observation.facts).begun(kind):
        raise Violation(wanted, "it was not executed")


@pytest.mark.parametrize(
    "kind",
    kinds(
        "config.hooks.{}.executed-runtime-namespace",
        "config.hooks.{}.executed-runtime-namespace-restated",
        of=RUNTIME_NAMESPACE,
    ),
)
def test_the_hook_is_in_the_callers_namespaces(observe: Observe, kind: str) -> None:
    """The hook is in the namespaces from which the runtime was called."""
    seen = lived(observe, kind)
    types = NAMESPACES if observe.host.root else ("pid", "net", "ipc", "uts")
    for hook in seen.hooks(kind):
        there = {name: _namespace(hook, name) for name in types}
        elsewhere = {name: value for name, value in there.items() if value != seen.facts["caller"][name]}
        expect(elsewhere, f"namespaces of {hook.name} that are not the caller's").is_empty()


@pytest.mark.parametrize(
    "kind",
    kinds(
        "config.hooks.{}.executed-container-namespace",
        "config.hooks.{}.executed-container-namespace-restated",
        of=CONTAINER_NAMESPACE,
    ),
)
def test_the_hook_is_in_the_containers_namespaces(observe: Observe, kind: str) -> None:
    """The hook is in the namespaces of the container's program; a startContainer hook has its root, too."""
    seen = lived(observe, kind)
    for hook in seen.hooks(kind):
        elsewhere = {name: _namespace(hook, name) for name in _foreign(seen, hook)}
        expect(elsewhere, f"namespaces of {hook.name} that are not the program's").is_empty()
    if kind == "startContainer":
        marker = seen.look(kind, "stat", IN_ROOTFS)
        expect(_exists(marker), f"whether the hook has {IN_ROOTFS} of the rootfs").is_true()


def _namespace(hook: Event, name: str) -> str:
    text: str = found(hook.facts.namespace, name)
    return text


def _foreign(seen: Hooked, hook: Event) -> list[str]:
    """Namespaces in which a hook is and the program is not; `cgroup` and `time` may be entered later than others."""
    types = [name for name in NAMESPACES if name != "cgroup"]
    return [name for name in types if _namespace(hook, name) != found(seen.report.namespace, name)]


def _target(look: Look) -> str:
    """Where the link of a `statepid-link` led."""
    target: str = found(getattr, look, "target")
    return target


def _exists(look: Look) -> bool:
    """Whether the path of a `stat` was there."""
    result: int = found(look.facts.number, "rc")
    return result == 0


# --- order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds("config.hooks.order"))
def test_hooks_are_called_in_the_listed_order(observe: Observe, kind: str) -> None:
    """The hooks of one kind begin in the order in which they are listed."""
    seen = lived(observe, kind)
    names = [hook.name for hook in seen.hooks(kind)]
    expect(names, f"{kind} hooks in the order in which they began").equals(sorted(names))


@clause("config.hooks.prestart.before-create-runtime")
def test_prestart_hooks_come_before_create_runtime_hooks(observe: Observe) -> None:
    """Every prestart hook begins before any createRuntime hook."""
    _expect_order(observe, "prestart", "createRuntime")


@clause("config.hooks.prestart.before-create-runtime-1-0")
def test_prestart_hooks_in_create_come_before_create_runtime_hooks(observe: Observe) -> None:
    """The same in version 1.0, where it binds a runtime only if it calls prestart hooks during create."""
    seen = lived(observe, "prestart", "createRuntime")
    seen.hooks("prestart")
    if not seen.at("created", "prestart"):
        not_applicable("the runtime does not call prestart hooks during create")
    _expect_order(observe, "prestart", "createRuntime")


@clause("config.hooks.create-container.after-create-runtime")
def test_create_container_hooks_come_after_create_runtime_hooks(observe: Observe) -> None:
    """Every createContainer hook begins after all createRuntime hooks."""
    _expect_order(observe, "createRuntime", "createContainer")


def _expect_order(observe: Observe, earlier: str, later: str) -> None:
    seen = lived(observe, earlier, later)
    first = seen.hooks(later)[0]
    late = [hook.name for hook in seen.hooks(earlier) if hook.time > first.time]
    expect(late, f"{earlier} hooks that began after {first.name}").is_empty()


# --- the state on stdin -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds("config.hooks.state-on-stdin"))
def test_the_state_comes_over_stdin(observe: Observe, kind: str) -> None:
    """What a hook reads is a JSON object with the container's id."""
    seen = lived(observe, kind)
    for hook in seen.hooks(kind):
        state = state_of(hook)
        if state is None:
            raise Violation(f"the state on stdin of {hook.name}", repr(hook.facts.facts.get("stdin"))[:300])
        expect(state.get("id"), f"id in the state of {hook.name}").equals(seen.facts["id"])


@pytest.mark.parametrize("kind", kinds("config.hooks.state-status-current"))
def test_the_state_has_the_current_status(observe: Observe, kind: str) -> None:
    """The status is that of the container when the hook is called; other words than the four defined are left alone."""
    seen = lived(observe, kind)
    hooks = seen.hooks(kind)
    if kind == "poststart":
        hooks = _after_the_program(seen)
    for hook in hooks:
        state = state_of(hook)
        if state is None:
            not_testable("depends-on: config.hooks.state-on-stdin")
        if (status := state.get("status")) in DEFINED_STATUSES:
            expect(status, f"status in the state of {hook.name}").is_in(STATUSES[kind])


def _after_the_program(seen: Hooked) -> list[Event]:
    """The poststart hooks that certainly began while the program was running: after the first one had seen it run."""
    first = seen.facts["hooks"]["poststart"][0]
    if seen.at("settled", "poststart"):
        not_testable("depends-on: config.hooks.poststart.during-start", "the hooks ran before start")
    if not seen.look("poststart", "wait").came:
        not_testable("depends-on: config.hooks.poststart.after-program", "the hooks ran before the program")
    order = [(event.event, event.name) for event in seen.events]
    return [hook for hook in seen.hooks("poststart") if order.index(("begin", hook.name)) > order.index(("end", first))]


# --- hooks of create ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds("config.hooks.{}.called-during-create", of=IN_CREATE))
def test_hooks_are_called_during_create(observe: Observe, kind: str) -> None:
    """The hooks have begun when create returns, and are not called again."""
    seen = lived(observe, kind)
    names = [hook.name for hook in seen.hooks(kind)]
    missing = [name for name in names if name not in seen.facts["created"]]
    expect(missing, f"{kind} hooks that had not begun when create returned").is_empty()
    repeated = [name for name in names if seen.times(name) > 1]
    expect(repeated, f"{kind} hooks that were called more than once").is_empty()


@pytest.mark.parametrize("kind", kinds("config.hooks.{}.after-environment", of=ON_HOST))
def test_hooks_are_called_once_the_environment_is_there(observe: Observe, kind: str) -> None:
    """The container's process has new namespaces and the configured mounts when the hook looks at it."""
    seen = _looking_into_the_container(observe, kind)
    links = {name: _target(seen.look(kind, "statepid-link", f"ns/{name}")) for name in CREATED_NAMESPACES}
    callers = [name for name, target in links.items() if target == seen.facts["caller"][name]]
    expect(callers, "configured namespaces that the container's process did not have yet").is_empty()
    _expect_mounts(seen, seen.look(kind, "statepid-read", "mountinfo"))


@pytest.mark.parametrize("kind", kinds("config.hooks.{}.before-pivot-root", of=ON_HOST))
def test_hooks_are_called_before_the_root_is_changed(observe: Observe, kind: str) -> None:
    """The root of the container's process is not the rootfs yet when the hook looks at it."""
    seen = _looking_into_the_container(observe, kind)
    looks = [look for look in seen.looks(kind) if look.option == "statepid-stat"]
    host, rootfs = (_exists(look) for look in looks)
    if not host and not rootfs:
        not_testable("limit: what the root of the container's process is cannot be told")
    expect(rootfs and not host, "whether the root of the container's process is the rootfs already").is_false()


def _looking_into_the_container(observe: Observe, kind: str) -> Hooked:
    seen = lived(observe, kind, looked_into=True)
    seen.hooks(kind)
    if not seen.facts["own_process"]:
        not_testable("limit: the pid in the state is not the program's own process, so the host cannot look at it")
    return seen


def _expect_mounts(seen: Hooked, look: Look) -> None:
    """Mount points are matched by their end: until the root is changed they lie below the rootfs."""
    points = [mount.point for mount in parse_mounts(found(getattr, look, "data"))]
    missing = [path for path in seen.facts["mounts"] if not any(point.endswith(path) for point in points)]
    expect(missing, "configured mounts that were not there yet").is_empty()


@clause("config.hooks.create-container.after-environment")
def test_create_container_hooks_see_the_mounts(observe: Observe) -> None:
    """The configured mounts are in the mount namespace of the hook."""
    seen = _in_the_containers_mount_namespace(observe)
    _expect_mounts(seen, seen.look("createContainer", "mountinfo"))


@clause("config.hooks.create-container.before-pivot-root")
def test_create_container_hooks_see_the_hosts_files(observe: Observe) -> None:
    """The root of the hook is still that of the host, not the rootfs."""
    seen = _in_the_containers_mount_namespace(observe)
    host, rootfs = (_exists(look) for look in seen.looks("createContainer") if look.option == "stat")
    expect(host, "whether the hook has a file of the host outside the rootfs").is_true()
    expect(rootfs, f"whether the hook has {IN_ROOTFS} of the rootfs at its root").is_false()


def _in_the_containers_mount_namespace(observe: Observe) -> Hooked:
    seen = lived(observe, "createContainer")
    if "mnt" in _foreign(seen, seen.hooks("createContainer")[0]):
        not_testable("depends-on: config.hooks.create-container.executed-container-namespace")
    return seen


# --- hooks of start -----------------------------------------------------------------------------------------


@clause("config.hooks.start-container.before-program")
def test_start_container_hooks_end_before_the_program_begins(observe: Observe) -> None:
    """Every startContainer hook has come to its end when the program does its first act."""
    _expect_ended_before_program(observe, "startContainer")


@clause("config.hooks.prestart.before-program-1-0")
def test_prestart_hooks_end_before_the_program_begins(observe: Observe) -> None:
    """In version 1.0: every prestart hook has come to its end when the program does its first act."""
    _expect_ended_before_program(observe, "prestart")


def _expect_ended_before_program(observe: Observe, kind: str) -> None:
    seen = lived(observe, kind)
    hooks = seen.hooks(kind)
    program = seen.program
    if program is None:
        not_testable("depends-on: runtime.ops.start.runs-program")
    ends = {hook.name: seen.end(hook.name) for hook in hooks}
    late = [name for name, end in ends.items() if end is None or end.realtime > program.realtime]
    expect(late, f"{kind} hooks that had not ended when the program began").is_empty()


@clause("config.hooks.start-container.during-start")
def test_start_container_hooks_are_called_during_start(observe: Observe) -> None:
    """No startContainer hook begins before start is called."""
    seen = lived(observe, "startContainer")
    seen.hooks("startContainer")
    expect(seen.at("settled", "startContainer"), "startContainer hooks that began before start").is_empty()


@clause("config.hooks.poststart.after-program")
def test_poststart_hooks_do_not_hold_the_program_back(observe: Observe) -> None:
    """The program runs while a poststart hook waits for it."""
    seen = lived(observe, "poststart")
    seen.hooks("poststart")
    if early := seen.at("settled", "poststart"):
        not_testable("depends-on: config.hooks.poststart.during-start", f"{', '.join(early)} began before start")
    if seen.program is None:
        not_testable("depends-on: runtime.ops.start.runs-program")
    look = seen.look("poststart", "wait")
    expect(look.came, "whether a poststart hook that waits for the program sees it run").is_true()


@clause("config.hooks.poststart.during-start")
def test_poststart_hooks_are_called_during_start(observe: Observe) -> None:
    """No poststart hook begins before start is called, and all have begun when it returns."""
    seen = lived(observe, "poststart")
    names = [hook.name for hook in seen.hooks("poststart")]
    expect(seen.at("settled", "poststart"), "poststart hooks that began before start").is_empty()
    missing = [name for name in names if name not in seen.facts["started"]]
    expect(missing, "poststart hooks that had not begun when start returned").is_empty()


# --- hooks of delete ----------------------------------------------------------------------------------------


@clause("config.hooks.poststop.after-deletion")
def test_poststop_hooks_are_called_when_the_container_is_gone(observe: Observe) -> None:
    """No cgroup of the container is left when the hook looks for them."""
    if missing := observe.missing("make-cgroups"):
        not_testable(f"host: {'; '.join(missing)}")
    seen = lived(observe, "poststop")
    seen.hooks("poststop")
    if not seen.facts["cgroups"]:
        not_testable("host: no cgroup of the container was found before delete")
    left = [path for path in seen.facts["cgroups"] if _exists(seen.look("poststop", "stat", path))]
    expect(left, "cgroups of the container that were there during the hook").is_empty()


@clause("config.hooks.poststop.during-delete")
def test_poststop_hooks_are_called_during_delete(observe: Observe) -> None:
    """No poststop hook begins before delete is called, all have begun when it returns, each once."""
    seen = lived(observe, "poststop")
    names = [hook.name for hook in seen.hooks("poststop")]
    expect(seen.at("stopped", "poststop"), "poststop hooks that began before delete").is_empty()
    missing = [name for name in names if name not in seen.facts["deleted"]]
    expect(missing, "poststop hooks that had not begun when delete returned").is_empty()
    repeated = [name for name in names if seen.times(name) > 1]
    expect(repeated, "poststop hooks that were called more than once").is_empty()
