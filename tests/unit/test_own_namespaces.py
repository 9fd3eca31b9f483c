"""What an ordinary user may do as root of a user namespace, and what a host that forbids something is blamed for."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.fixtures.runtime import own_namespaces
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.observer import forbidden_by
from pytest_oci.fixtures.runtime.run_directory import RunDirectory
from pytest_oci.fixtures.runtime.scenario import Facts, scenario
from pytest_oci.fixtures.runtime.stage import Stage, Workshop, _for_ordinary_user

from pytest_oci.host import look
from pytest_oci.observation import Trouble
from pytest_oci.requirements import unmet
from pytest_oci.violations import NotTestable

if TYPE_CHECKING:
    from pytest_oci.host import Host

HERE = look()
ROOT = replace(HERE, uid=0, capabilities=frozenset({"CAP_SYS_ADMIN"}), missing_capabilities=(), every_id=True)
USER = replace(HERE, uid=1000, capabilities=frozenset(), user_namespaces=True, every_id=True)
in_a_namespace = pytest.mark.skipif(not HERE.user_namespaces, reason="no user namespaces can be made")


@scenario("namespaces")
def looking(stage: Stage) -> Facts:
    """Who is playing, and whether it may make a mount."""
    from pytest_oci.fixtures.runtime.mounts import is_mount_point, mount_tmpfs

    mount_tmpfs(stage.directory / "mounted")
    stage.workshop.hung["start"] += 1
    found = {"uid": os.getuid(), "mounted": is_mount_point(stage.directory / "mounted"), "ids": stage.host.every_id}
    return {**found, "parent": os.getppid()}


@scenario("namespaces")
def giving_up(stage: Stage, how: str) -> Facts:
    """One that ends otherwise."""
    if how == "untestable":
        raise NotTestable("host: no such thing")
    if how == "dead":
        os._exit(0)
    raise ValueError(how)


def a_stage(directory: Path) -> Stage:
    runtime = cast("Any", SimpleNamespace(profile=None))
    (directory / "s").mkdir()
    workshop = Workshop(runtime, RunDirectory("0", directory), directory, "w", HERE, directory, "1.0", 1.0, Counter())
    return Stage(workshop, directory / "s")


@in_a_namespace
def test_a_scenario_is_played_as_root_of_a_namespace(tmp_path: Path) -> None:
    """Its mounts are seen nowhere else, and what hung there is known here."""
    stage = a_stage(tmp_path)
    facts = own_namespaces.play(looking(), stage).facts
    assert facts == {"uid": 0, "mounted": True, "ids": False, "parent": os.getpid()}
    assert stage.workshop.hung == {"start": 1}
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


@in_a_namespace
@pytest.mark.parametrize(
    ("how", "end"), [("untestable", NotTestable), ("dead", RuntimeError), ("broken", RuntimeError)], ids=str
)
def test_another_end_of_the_scenario_is_told(tmp_path: Path, how: str, end: type[Exception]) -> None:
    with pytest.raises(end, match="no such thing" if how == "untestable" else "giving-up"):
        own_namespaces.play(giving_up(how), a_stage(tmp_path))


@pytest.mark.parametrize(
    ("host", "needs", "lacks"),
    [
        (USER, ("mounts", "namespaces", "netdev", "bounding-set"), []),
        (replace(USER, user_namespaces=False), ("mounts",), ["CAP_SYS_ADMIN is missing"]),
        (USER, ("ids",), ["the run's user cannot map ids that are not the user's own"]),
        (ROOT, ("ids", "mounts", "root"), []),
        (replace(ROOT, every_id=False), ("ids",), ["the run's user cannot map ids that are not the user's own"]),
        (ROOT, ("netdev",), ["CAP_NET_ADMIN is missing"]),
        (replace(ROOT, own_cgroups=False), ("make-cgroups",), ["the run's user can make no cgroups"]),
    ],
)
def test_needs(host: Host, needs: tuple[str, ...], lacks: list[str]) -> None:
    assert unmet(needs, host) == lacks


NO_MKNOD = replace(ROOT, missing_capabilities=("CAP_MKNOD",))
REFUSED = Trouble("create", "create: exit status 1: mknod `/dev/null`: Operation not permitted", clean=True)
CGROUP = Trouble("create", "create: exit status 1: mkdir /sys/fs/cgroup/pids/x: Read-only file system", clean=True)


@pytest.mark.parametrize(
    ("host", "trouble", "blamed"),
    [
        (NO_MKNOD, REFUSED, True),
        (NO_MKNOD, replace(REFUSED, clean=False), False),
        (NO_MKNOD, replace(REFUSED, text="create: exit status 1: bad config"), False),
        (ROOT, REFUSED, False),
        (replace(ROOT, missing_capabilities=("CAP_SYS_RESOURCE",)), REFUSED, False),
        (USER, REFUSED, False),
        (replace(ROOT, own_cgroups=False), CGROUP, True),
        (replace(ROOT, own_cgroups=False), replace(CGROUP, text="create: exit status 1: no cgroup directory"), True),
        (replace(ROOT, own_cgroups=True), CGROUP, False),
    ],
)
def test_a_host_is_blamed_for_what_it_forbids(host: Host, trouble: Trouble, blamed: bool) -> None:
    assert (forbidden_by(host, trouble) is not None) is blamed


@pytest.mark.parametrize(("user", "mapped"), [(0, 0), (1234, 1234), ("1", 0), (-1, 0), (True, 0), (None, 0)])
def test_an_ordinary_users_id_is_mapped_to_the_programs(user: object, mapped: int) -> None:
    bundle = _for_ordinary_user(MINIMAL.having("/process/user/uid", user), 1000)
    assert bundle.document["linux"]["uidMappings"] == [{"containerID": mapped, "hostID": 1000, "size": 1}]
