"""Judging of mounts, their options and their mappings, on recorded facts."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from pytest_oci.conformance.runtime.config import mount_demands as demands
from pytest_oci.conformance.runtime.config import test_mount_mappings as mappings
from pytest_oci.conformance.runtime.config.mount_demands import Demand, Row
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.idmap import OWNERS

from pytest_oci.observation import Observation
from pytest_oci.violations import NotTestable, Violation


def line(point: str, options: str = "rw,relatime", optional: str = "", super_options: str = "rw") -> str:
    fields = f"40 30 0:44 / {point} {options} {optional}".rstrip()
    return f"{fields} - tmpfs tmpfs {super_options}"


def row(*lines: str, **facts: Any) -> Row:
    return Row("x", {"mounts": list(lines), **facts})


def seen(**facts: Any) -> Seen:
    return Seen(Observation("scenario", facts=facts), frozenset())


def test_the_uppermost_mount_counts() -> None:
    Demand("x", shows=("ro",)).judge(row(line("/o/x", "rw"), line("/o/x", "ro")))
    with pytest.raises(Violation):
        Demand("x", shows=("ro",)).judge(row(line("/o/x", "ro"), line("/o/x", "rw")))


def test_no_mount_at_all_is_a_violation() -> None:
    with pytest.raises(Violation, match="a mount at /o/x"):
        Demand("x").judge(row(line("/o/x/sub")))


@pytest.mark.parametrize(
    ("demand", "options", "super_options", "holds"),
    [
        (Demand("x", shows=("noatime",)), "rw,noatime", "rw", True),
        (Demand("x", shows=("noatime",)), "rw,relatime", "rw,noatime", False),
        (Demand("x", lacks=("ro",)), "rw", "ro", True),
        (Demand("x", lacks=("ro",)), "ro", "rw", False),
        (Demand("x", super_shows=("sync",)), "rw", "rw,sync", True),
        (Demand("x", super_shows=("sync",)), "rw,sync", "rw", False),
        (Demand("x", super_lacks=("sync",)), "rw", "rw,dirsync", True),
        (Demand("x", super_lacks=("sync",)), "rw", "rw,sync", False),
    ],
)
def test_flags_are_sought_where_they_belong(demand: Demand, options: str, super_options: str, holds: bool) -> None:
    judged = row(line("/o/x", options, super_options=super_options))
    if holds:
        demand.judge(judged)
    else:
        with pytest.raises(Violation):
            demand.judge(judged)


def test_flag_without_its_effect_is_none() -> None:
    demand = Demand("x", shows=("ro",), tried=(("write", errno.EROFS),))
    demand.judge(row(line("/o/x", "ro"), write=-errno.EROFS))
    for result in (1, -errno.EACCES):
        with pytest.raises(Violation, match="EROFS"):
            demand.judge(row(line("/o/x", "ro"), write=result))


def test_host_that_executes_no_scripts_says_nothing() -> None:
    with pytest.raises(NotTestable):
        demands.judge_tried(row(execute=-errno.ENOEXEC), "execute", 0)


def test_recursive_demand_holds_for_both_mounts() -> None:
    demand = Demand("x", shows=("nosuid",))
    demands.judge_recursive(row(line("/o/x", "rw,nosuid"), line("/o/x/sub", "rw,nosuid")), demand)
    for top, below in (("rw", "rw,nosuid"), ("rw,nosuid", "rw")):
        with pytest.raises(Violation):
            demands.judge_recursive(row(line("/o/x", top), line("/o/x/sub", below)), demand)


def test_unlisted_submount_is_judged_by_its_files() -> None:
    with pytest.raises(NotTestable, match="does not list the submount"):
        _ = row(line("/o/x"), inner=0).submount
    with pytest.raises(Violation):
        _ = row(line("/o/x"), inner=-errno.ENOENT).submount


@pytest.mark.parametrize(
    ("optional", "kinds"),
    [
        ("", {"private"}),
        ("shared:4", {"shared"}),
        ("master:4", {"slave"}),
        ("shared:5 master:4", {"shared"}),
        ("unbindable", {"unbindable"}),
    ],
)
def test_propagation_types(optional: str, kinds: set[str]) -> None:
    judged = row(line("/o/x", optional=optional))
    for kind in ("private", "shared", "slave", "unbindable"):
        if kind in kinds:
            demands.judge_propagation(judged, judged.mount, kind)
        else:
            with pytest.raises(Violation):
                demands.judge_propagation(judged, judged.mount, kind)


@pytest.mark.parametrize(
    ("times", "advances"),
    [
        ([[5, 0], [5, 0], [5, 0]], (False, False)),
        ([[5, 0], [5, 30], [5, 30]], (True, False)),
        ([[5, 999], [6, 0], [6, 30]], (True, True)),
    ],
)
def test_access_times(times: list[list[int]], advances: tuple[bool, bool]) -> None:
    judged = row(atimes={"file": times}, mounts=[])
    for wanted in ((False, False), (True, False), (True, True)):
        if wanted == advances:
            demands.judge_access_times(judged, "file", wanted)
        else:
            with pytest.raises(Violation):
                demands.judge_access_times(judged, "file", wanted)


def test_access_times_that_could_not_be_had_are_a_violation() -> None:
    with pytest.raises(Violation):
        demands.judge_access_times(row(atimes={"file": []}, mounts=[]), "file", (False, False))


def test_octal_options() -> None:
    for text in ("mode=700", "mode=0700"):
        assert demands.octal(row(line("/o/x", super_options=f"rw,{text}")).mount, "mode") == 0o700
    for text in ("size=64k", "mode=rwx"):
        assert demands.octal(row(line("/o/x", super_options=f"rw,{text}")).mount, "mode") is None


def test_refused_and_unmade_offers() -> None:
    rows = {
        "refused": {"refused": "create: exit status 1"},
        "late": {"limit": "limit: it hung"},
        "good": {"mounts": []},
    }
    recorded = seen(rows=rows, missing=["nosymfollow"])
    assert demands.accepted(recorded, "good").name == "good"
    with pytest.raises(Violation):
        demands.accepted(recorded, "refused")
    with pytest.raises(NotTestable, match="limit: it hung"):
        demands.accepted(recorded, "late")
    with pytest.raises(NotTestable, match="nosymfollow"):
        demands.accepted(recorded, "other")


def test_set_uid_programs() -> None:
    recorded = seen(
        rows={
            "gains": {"setuid": {"output": '{"uid": [1000, 0, 0]}'}},
            "keeps": {"setuid": {"output": '{"uid": [1000, 1000, 1000]}'}},
            "nothing": {"setuid": None},
        }
    )
    assert [demands.sets_ids(recorded, name) for name in ("gains", "keeps", "nothing")] == [True, False, None]


def owners(**shown: int) -> dict[str, list[int] | None]:
    return {uid: [shown.get(f"u{uid}", 65534), 65534] for uid in ("0", "1000", "2000", "102000", "101000")}


@pytest.mark.parametrize("shown", [{"u1000": 2000, "u2000": 1000}, {"u102000": 1000, "u101000": 2000}])
def test_mappings_into_a_namespace_may_be_read_either_way(shown: dict[str, int]) -> None:
    mappings.judge_exchanged_in_namespace(owners(**shown), "top")


@pytest.mark.parametrize(
    "shown",
    [
        {"u1000": 1000, "u2000": 2000},
        {"u102000": 2000, "u101000": 1000},
        {"u1000": 2000, "u2000": 2000},
        {"u1000": 2000, "u101000": 2000},
        {},
    ],
)
def test_other_mappings_are_a_violation(shown: dict[str, int]) -> None:
    with pytest.raises(Violation):
        mappings.judge_exchanged_in_namespace(owners(**shown), "top")


def test_changed_owners_on_the_host_are_a_violation() -> None:
    swapped = {"1000": [2000, 4000], "2000": [1000, 3000]}
    kept = {str(uid): [uid, gid] for uid, gid in OWNERS}
    mappings.judge_swap(seen(owners={"top": swapped}, host_owners=kept), mappings.USER, "top")
    mappings.judge_swap(seen(owners={"top": swapped}, host_owners=kept), mappings.GROUP, "top")
    with pytest.raises(Violation, match="owners on the host"):
        mappings.judge_swap(seen(owners={"top": swapped}, host_owners=kept | swapped), mappings.USER, "top")
    with pytest.raises(Violation, match="of user 1000"):
        mappings.judge_swap(seen(owners={"top": kept}, host_owners=kept), mappings.USER, "top")
