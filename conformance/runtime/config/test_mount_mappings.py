"""config.md, `uidMappings` and `gidMappings` of mounts, and the mount options `idmap` and `ridmap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.mount_demands import require_host
from pytest_oci.fixtures.runtime.scenarios.idmap import OWNERS, announced_idmap, mapped_bind

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

PREFIX = "config.mounts.options.linux."

USER, GROUP = 0, 1
EXCHANGED = (
    ({"1000": 2000, "2000": 1000}, {"1000": 4000, "2000": 3000}),
    ({"102000": 1000, "101000": 2000}, {"102000": 3000, "101000": 4000}),
)
"""Users and groups that a container sees, by the user on disk; either way of reading mappings into a namespace."""


@clause("config.mounts.uid-mappings.applied")
def test_uid_mappings_exchange_users(observe: Observe) -> None:
    """Users are exchanged in the container and stay as they were on the host."""
    judge_swap(mapped(observe, recursive=False), USER, "top")


@clause("config.mounts.gid-mappings.applied")
def test_gid_mappings_exchange_groups(observe: Observe) -> None:
    """Groups are exchanged by their own mappings."""
    judge_swap(mapped(observe, recursive=False), GROUP, "top")


@pytest.mark.parametrize(
    "recursive",
    [
        pytest.param(False, marks=clause(PREFIX + "idmap"), id="idmap"),
        pytest.param(True, marks=clause(PREFIX + "ridmap"), id="ridmap"),
    ],
)
def test_mapped_mount_is_mapped(observe: Observe, recursive: bool) -> None:
    """A mount that is made with the option is mapped."""
    judge_swap(mapped(observe, recursive=recursive), USER, "top")


@clause(PREFIX + "ridmap.recursive")
def test_ridmap_maps_submounts(observe: Observe) -> None:
    """The submount is mapped as the mount itself is."""
    seen = mapped(observe, recursive=True)
    if not is_exchanged(seen["owners"]["top"], USER):
        not_testable(f"depends-on: {PREFIX}ridmap", str(seen["owners"]["top"]))
    judge_swap(seen, USER, "sub")


@pytest.mark.parametrize(
    "recursive",
    [
        pytest.param(False, marks=clause(PREFIX + "idmap.explicit-mappings"), id="idmap"),
        pytest.param(True, marks=clause(PREFIX + "ridmap.explicit-mappings"), id="ridmap"),
    ],
)
def test_mappings_of_the_mount_are_used(observe: Observe, recursive: bool) -> None:
    """In a container with a user namespace the mount's own mappings decide, read in either direction."""
    require_host(observe)
    option = "ridmap" if recursive else "idmap"
    plain = mapped(observe, recursive=recursive)
    if not is_exchanged(plain["owners"]["top"], USER):
        not_testable(f"depends-on: {PREFIX}{option}", str(plain["owners"]["top"]))
    seen = possible(observe(mapped_bind(recursive, "swap", True)))
    if seen["owners"] is None:
        raise Violation("a mount with mappings of its own in a container with a user namespace", seen["error"])
    for place in ("top", "sub") if recursive else ("top",):
        judge_exchanged_in_namespace(seen["owners"][place], place)


@pytest.mark.parametrize(
    "recursive",
    [
        pytest.param(False, marks=clause(PREFIX + "idmap.no-userns-error"), id="idmap"),
        pytest.param(True, marks=clause(PREFIX + "ridmap.no-userns-error"), id="ridmap"),
    ],
)
def test_without_mappings_and_namespace_it_is_an_error(observe: Observe, recursive: bool) -> None:
    """Neither the mount nor the container has a mapping: create reports an error."""
    require_implemented(observe, recursive)
    seen = possible(observe(mapped_bind(recursive, "none", False)))
    if not seen["clean"]:
        raise Violation("an error reported by create", seen["error"])
    if seen["created"] and seen["exists"]:
        raise Violation("an error from create", "create reported success and the container exists")


@pytest.mark.parametrize(
    "recursive",
    [
        pytest.param(False, marks=clause(PREFIX + "idmap.userns-fallback-or-error"), id="idmap"),
        pytest.param(True, marks=clause(PREFIX + "ridmap.userns-fallback-or-error"), id="ridmap"),
    ],
)
def test_without_mappings_the_namespace_decides_or_it_is_an_error(observe: Observe, recursive: bool) -> None:
    """Only the container has a mapping: that is used, or create reports an error."""
    require_host(observe)
    require_implemented(observe, recursive)
    seen = possible(observe(mapped_bind(recursive, "none", True)))
    if not seen["clean"]:
        raise Violation("the container's mapping, or an error reported by create", seen["error"])
    if seen["owners"] is None:
        return
    for place in ("top", "sub") if recursive else ("top",):
        owners = seen["owners"][place]
        expect(owners["0"], f"owner seen of the file of root at {place}", [str(owners)]).equals([0, 0])


def possible(seen: Seen) -> Seen:
    """The observation, if this kernel can map such mounts."""
    if not seen["possible"]:
        not_testable("host: neither the temporary directory's file system nor tmpfs can be idmapped by this kernel")
    return seen


def mapped(observe: Observe, *, recursive: bool) -> Seen:
    """A mount with mappings that exchange ids, made by the runtime; `unsupported` if it was refused."""
    seen = possible(observe(mapped_bind(recursive, "swap", False)))
    if seen["owners"] is None:
        if seen["clean"]:
            unsupported(f"refused: {seen['error']}")
        raise Violation("a mapped mount, or an error reported", seen["error"])
    return seen


def require_implemented(observe: Observe, recursive: bool) -> None:
    """End as unsupported unless the runtime says or shows that it maps mounts."""
    if observe(announced_idmap())["enabled"] is True:
        return
    if not is_exchanged(mapped(observe, recursive=recursive)["owners"]["top"], USER):
        unsupported("the runtime does not map mounts: owners are as on disk though mappings were given")


def is_exchanged(owners: Mapping[str, list[int] | None], which: int) -> bool:
    """Whether the swap shows in a container without user namespace."""
    return all(shown(owners, uid, which) == id_ for uid, id_ in EXCHANGED[0][which].items())


def shown(owners: Mapping[str, list[int] | None], uid: str, which: int) -> int | None:
    """The user or group that the container saw of the file of a user on disk, None if there was no such file."""
    ids = owners[uid]
    return None if ids is None else ids[which]


def judge_swap(seen: Seen, which: int, place: str) -> None:
    """Raises Violation unless two owners are exchanged in the container and all are as they were on the host."""
    name = ("user", "group")[which]
    owners = seen["owners"][place]
    for uid, id_ in EXCHANGED[0][which].items():
        what = f"{name} seen of the file of user {uid} at {place}"
        expect(shown(owners, uid, which), what, [str(owners)]).equals(id_)
    expect(seen["host_owners"], "owners on the host").equals({str(uid): [uid, gid] for uid, gid in OWNERS})


def judge_exchanged_in_namespace(owners: Mapping[str, list[int] | None], place: str) -> None:
    """Raises Violation unless the mount's own mappings show, in one direction or the other."""
    readings = [reading[USER] for reading in EXCHANGED]
    if not any(all(shown(owners, uid, USER) == id_ for uid, id_ in reading.items()) for reading in readings):
        wanted = " or ".join(map(str, readings))
        raise Violation(f"users seen at {place}, by the user on disk: {wanted}", str(owners))
