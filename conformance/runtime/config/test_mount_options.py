"""config.md, "Linux mount options"."""

from __future__ import annotations

from errno import EACCES, EINVAL, ELOOP, EROFS
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.mount_demands import (
    RECURSIVE,
    TMPFS,
    Demand,
    Row,
    accepted,
    judge_access_times,
    judge_propagation,
    judge_recursive,
    judge_tried,
    octal,
    require_host,
    same_times_flags,
    sets_ids,
)
from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.mounts import INVENTED_OPTION
from pytest_oci.fixtures.runtime.scenarios.mount_options import (
    CONTRADICTIONS,
    bind_options,
    custom_options,
    tmpfs_options,
)

from pytest_oci import clause, expect, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

PREFIX = "config.mounts.options.linux."


def _params(demands: Iterable[Demand]) -> list[object]:
    """A parameter set for each demand, with the clause of the option that it is named after."""
    return [pytest.param(demand, marks=clause(PREFIX + demand.name), id=demand.name) for demand in demands]


@pytest.mark.parametrize("demand", _params(TMPFS))
def test_option_of_a_tmpfs(observe: Observe, demand: Demand) -> None:
    """A tmpfs with this one option is mounted and shows it."""
    require_host(observe)
    seen = observe(tmpfs_options(demand.family))
    row = accepted(seen, demand.name)
    if demand.rests_on_acceptance and not seen["kernel_rejects_unknown"]:
        not_testable("host: this kernel's tmpfs takes unknown options, so one that is handed on is not noticed")
    demand.judge(row)


@clause(PREFIX + "nostrictatime")
def test_nostrictatime_is_the_default(observe: Observe) -> None:
    """Access times are updated as on a tmpfs without options."""
    seen = observe(tmpfs_options("plain"))
    same_times_flags(accepted(seen, "nostrictatime"), accepted(seen, "no-options"))


@pytest.mark.parametrize(
    ("name", "of", "advances"),
    [
        pytest.param("noatime", "file", (False, False), marks=clause(PREFIX + "noatime"), id="noatime"),
        pytest.param("nodiratime", "directory", (False, False), marks=clause(PREFIX + "nodiratime"), id="nodiratime"),
        pytest.param("strictatime", "file", (True, True), marks=clause(PREFIX + "strictatime"), id="strictatime"),
    ],
)
def test_access_times_are_updated(observe: Observe, name: str, of: str, advances: tuple[bool, bool]) -> None:
    """Reading advances the access time or leaves it."""
    judge_access_times(accepted(observe(tmpfs_options("plain")), name), of, advances)


@clause(PREFIX + "nosuid")
def test_nosuid(observe: Observe) -> None:
    """The mount table shows nosuid, and a set-uid program gains nothing; or the product never honours set-id bits."""
    judge_nosuid(observe)


def judge_nosuid(observe: Observe) -> None:
    """See test_nosuid."""
    bound = observe(bind_options("bind"))
    if sets_ids(bound, "bind") is False:
        accepted(observe(tmpfs_options("plain")), "nosuid")
        return
    Demand("nosuid", shows=("nosuid",)).judge(accepted(observe(tmpfs_options("plain")), "nosuid"))
    row = accepted(bound, "bind-nosuid")
    Demand("bind-nosuid", shows=("nosuid",)).judge(row)
    if sets_ids(bound, "bind"):
        expect(sets_ids(bound, "bind-nosuid"), "a set-uid program gains ids on a nosuid mount", row.lines).is_false()


BIND = (
    Demand("bind-ro", shows=("ro",), tried=(("write", EROFS),)),
    Demand("bind-nodev", shows=("nodev",), tried=(("device", EACCES),)),
    Demand("bind-noexec", shows=("noexec",), tried=(("execute", EACCES),)),
    Demand("bind-noatime", shows=("noatime",)),
    Demand("bind-nosymfollow", shows=("nosymfollow",), tried=(("link", ELOOP),)),
    Demand("relatime-over-noatime", shows=("relatime",), lacks=("noatime",)),
    Demand("relatime-over-strictatime", shows=("relatime",)),
)


@pytest.mark.parametrize(
    "demand",
    [
        pytest.param(
            demand, marks=clause(PREFIX + demand.name.removeprefix("bind-").partition("-over")[0]), id=demand.name
        )
        for demand in BIND
    ],
)
def test_option_of_a_bind(observe: Observe, demand: Demand) -> None:
    """A bind with this one option more is mounted and shows it."""
    require_host(observe)
    seen = observe(bind_options("bind"))
    row = accepted(seen, demand.name)
    control = accepted(seen, "bind")
    for what, number in demand.tried:
        if number and (what != "device" or seen["devices"]):
            judge_control(control, what)
    demand.judge(row) if seen["devices"] else demand.without("device").judge(row)
    expect(seen["host"][demand.name]["writable"], "the host can write to the source").is_true()


def judge_control(control: Row, what: str) -> None:
    """What an option forbids has to be possible without it; otherwise nothing can be said."""
    if control.facts[what] < 0:
        not_testable(f"product: without the option {what} does not succeed either", *control.lines)


@clause(PREFIX + "bind")
@pytest.mark.parametrize("name", ["bind", "bind-type-bind", "bind-type-dummy"])
def test_bind_is_not_recursive(observe: Observe, name: str) -> None:
    """The source is there without its submount, whatever the type is called."""
    judge_bind(observe(bind_options("bind")), name)


def judge_bind(seen: Seen, name: str) -> None:
    """See test_bind_is_not_recursive."""
    row = accepted(seen, name)
    judge_bound(seen, row)
    expect(row.mounts("/sub"), "mounts below the bind", row.lines).is_empty()
    expect(row.facts["inner"], "looking for the submount's file").differs_from(0)


@clause(PREFIX + "rbind")
def test_rbind_is_recursive(observe: Observe) -> None:
    """The source is there with its submount."""
    judge_rbind(observe(bind_options("bind")))


def judge_rbind(seen: Seen) -> None:
    """See test_rbind_is_recursive."""
    row = accepted(seen, "rbind")
    judge_bound(seen, row)
    expect(row.facts["inner"], "looking for the submount's file", row.lines).equals(0)


def judge_bound(seen: Seen, row: Row) -> None:
    """The destination is the host's directory itself, seen from both sides."""
    expect(row.mount.point, "mount point").is_not_empty()
    expect(row.facts["top"]["rc"], "looking for the source's file", row.lines).equals(0)
    expect(seen["host"][row.name]["written"], "the host sees a file that the container wrote").is_true()


@pytest.mark.parametrize("demand", _params(RECURSIVE))
def test_recursive_option(observe: Observe, demand: Demand) -> None:
    """The option holds for the bind and for its submount."""
    require_host(observe)
    judge_recursive(accepted(observe(bind_options(demand.family)), demand.name), demand)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=clause(PREFIX + name), id=name) for name in ("private", "shared", "unbindable")],
)
def test_propagation(observe: Observe, name: str) -> None:
    """The bind has this propagation type."""
    row = accepted(observe(bind_options("propagation")), name)
    judge_propagation(row, row.mount, name)
    if name == "private":
        expect(row.facts["late"], "a later mount of the host shows in the container", row.lines).is_false()
    if name == "unbindable":
        judge_tried(row, "bind", EINVAL)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param(name, name[1:], marks=clause(PREFIX + name), id=name)
        for name in ("rprivate", "rshared", "runbindable")
    ],
)
def test_recursive_propagation(observe: Observe, name: str, kind: str) -> None:
    """The bind and its submount have this propagation type."""
    row = accepted(observe(bind_options("propagation")), name)
    judge_propagation(row, row.mount, kind)
    if name == "rprivate":
        came = [place for place in ("late", "late_sub") if row.facts[place]]
        expect(came, "later mounts of the host that show in the container", row.lines).is_empty()
    judge_propagation(row, row.submount, kind)


@pytest.mark.parametrize(
    ("name", "received"),
    [
        pytest.param("slave", ("late",), marks=clause(PREFIX + "slave"), id="slave"),
        pytest.param("rslave", ("late", "late_sub"), marks=clause(PREFIX + "rslave"), id="rslave"),
    ],
)
def test_slave_receives_and_does_not_send(observe: Observe, name: str, received: tuple[str, ...]) -> None:
    """Later mounts of the host show in the container, its own do not show on the host."""
    row = accepted(observe(bind_options("propagation")), name)
    if "master:" in "".join(row.lines) or "shared:" in "".join(row.lines):
        for mount in (row.mount, row.submount) if name == "rslave" else (row.mount,):
            judge_propagation(row, mount, "slave")
    for place in received:
        expect(row.facts[place], f"a mount made later on the host at {place} shows", row.lines).is_true()
    expect(row.facts["outward"], "the container's mount shows on the host", row.lines).is_false()


@clause(PREFIX + "remount")
def test_remount_changes_the_mount_that_is_there(observe: Observe) -> None:
    """One mount, with the flags and the size of the second entry."""
    row = accepted(observe(tmpfs_options("plain")), "remount")
    expect(len(row.mounts()), "mounts at the destination", row.lines).equals(1)
    Demand("remount", shows=("ro",), super_shows=("size=128k",), tried=(("write", EROFS),)).judge(row)


LAST_WINS = {
    "rw": (Demand("", shows=("ro",)), Demand("", lacks=("ro",))),
    "async": (Demand("", super_shows=("sync",)), Demand("", super_lacks=("sync",))),
    "nolazytime": (Demand("", super_shows=("lazytime",)), Demand("", super_lacks=("lazytime",))),
    "nostrictatime": (Demand("", lacks=("relatime", "noatime")), Demand("", shows=("relatime",))),
    **{
        last: (Demand("", shows=(first,)), Demand("", lacks=(first,)))
        for first, last in CONTRADICTIONS
        if first == f"no{last}"
    },
}


@clause(PREFIX + "last-wins")
@pytest.mark.parametrize(("first", "last"), CONTRADICTIONS, ids=lambda name: name)
def test_last_of_contradicting_options_wins(observe: Observe, first: str, last: str) -> None:
    """The option that comes later is in force, in either order."""
    seen = observe(tmpfs_options("contradicting"))
    set_, unset = LAST_WINS[last]
    set_.judge(accepted(seen, f"{last}-{first}"))
    unset.judge(accepted(seen, f"{first}-{last}"))


@clause(PREFIX + "unknown-as-data")
def test_unknown_option_reaches_the_file_system(observe: Observe) -> None:
    """A tmpfs has the mode that only tmpfs knows, and one with an invented option is not mounted."""
    seen = observe(tmpfs_options("plain"))
    row = accepted(seen, "unknown-one")
    expect(octal(row.mount, "mode"), "mode of the tmpfs, in octal", row.lines).equals(0o700)
    if not seen["kernel_rejects_unknown"]:
        not_testable("host: this kernel's tmpfs takes unknown options")
    invented = observe(attempt(MINIMAL.with_mount("/mnt", options=[INVENTED_OPTION])))
    expect(invented["created"], "create with an option that no file system has reports success").is_false()


@clause(PREFIX + "unknown-comma-joined")
def test_unknown_options_reach_the_file_system_together(observe: Observe) -> None:
    """All of several options that only tmpfs knows are in force."""
    row = accepted(observe(tmpfs_options("plain")), "unknown-several")
    Demand("", super_shows=("size=64k", "nr_inodes=50")).judge(row)
    expect(octal(row.mount, "mode"), "mode of the tmpfs, in octal", row.lines).equals(0o700)


IMPLIED = {
    "user": ("noexec", "nosuid", "nodev"),
    "users": ("noexec", "nosuid", "nodev"),
    "owner": ("nosuid", "nodev"),
    "group": ("nosuid", "nodev"),
    "auto": (),
    "noauto": (),
    "nouser": (),
    "nofail": (),
    "_netdev": (),
}
"""Options of mount(8) for all file systems that the table lacks, and the flags that they imply."""


@clause(PREFIX + "custom-follows-mount8")
def test_custom_options_follow_mount8(observe: Observe) -> None:
    """Options beyond the table that the runtime announces have the flags that mount(8) gives them."""
    seen = observe(custom_options(sorted(IMPLIED)))
    if seen["announced"] is None:
        unsupported("the runtime has no features operation that would tell which custom options it implements")
    if not seen["rows"]:
        not_applicable("the runtime announces no custom option that mount(8) knows for all file systems")
    for name in seen["rows"]:
        Demand(name, shows=IMPLIED[name]).judge(accepted(seen, name))


@clause("config.mounts.options.applied-1-0")
@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("plain", "ro"),
        ("plain", "nosuid"),
        ("plain", "nodev"),
        ("plain", "noexec"),
        ("bind", "bind"),
        ("bind", "rbind"),
    ],
    ids=lambda word: word,
)
def test_options_of_version_1_0_are_applied(observe: Observe, family: str, name: str) -> None:
    """Options that are accepted are in force; a refusal is allowed."""
    seen = observe(tmpfs_options(family) if family == "plain" else bind_options(family))
    if seen["rows"][name].get("clean"):
        return
    match name:
        case "nosuid":
            judge_nosuid(observe)
        case "bind":
            judge_bind(seen, name)
        case "rbind":
            judge_rbind(seen)
        case _:
            next(demand for demand in TMPFS if demand.name == name).judge(accepted(seen, name))
