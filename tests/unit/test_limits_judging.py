"""Judging of limits, device rules and owners of cgroups, on recorded facts."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.conformance.runtime.config_linux import limits, test_cgroups, test_resources_cpu, test_resources_devices
from pytest_oci.fixtures.runtime.cgroups import Hierarchy, settings
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.cgroups import OWNER, owned, placed
from pytest_oci.fixtures.runtime.scenarios.device_rules import under_rules
from pytest_oci.fixtures.runtime.scenarios.limits import bytes_of, cgroup_files, limited

from pytest_oci.observation import Observation
from pytest_oci.violations import NotApplicable, NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe
    from pytest_oci.fixtures.runtime.scenario import Scenario

V1, V2 = {"cpu": 1, "memory": 1}, {"cpu": 2, "memory": 2}


def observing(*played: tuple[Scenario, dict[str, Any]]) -> Observe:
    """Something that gives these facts for these scenarios."""
    known = {scenario.name: facts for scenario, facts in played}

    def observe(scenario: Scenario, **_: object) -> Seen:
        return Seen(Observation(scenario.name, facts=known[scenario.name]), frozenset())

    return cast("Observe", observe)


def limit(files: dict[str, list[str]], *, has: list[str], group: str = "everyday", own: bool = True) -> Observe:
    """A host whose cgroups have some files, and a container with a limit."""
    fresh = {"versions": V2, "files": has}
    looks = {"x": {"own": own, "files": files}}
    return observing((cgroup_files(), fresh), (limited(group), {"looks": looks, "troubles": {}}))


def test_either_version_is_judged_by_its_own_file() -> None:
    wanted = {"memory.limit_in_bytes": "64", "memory.max": "64"}
    limits.expect_limit(limit({"memory.max": ["64"]}, has=["memory.max"]), "x", wanted)
    with pytest.raises(Violation, match=r"memory\.max: 'max'"):
        limits.expect_limit(limit({"memory.max": ["max"]}, has=["memory.max"]), "x", wanted)


def test_a_program_of_a_guest_may_have_its_limit_there() -> None:
    limits.expect_limit(limit({"pids.max": ["7"]}, has=["pids.max"], own=False), "x", {"pids.max": "7"})
    with pytest.raises(NotTestable, match="its limits cannot be told"):
        limits.expect_limit(limit({"pids.max": ["max"]}, has=["pids.max"], own=False), "x", {"pids.max": "7"})


def test_a_cgroup_within_the_containers_may_be_without_the_limit() -> None:
    limits.expect_limit(limit({"pids.max": ["max", "7"]}, has=["pids.max"]), "x", {"pids.max": "7"})


def test_a_lifted_limit_is_lifted_on_all_levels() -> None:
    limits.expect_limit(
        limit({"pids.max": ["max"]}, has=["pids.max"], group="unlimited"), "x", {"pids.max": "max"}, "unlimited"
    )
    with pytest.raises(Violation):
        limits.expect_limit(
            limit({"pids.max": ["max", "50"]}, has=["pids.max"], group="unlimited"),
            "x",
            {"pids.max": "max"},
            "unlimited",
        )


def test_a_file_that_only_the_container_lacks_is_a_violation() -> None:
    with pytest.raises(Violation, match="not in the container's cgroup"):
        limits.expect_limit(limit({}, has=["pids.max"]), "x", {"pids.max": "7"})


def test_a_file_that_no_cgroup_has_is_the_hosts() -> None:
    with pytest.raises(NotTestable, match="host: a cgroup here has no file a or b"):
        limits.expect_limit(limit({}, has=[]), "x", {"a": "7", "b": "7"})


@pytest.mark.parametrize(("clean", "outcome"), [(True, Unsupported), (False, Violation)], ids=["refused", "crashed"])
def test_a_limit_may_be_refused_but_cleanly(*, clean: bool, outcome: type[Exception]) -> None:
    observe = observing((limited("everyday"), {"looks": {}, "troubles": {"x": {"text": "no", "clean": clean}}}))
    with pytest.raises(outcome):
        limits.look(observe, "x")


def test_a_cgroup_that_is_there_before_may_be_refused() -> None:
    troubles = {name: {"text": "no", "clean": True} for name in ("nothing", "x")}
    with pytest.raises(NotApplicable):
        limits.look(observing((limited("unlimited"), {"looks": {}, "troubles": troubles})), "x", "unlimited")


def test_a_look_that_several_share_is_found() -> None:
    shared = {"files": {}, "cpus": "0"}
    observe = observing((limited("cpu"), {"looks": {"x": "all-0", "all-0": shared}, "troubles": {}}))
    assert limits.look(observe, "x", "cpu") == shared


@pytest.mark.parametrize(
    ("content", "line", "holds"),
    [
        ("30000 50000", "30000 *", True),
        ("50000 30000", "30000 *", False),
        ("oom_kill_disable 1\nunder_oom 0", "oom_kill_disable 1", True),
        ("254:0 rbps=10 wbps=7 riops=max wiops=max", "254:0 *wbps=7 *", True),
        ("254:0 rbps=10 wbps=77 riops=max wiops=max", "254:0 *wbps=7 *", False),
        ("254:1 rbps=10 wbps=7 riops=max wiops=max", "254:0 *wbps=7 *", False),
        ("", "*", False),
    ],
)
def test_lines(content: str, line: str, *, holds: bool) -> None:
    assert limits.says(content, line) is holds


@pytest.mark.parametrize(
    ("weights", "holds"),
    [
        (("1", "20", "157", "10000"), True),
        (("1", "59", "271", "10000"), True),
        (("1", "1", "200", "200"), True),
        (("100", "100", "100", "100"), False),
        (("10000", "157", "20", "1"), False),
        (("5", "5", "5", "5"), False),
    ],
)
def test_shares_become_growing_weights(weights: tuple[str, ...], *, holds: bool) -> None:
    looks = {
        f"shares-{shares}": {"own": True, "files": {"cpu.weight": [weight]}}
        for shares, weight in zip((2, 512, 4096, 262_144), weights, strict=True)
    }
    fresh = {"versions": V2, "files": ["cpu.weight"]}
    observe = observing((cgroup_files(), fresh), (limited("cpu"), {"looks": looks, "troubles": {}}))
    if holds:
        test_resources_cpu.test_shares_are_the_cgroups(observe)
    else:
        with pytest.raises(Violation, match="grow"):
            test_resources_cpu.test_shares_are_the_cgroups(observe)


def opened(control: int, under: int) -> Observe:
    return observing(
        (under_rules("open"), {"opened": {"kmsg r": control}}),
        (under_rules("one"), {"opened": {"kmsg r": under}, "rules": []}),
    )


@pytest.mark.parametrize(("control", "under"), [(5, -errno.EPERM), (-errno.ENXIO, -errno.EPERM)])
def test_denial_is_seen_by_its_error(control: int, under: int) -> None:
    test_resources_devices._expect_opened(opened(control, under), "one", kmsg_r=False)


def test_an_opened_device_was_not_denied() -> None:
    with pytest.raises(Violation, match="give EPERM"):
        test_resources_devices._expect_opened(opened(5, 5), "one", kmsg_r=False)


@pytest.mark.parametrize(("control", "under"), [(-errno.EPERM, -errno.EPERM), (-errno.ENXIO, -errno.ENXIO)])
def test_what_can_never_be_opened_says_nothing(control: int, under: int) -> None:
    with pytest.raises(NotTestable):
        test_resources_devices._expect_opened(opened(control, under), "one", kmsg_r=False)


def where(*places: dict[str, str]) -> Observe:
    facts = {"value": "/run/a", "ours": {"pids": "/", "memory": "/ours"}, "places": list(places), "refused": False}
    return observing((placed("absolute"), facts))


def test_a_hierarchy_that_is_not_used_is_allowed() -> None:
    test_cgroups.test_absolute_path_is_taken_from_the_mount_point(where({"pids": "/run/a/sub", "memory": "/ours"}))


@pytest.mark.parametrize("memory", ["/ours/run/a", "/run/ab", "/elsewhere"])
def test_another_place_is_a_violation(memory: str) -> None:
    with pytest.raises(Violation, match="places other than /run/a"):
        test_cgroups.test_absolute_path_is_taken_from_the_mount_point(where({"pids": "/run/a", "memory": memory}))


def test_no_place_at_all_is_a_violation() -> None:
    with pytest.raises(Violation, match="at least one"):
        test_cgroups.test_absolute_path_is_taken_from_the_mount_point(where({"pids": "/", "memory": "/ours"}))


def test_an_owner_that_never_changes_binds_no_further() -> None:
    facts = {"owners": {"/c": {".": 0, "cgroup.procs": 0}}, "delegate": ["cgroup.procs"]}
    observe = observing((cgroup_files(), {"versions": V2}), (owned("rw"), facts))
    with pytest.raises(NotApplicable):
        test_cgroups.test_listed_files_change_owner(observe)


def test_a_listed_file_left_behind_is_a_violation() -> None:
    facts = {"owners": {"/c": {".": OWNER, "cgroup.procs": 0}}, "delegate": ["cgroup.procs", "cgroup.threads"]}
    observe = observing((cgroup_files(), {"versions": V2}), (owned("rw"), facts))
    with pytest.raises(Violation, match=r"cgroup\.procs"):
        test_cgroups.test_listed_files_change_owner(observe)
    test_cgroups.test_other_files_keep_their_owner(observe)


def test_a_cgroup_is_found_below_the_mount_point() -> None:
    whole = Hierarchy(2, Path("/sys/fs/cgroup"), "/", frozenset())
    assert whole.directory("/a/b") == Path("/sys/fs/cgroup/a/b")
    assert whole.directory("/") == Path("/sys/fs/cgroup")
    part = Hierarchy(1, Path("/sys/fs/cgroup/pids"), "/docker/x", frozenset({"pids"}))
    assert part.directory("/docker/x/a") == Path("/sys/fs/cgroup/pids/a")
    assert part.directory("/docker/xy") is None
    assert part.directory("/../other") is None
    assert whole.within(Path("/sys/fs/cgroup/a/b")) == [Path("/sys/fs/cgroup/a/b"), Path("/sys/fs/cgroup/a")]


def test_settings_are_read_innermost_first(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "pids.max").write_text("7\n", encoding="ascii")
    (tmp_path / "in/pids.max").write_text("max\n", encoding="ascii")
    assert settings([tmp_path / "in", tmp_path], ["pids.max", "none"]) == {"pids.max": ["max", "7"]}


def test_sizes() -> None:
    assert bytes_of("2MB") == 2 << 20
    assert bytes_of("64KB") == 64 << 10
