"""config.md, "Mounts" and "POSIX-platform Mounts"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_never_runs
from pytest_oci.fixtures.probe.mountinfo import parse_mount
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.mounts import (
    bound_sources,
    ordered_mounts,
    placed_mounts,
    relative_destination,
)

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.fixtures.probe.mountinfo import Mount
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


def mounts_at(lines: Iterable[str], point: str) -> list[Mount]:
    """The mounts at a place, the uppermost last."""
    return [mount for mount in map(parse_mount, lines) if mount.point == point]


@clause("config.mounts.order.same-destination")
@pytest.mark.parametrize(
    ("place", "who"),
    [("bind-bind", "second"), ("bind-bind-reversed", "first"), ("tmpfs-bind", "first"), ("bind-tmpfs", None)],
    ids=lambda word: word or "nothing",
)
def test_later_mount_on_a_destination_is_on_top(observe: Observe, place: str, who: str | None) -> None:
    """The last listed entry is what is seen."""
    seen = observe(ordered_mounts())
    expect(seen["shown"][place], f"text of /o/{place}/who", seen["mounts"]).equals(who)


@clause("config.mounts.order.child-before-parent")
@pytest.mark.parametrize(
    ("place", "who"), [("child-parent/sub", None), ("parent-child/sub", "second")], ids=["child-first", "parent-first"]
)
def test_later_parent_covers_its_child(observe: Observe, place: str, who: str | None) -> None:
    """A mount whose parent is listed later is covered by it, in the other order it is seen."""
    seen = observe(ordered_mounts())
    expect(seen["shown"][place], f"text of /o/{place}/who", seen["mounts"]).equals(who)


@clause("config.mounts.destination.applied")
def test_mount_appears_at_its_destination(observe: Observe) -> None:
    """The mount table has the place, and its files are on another file system than its parent's."""
    seen = observe(placed_mounts())
    expect(mounts_at(seen["mounts"], "/a/b/c"), "mounts at /a/b/c", seen["mounts"]).is_not_empty()
    place, parent = seen["devices"]
    expect(place, "device number of /a/b/c").differs_from(parent)


@clause("config.mounts.type.applied")
@pytest.mark.parametrize("kind", ["tmpfs", "proc"])
def test_mount_has_its_type(observe: Observe, kind: str) -> None:
    """The mount table shows the file system's type."""
    seen = observe(placed_mounts())
    found = [mount.fstype for mount in mounts_at(seen["mounts"], f"/types/{kind}")]
    expect(found, f"types of the mounts at /types/{kind}", seen["mounts"]).equals([kind])


@clause("config.mounts.destination.relative-to-root")
def test_relative_destination_is_below_the_root(observe: Observe) -> None:
    """`mnt/rel` is /mnt/rel, whatever the program's working directory."""
    seen = observe(relative_destination())
    found = [mount.point for mount in map(parse_mount, seen["mounts"]) if mount.point.endswith("mnt/rel")]
    expect(found, "mounts at a place called mnt/rel", seen["mounts"]).equals(["/mnt/rel"])


@clause("config.mounts.source.relative-to-bundle")
@pytest.mark.parametrize(("name", "who"), [("relative", "bundle"), ("absolute", "absolute")], ids=lambda word: word)
def test_bind_source_is_found(observe: Observe, name: str, who: str) -> None:
    """A relative source is the bundle's, wherever the runtime was called; an absolute one is taken as it is."""
    expect(observe(bound_sources())["shown"][name], f"text of the {name} source's file").equals(who)


@clause("config.valid-values.mount-type-unknown")
def test_unknown_mount_type_is_refused(observe: Observe) -> None:
    """A file system type that no kernel has."""
    bundle, twin = (MINIMAL.with_mount("/mnt", kind, "none") for kind in ("nosuchfs", "tmpfs"))
    expect_never_runs(observe, bundle, twin, "a mount of type nosuchfs")


@clause("config.valid-values.mount-destination-relative")
def test_relative_destination_was_invalid(observe: Observe) -> None:
    """Before 1.2 a destination had to be absolute."""
    bundle, twin = (MINIMAL.with_mount(destination) for destination in ("mnt", "/mnt"))
    expect_never_runs(observe, bundle, twin, "a mount with the relative destination mnt")
