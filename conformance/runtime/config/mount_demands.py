"""What mount options must show, judged on what was recorded of them.

The mount table decides; a flag whose effect was tried out and is missing is none. Where a product with a kernel of its
own has a table that says less than Linux's, what was seen happen counts: submounts whose files are there, mounts that
propagate, set-id bits that are never honoured.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_oci.fixtures.probe.mountinfo import Mount, parse_mount
from pytest_oci.fixtures.probe.report import error_name
from pytest_oci.fixtures.runtime.container import parse_object
from pytest_oci.fixtures.runtime.scenarios.mount_options import ROOT

from pytest_oci import Violation, expect, not_testable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen


@dataclass(frozen=True, slots=True)
class Row:
    """What was recorded of one offer that the runtime accepted."""

    name: str
    facts: Mapping[str, Any]

    @property
    def lines(self) -> list[str]:
        """The lines of the mount table at the destination and below."""
        return list(self.facts["mounts"])

    def mounts(self, below: str = "") -> list[Mount]:
        """The mounts at the destination, or at a place below it; the uppermost is the last."""
        point = f"{ROOT}/{self.name}{below}"
        return [mount for mount in map(parse_mount, self.lines) if mount.point == point]

    @property
    def mount(self) -> Mount:
        """The uppermost mount at the destination. Raises Violation if there is none."""
        mounts = self.mounts()
        if not mounts:
            raise Violation(f"a mount at {ROOT}/{self.name}", "none in the mount table", self.lines)
        return mounts[-1]

    @property
    def submount(self) -> Mount:
        """The mount at `sub` below the destination."""
        mounts = self.mounts("/sub")
        if mounts:
            return mounts[-1]
        if self.facts.get("inner") == 0:
            not_testable("product: its mount table does not list the submount, whose files are there", *self.lines)
        raise Violation("the submount at sub", "none in the mount table", self.lines)


def accepted(seen: Seen, name: str) -> Row:
    """The row of an offer. Raises Violation if the runtime refused it."""
    facts = seen["rows"].get(name)
    if facts is None:
        not_testable(f"host: this kernel does not know the mount attributes {', '.join(seen['missing'])}")
    if "limit" in facts:
        not_testable(facts["limit"])
    if "refused" in facts:
        raise Violation(f"a mount with {name} to be made", "the runtime refused it", [facts["refused"]])
    return Row(name, facts)


def require_host(observe: Observe) -> None:
    """End as not testable if the host lacks what the judged clauses need, such as a kernel that knows the option."""
    needs = {need for clause in observe.clauses for need in clause.needs}
    missing = observe.missing(*needs)
    if missing:
        not_testable(f"host: {'; '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be seen of an offer.

    `shows` and `lacks` are flags of the mount, `super_` those of its file system; `tried` are things to do there and
    the errno that they must give (0: none).
    """

    name: str
    shows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    super_shows: tuple[str, ...] = ()
    super_lacks: tuple[str, ...] = ()
    tried: tuple[tuple[str, int], ...] = ()
    family: str = "plain"

    @property
    def rests_on_acceptance(self) -> bool:
        """Whether a runtime that hands the option on to the file system would only be seen by its refusal."""
        return not self.shows and not self.super_shows

    def without(self, what: str) -> Demand:
        """The same without this thing to try."""
        return replace(self, tried=tuple(one for one in self.tried if one[0] != what))

    def judge(self, row: Row) -> None:
        """Raises Violation."""
        for what, number in self.tried:
            judge_tried(row, what, number)
        judge_flags(row, row.mount, self)


TMPFS = (
    Demand("async", super_lacks=("sync",)),
    Demand("atime", lacks=("noatime",)),
    Demand("defaults", lacks=("ro", "nosuid", "nodev", "noexec"), super_lacks=("sync",), family="rare"),
    Demand("dev", lacks=("nodev",)),
    Demand("diratime", lacks=("nodiratime",)),
    Demand("dirsync", super_shows=("dirsync",)),
    Demand("exec", lacks=("noexec",), tried=(("execute", 0),)),
    Demand("iversion", family="rare"),
    Demand("lazytime", super_shows=("lazytime",), family="rare"),
    Demand("loud", family="rare"),
    Demand("noatime", shows=("noatime",)),
    Demand("nodev", shows=("nodev",)),
    Demand("nodiratime", shows=("nodiratime",)),
    Demand("noexec", shows=("noexec",), tried=(("execute", errno.EACCES),)),
    Demand("noiversion", family="rare"),
    Demand("nolazytime", super_lacks=("lazytime",), family="rare"),
    Demand("norelatime", lacks=("noatime",)),
    Demand("nosymfollow", shows=("nosymfollow",), tried=(("link", errno.ELOOP),), family="rare"),
    Demand("relatime", lacks=("noatime",)),
    Demand("ro", shows=("ro",), tried=(("write", errno.EROFS),)),
    Demand("rw", lacks=("ro",), tried=(("write", 0),)),
    Demand("silent", family="rare"),
    Demand("strictatime", lacks=("noatime", "relatime")),
    Demand("suid", lacks=("nosuid",)),
    Demand("symfollow", lacks=("nosymfollow",), family="rare"),
    Demand("sync", super_shows=("sync",)),
)
"""What a tmpfs with one option must show."""
RECURSIVE = (
    Demand("ratime", lacks=("noatime",), family="recursive-times"),
    Demand("rdev", lacks=("nodev",), family="recursive"),
    Demand("rdiratime", lacks=("nodiratime",), family="recursive-times"),
    Demand("rexec", lacks=("noexec",), family="recursive"),
    Demand("rnoatime", shows=("noatime",), family="recursive-times"),
    Demand("rnodiratime", shows=("nodiratime",), family="recursive-times"),
    Demand("rnoexec", shows=("noexec",), family="recursive"),
    Demand("rnorelatime", lacks=("noatime",), family="recursive-times"),
    Demand("rnostrictatime", shows=("relatime",), family="recursive-times"),
    Demand("rnosuid", shows=("nosuid",), family="recursive"),
    Demand("rnosymfollow", shows=("nosymfollow",), family="recursive"),
    Demand("rrelatime", shows=("relatime",), lacks=("noatime",), family="recursive-times"),
    Demand("rro", shows=("ro",), family="recursive"),
    Demand("rrw", shows=("rw",), family="recursive"),
    Demand("rstrictatime", lacks=("relatime", "noatime"), family="recursive-times"),
    Demand("rsuid", lacks=("nosuid",), family="recursive"),
    Demand("rsymfollow", lacks=("nosymfollow",), family="recursive"),
)
"""What a recursive bind with one option must show, itself and at its submount."""


def judge_flags(row: Row, mount: Mount, demand: Demand) -> None:
    """Raises Violation if the mount table shows other flags than the demand says."""
    options = expect(sorted(mount.options), f"options of {mount.point} in the mount table", row.lines)
    for flag in demand.shows:
        options.contains(flag)
    for flag in demand.lacks:
        options.lacks(flag)
    what = f"file system options of {mount.point} in the mount table"
    options = expect(sorted(mount.super_options), what, row.lines)
    for flag in demand.super_shows:
        options.contains(flag)
    for flag in demand.super_lacks:
        options.lacks(flag)


WORDS = {
    "write": "creating a file",
    "execute": "executing a program",
    "device": "opening a device",
    "link": "opening a symbolic link",
    "bind": "binding it elsewhere",
}


def judge_tried(row: Row, what: str, number: int) -> None:
    """Raises Violation if a thing that was tried gave another result than this errno (0: success)."""
    result = row.facts[what]
    if what == "execute" and result == -errno.ENOEXEC:
        not_testable("host: the kernel does not execute the program that was tried")
    if (result >= 0) if number == 0 else (result == -number):
        return
    wanted = errno.errorcode[number] if number else "success"
    got = "success" if result >= 0 else error_name(result)
    raise Violation(f"{WORDS[what]} on it to give {wanted}", got, row.lines)


def judge_recursive(row: Row, demand: Demand) -> None:
    """The demand holds for the mount and for its submount."""
    demand.judge(row)
    judge_flags(row, row.submount, demand)


def optional_fields(mount: Mount) -> str:
    """The propagation of a mount, in the words of mountinfo."""
    fields = [f"shared:{mount.shared}" if mount.shared is not None else ""]
    fields.append(f"master:{mount.master}" if mount.master is not None else "")
    fields.append("unbindable" if mount.unbindable else "")
    return " ".join(field for field in fields if field) or "private"


def judge_propagation(row: Row, mount: Mount, kind: str) -> None:
    """Raises Violation if a mount has another propagation type than `private`, `shared`, `slave` or `unbindable`."""
    holds = {
        "private": mount.private,
        "shared": mount.shared is not None,
        "slave": mount.master is not None and mount.shared is None,
        "unbindable": mount.unbindable,
    }[kind]
    if not holds:
        raise Violation(f"{mount.point} to be {kind}", optional_fields(mount), row.lines)


def judge_access_times(row: Row, of: str, advances: tuple[bool, bool]) -> None:
    """Raises Violation if reading for the first and the second time advanced the access time, or not, against this."""
    times = [tuple(time) for time in row.facts["atimes"][of]]
    if len(times) != len(advances) + 1:
        raise Violation(f"a {of} to be made and read on it", "it could not be", row.lines)
    for number, (before, after, advance) in enumerate(zip(times, times[1:], advances, strict=False), 1):
        if (after > before) != advance:
            what = "advances" if advance else "leaves"
            raise Violation(f"reading {number} of a {of} {what} its access time", f"{before}, {after}", row.lines)


def same_times_flags(row: Row, control: Row) -> None:
    """Raises Violation if the two mounts differ in how they update access times."""
    flags = {"noatime", "relatime", "nodiratime"}
    expect(
        sorted(row.mount.options & flags), f"access time flags of {row.mount.point}", row.lines + control.lines
    ).equals(sorted(control.mount.options & flags))


def octal(mount: Mount, name: str) -> int | None:
    """A file system option that is an octal number; None if there is none of that name."""
    value = mount.super_option(name)
    try:
        return None if value is None else int(value, 8)
    except ValueError:
        return None


def sets_ids(seen: Seen, name: str) -> bool | None:
    """Whether a set-uid program of another user that was run there got that user's id; None if it did not run."""
    facts = seen["rows"].get(name, {})
    output = (facts.get("setuid") or {}).get("output", "")
    report = parse_object(output)
    return None if report is None else bool(report["uid"][1] != report["uid"][0])
