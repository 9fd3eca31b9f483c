"""Judging of namespaces, mappings, clocks and network devices, on recorded facts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.config_linux import test_namespaces as namespaces
from pytest_oci.conformance.runtime.config_linux import test_net_devices as devices
from pytest_oci.conformance.runtime.config_linux import test_time_offsets as offsets
from pytest_oci.conformance.runtime.config_linux import test_user_namespace as users
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.net_devices import DEVICE, OTHER, RENAMED
from pytest_oci.fixtures.runtime.scenarios.user_namespace import GROUPS, OWNERS, USERS

from pytest_oci.observation import Observation
from pytest_oci.violations import NotApplicable, NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAN = {"text": "create: exit status 1: no", "clean": True}
CRASH = {"text": "create: killed by SIGSEGV", "clean": False}
BOOT = 5 * offsets.SECOND
YEARS = 100_000_000 * offsets.SECOND + 250_000_000


def look(own: bool = True, **kinds: str | None) -> dict[str, Any]:
    return {"trouble": None, "own": own, "namespaces": kinds}


def seen(**facts: Any) -> Seen:
    return Seen(Observation("scenario", facts=facts), frozenset())


def observing(**facts: Any) -> Any:
    """An `observe` that shows these facts, whatever it is asked for."""

    def observe(*_: object, **__: object) -> Seen:
        return seen(**facts)

    observe.version = "1.3.0"  # type: ignore[attr-defined]
    return observe


def ends(judge: Callable[[], object]) -> type[BaseException] | None:
    try:
        judge()
    except (Violation, NotTestable, NotApplicable, Unsupported) as end:
        return type(end)
    return None


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (look(ipc="ipc:[2]"), look(ipc="ipc:[3]"), None),
        (look(ipc="ipc:[1]"), look(ipc="ipc:[1]"), Violation),
        (look(ipc="ipc:[2]"), look(ipc="ipc:[2]"), Violation),
        (look(own=False, ipc="ipc:[2]"), look(own=False, ipc="ipc:[3]"), NotTestable),
        (look(ipc=None), look(ipc=None), NotTestable),
        ({"trouble": CLEAN}, {"trouble": CLEAN}, NotApplicable),
        ({"trouble": CRASH}, {"trouble": CRASH}, Violation),
    ],
    ids=["new", "host", "shared", "sandbox", "unreadable", "refused", "crash"],
)
def test_new_namespaces(first: dict[str, Any], second: dict[str, Any], end: type[BaseException] | None) -> None:
    observe = observing(here={"ipc": "ipc:[1]"}, pairs={"ipc": [first, second]})
    assert ends(lambda: namespaces.test_namespace_is_new(observe, "ipc")) is end


@pytest.mark.parametrize(
    ("found", "end"),
    [
        (look(uts="uts:[7]"), None),
        (look(own=False, uts="uts:[7]"), NotTestable),
        (look(uts="uts:[8]"), Violation),
        (look(own=False, uts="uts:[8]"), NotTestable),
        ({"trouble": CLEAN}, Violation),
    ],
    ids=["the-runtimes", "sandbox-with-the-same-number", "another", "sandbox", "refused"],
)
def test_inherited_namespaces(found: dict[str, Any], end: type[BaseException] | None) -> None:
    observe = observing(wanted={"uts": "uts:[7]"}, looks={"uts": found})
    assert ends(lambda: namespaces.test_unlisted_namespace_is_the_runtimes(observe, "uts")) is end


def test_bundles_without_a_mount_namespace_may_be_refused() -> None:
    """But only cleanly."""
    for trouble, end in ((CLEAN, NotApplicable), (CRASH, Violation)):
        observe = observing(wanted={"mount": "mnt:[7]"}, looks={"mount": {"trouble": trouble}})
        assert ends(lambda: namespaces.test_unlisted_namespace_is_the_runtimes(observe, "mount")) is end  # noqa: B023


@pytest.mark.parametrize(
    ("trouble", "fresh", "end"),
    [(CRASH, None, Violation), (CLEAN, None, Unsupported), (CRASH, CLEAN, Unsupported)],
    ids=["crash", "refused", "type-refused"],
)
def test_path_may_be_refused_but_cleanly(
    trouble: dict[str, Any], fresh: dict[str, Any] | None, end: type[BaseException]
) -> None:
    observe = observing(
        wanted={"user": "user:[7]"}, looks={"user": {"trouble": trouble}}, pairs={"user": [{"trouble": fresh}]}
    )
    assert ends(lambda: namespaces.test_namespace_of_the_path_is_joined(observe, "user")) is end


@pytest.mark.parametrize(
    ("own", "shown", "end"),
    [
        (True, BOOT + YEARS, None),
        (True, BOOT, Violation),
        (True, BOOT + YEARS - 250_000_000, Violation),
        (False, offsets.SECOND + YEARS, None),
        (False, offsets.SECOND, Violation),
    ],
    ids=["shifted", "not-shifted", "in-seconds", "sandbox-shifted", "sandbox-not-shifted"],
)
def test_clocks(own: bool, shown: int, end: type[BaseException] | None) -> None:
    clocks = {"monotonic": [BOOT - 1000, shown, BOOT + 1000]}
    observe = observing(shifted={"trouble": None, "own": own, "clocks": clocks})
    assert ends(lambda: offsets.test_clock_is_shifted(observe, "monotonic")) is end


def mapped(**changes: Any) -> Any:
    facts = {
        "own": True,
        "uid_map": [list(line) for line in USERS],
        "gid_map": [list(line) for line in GROUPS],
        "owners": {name: list(inside) for name, (_, inside) in OWNERS.items()},
    }
    facts["wanted"] = {name: facts[name] for name in ("uid_map", "gid_map", "owners")}
    return observing(**facts | changes)


def test_mappings() -> None:
    """A sandbox's kernel may show other lines, but not other owners."""
    assert ends(lambda: users.test_users_are_mapped(mapped())) is None
    assert ends(lambda: users.test_users_are_mapped(mapped(uid_map=[[0, 100000, 1000]]))) is Violation
    assert ends(lambda: users.test_users_are_mapped(mapped(own=False, uid_map=[]))) is None
    unmapped = {name: [65534, 65534] for name in OWNERS}
    assert ends(lambda: users.test_users_are_mapped(mapped(own=False, uid_map=[], owners=unmapped))) is Violation
    assert ends(lambda: users.test_groups_are_mapped(mapped(gid_map=[list(line) for line in USERS]))) is Violation


def test_an_ordinary_users_mappings_may_be_refused() -> None:
    """The only other id that such a user can map is in a namespace without root; and files can be given to nobody."""
    assert ends(lambda: users.test_users_are_mapped(observing(rootless="create: exit status 1: no"))) is NotTestable
    one = {"uid_map": [[1234, 1000, 1]], "gid_map": [[2345, 1000, 1]], "owners": {"own": [1234, 2345]}}
    assert ends(lambda: users.test_owners_of_files_are_left(mapped(wanted=one))) is NotTestable


def test_only_files_that_were_there_have_owners_to_keep() -> None:
    before = {"rootfs/probe": [0, 0]}
    made = {"create": {**before, "rootfs/dev/null": [100000, 200000]}}
    assert ends(lambda: users.test_owners_of_files_are_left(observing(before=before, after=made))) is None
    changed = {"create": before, "delete": {"rootfs/probe": [100000, 0]}}
    assert ends(lambda: users.test_owners_of_files_are_left(observing(before=before, after=changed))) is Violation


@pytest.mark.parametrize(
    ("inside", "device", "name"),
    [
        (["lo", RENAMED, OTHER], DEVICE, RENAMED),
        (["lo", RENAMED, OTHER], OTHER, OTHER),
        (["lo", DEVICE, OTHER], DEVICE, DEVICE),
        (["lo", RENAMED, "net1"], OTHER, "net1"),
        (["lo", RENAMED], OTHER, None),
        (["lo", OTHER], DEVICE, None),
        (["lo"], DEVICE, None),
    ],
)
def test_device_is_found_under_whatever_name(inside: list[str], device: str, name: str | None) -> None:
    found = devices._device(seen(inside={one: {} for one in inside}), device)
    assert (found and found[0]) == name


def test_helpers_and_their_children_end() -> None:
    """Where namespaces can be had, nobody is in them after the block."""
    from pytest_oci.fixtures.runtime.namespaces import held

    if os.geteuid() != 0:
        pytest.skip("the host lets root alone make namespaces")
    with held("network", "uts", "pid") as helper:
        assert helper.identity("uts") != str(Path("/proc/self/ns/uts").readlink())
        assert Path(f"/proc/{helper.pid}").exists()
    assert not Path(f"/proc/{helper.pid}").exists()
