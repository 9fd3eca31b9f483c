"""config-linux.md, "IntelRdt": groups of resctrl, their schemata, monitoring, and what is left of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.offered import expect_error
from pytest_oci.fixtures.runtime.scenarios.intel_rdt import Case, no_resctrl, under_rdt

from pytest_oci import Violation, clause, expect, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

NEW, NEW_L3, NEW_MB = Case(l3=True, mb=True), Case(l3=True), Case(mb=True)
UNNAMED = Case(closid="none", l3=True)
JOINED = Case(premade="other")
SCHEMATA = Case(schemata=True)
MONITORED = Case(l3=True, monitoring=True)

CREATED = "config.linux.intel-rdt.clos-id.created"
DEFAULT = "config.linux.intel-rdt.clos-id.default"
ONE_WRITTEN = "config.linux.intel-rdt.schemata-file.one-written"
SCHEMATA_WRITTEN = "config.linux.intel-rdt.schemata-file.schemata-written"
PRECONFIGURED = "config.linux.intel-rdt.clos-id.preconfigured-joined"
GROUP_CREATED = "config.linux.intel-rdt.monitoring.group-created"
ROOT = "config.linux.intel-rdt.clos-id.root"


def looked_at(observe: Observe, case: Case) -> Seen:
    """What was seen of a case that the host can show."""
    seen = observe(under_rdt(case))
    if seen["lacks"]:
        not_testable(f"host: its resctrl has {seen['lacks']}")
    return seen


def made(observe: Observe, case: Case, root: str = "") -> Seen:
    """What was seen of a case that has to be created; `root` is the clause that a refusal breaks, if there is one.

    A product that cleanly refuses whatever asks for resctrl does not offer it, and one that refuses only what has
    `schemata` or `enableMonitoring` does not offer these: features-linux.md has a flag for each ("Intel RDT").
    """
    seen = looked_at(observe, case)
    if seen["exists"]:
        return seen
    others = [seen, *(looked_at(observe, other) for other in (NEW_L3, UNNAMED, JOINED) if other != case)]
    if not any(other["exists"] or other["crashes"] for other in others):
        unsupported("refused whatever the group", *seen["errors"])
    field = optional_field(case)
    if field and seen["errors"] and not seen["crashes"] and looked_at(observe, without_optional(case))["exists"]:
        unsupported(f"intelRdt is refused only with {field}", *seen["errors"])
    if case.closid == "own" and not case.premade and not looked_at(observe, NEW_L3)["exists"]:
        root = CREATED  # whatever else was asked for
    said = [*seen["errors"], *seen["crashes"]]
    if observe.judges(root):
        raise Violation("create of a valid bundle to succeed", "; ".join(said))
    return not_testable(f"depends-on: {root}" if root else "product: the valid twin of this bundle is refused", *said)


def optional_field(case: Case) -> str:
    """The field of a case that a runtime may support or not by itself; empty if there is none."""
    return "schemata" if case.schemata else "enableMonitoring" if case.monitoring else ""


def without_optional(case: Case) -> Case:
    """The same kind of case without such a field."""
    return replace(case, l3=case.l3 or case.schemata, schemata=False, two_lines=False, monitoring=False)


def schemata_of(seen: Seen) -> dict[str, str]:
    """The schemata of the container's group while it was there."""
    values: dict[str, str] = seen["during"]["groups"].get(seen["group"], {})
    return values


def holders(seen: Seen) -> list[str]:
    """All groups that hold the container's process."""
    if seen["holding"] is None:
        not_testable("limit: the container's process cannot be told")
    groups: list[str] = seen["holding"]
    return groups


def held_by(seen: Seen, kind: str = "groups") -> list[str]:
    """The control groups (or, for "mon", the monitoring ones) that hold the container's process."""
    holding = holders(seen)
    monitoring = [name for name in holding if "mon_groups/" in name]
    return monitoring if kind == "mon" else [name for name in holding if name not in monitoring]


def new_groups(seen: Seen) -> list[str]:
    """Control groups that were not there before."""
    return sorted(seen["during"]["groups"].keys() - seen["before"]["groups"].keys())


@clause("config.linux.intel-rdt.no-resctrl-error")
def test_without_resctrl_is_an_error(observe: Observe) -> None:
    """There is nowhere to put the container."""
    seen = observe(no_resctrl())
    if not seen["hidden"]:
        not_testable("host: resctrl is mounted, and only root can take it away")
    expect_error(seen["changed"], seen["twin"], "intelRdt where no resctrl is mounted")


@clause("config.linux.intel-rdt.pid-in-tasks")
def test_process_is_in_the_tasks_of_its_group(observe: Observe) -> None:
    """As soon as it is created."""
    seen = made(observe, NEW_L3, CREATED)
    expect(held_by(seen), "groups that hold the container's process").equals([seen["group"]])


@clause("config.linux.intel-rdt.unset-untouched")
def test_resctrl_is_left_alone(observe: Observe) -> None:
    """By a container without intelRdt, which stays in the group of whoever made it."""
    seen = looked_at(observe, Case(configured=False))
    if not seen["exists"]:
        not_testable("depends-on: runtime.ops.create.creates", *seen["errors"], *seen["crashes"])
    expect(seen["during"], "resctrl with a container without intelRdt").equals(seen["before"])
    expect(seen["after"], "resctrl after a container without intelRdt").equals(seen["before"])
    expect(holders(seen), "groups that hold the container's process").equals(seen["invoker"])


@clause(ROOT)
def test_slash_is_the_root(observe: Observe) -> None:
    """Whatever group the runtime is called from."""
    seen = made(observe, Case(closid="root", from_group=True), ROOT)
    expect(held_by(seen), "groups that hold the container's process").equals([""])
    expect(new_groups(seen), "groups that the runtime made").is_empty()


@clause("config.linux.intel-rdt.mem-bw-schema.invalid-rejected")
@pytest.mark.parametrize(
    "value", [pytest.param("XX:0=20", id="resource"), pytest.param("MB:0=50\nMB:0=70", id="two-lines")]
)
def test_malformed_bandwidth_is_an_error(observe: Observe, value: str) -> None:
    """It has one line, of memory bandwidth."""
    seen = looked_at(observe, Case(mb=True, mb_value=value))
    expect_error(seen, made(observe, NEW_MB, ONE_WRITTEN), f"the memBwSchema {value!r}")


@clause("config.linux.intel-rdt.schemata.newline-rejected")
def test_two_lines_in_one_element_are_an_error(observe: Observe) -> None:
    """Each element of schemata is one line."""
    twin = made(observe, SCHEMATA, SCHEMATA_WRITTEN)
    seen = looked_at(observe, Case(schemata=True, two_lines=True))
    expect_error(seen, twin, "an element of schemata with a newline")


@clause("config.linux.intel-rdt.schemata-file.both-written")
def test_both_schemas_are_written(observe: Observe) -> None:
    """For the cache and for the bandwidth."""
    seen = made(observe, NEW, CREATED)
    expect_values(seen, seen["asked"])


@clause(ONE_WRITTEN)
@pytest.mark.parametrize(
    ("case", "resource"), [pytest.param(NEW_L3, "L3", id="l3"), pytest.param(NEW_MB, "MB", id="mem-bw")]
)
def test_one_schema_is_written(observe: Observe, case: Case, resource: str) -> None:
    """Without the other one."""
    seen = made(observe, case, ONE_WRITTEN)
    wanted = {key: value for key, value in seen["asked"].items() if key.startswith(f"{resource}:")}
    expect_values(seen, wanted)


@clause(SCHEMATA_WRITTEN)
def test_schemata_are_written(observe: Observe) -> None:
    """Every element."""
    seen = made(observe, SCHEMATA, SCHEMATA_WRITTEN)
    expect_values(seen, seen["asked"])


def expect_values(seen: Seen, wanted: dict[str, Any]) -> None:
    """Hold if the group's schemata have these values."""
    written = {name: schemata_of(seen).get(name) for name in wanted}
    expect(written, "schemata of the container's group").equals(wanted)


@clause("config.linux.intel-rdt.schemata-file.mb-line-replaced")
def test_bandwidth_line_is_replaced(observe: Observe) -> None:
    """The one in l3CacheSchema gives way to memBwSchema."""
    seen = made(
        observe, Case(l3=True, mb=True, l3_with_mb=True), "config.linux.intel-rdt.schemata-file.mb-line-replaced"
    )
    expect_values(seen, seen["asked"])


@clause("config.linux.intel-rdt.schemata-file.order")
def test_bandwidth_is_written_last(observe: Observe) -> None:
    """Seen by a line in l3CacheSchema that conflicts; a product need not take such a value."""
    made(observe, NEW, CREATED)
    seen = looked_at(observe, Case(l3=True, mb=True, l3_with_mb=True))
    if not seen["exists"]:
        not_applicable("the runtime takes no second line in l3CacheSchema, so that no order shows")
    expect_values(seen, seen["asked"])


@clause("config.linux.intel-rdt.schemata-file.untouched")
def test_schemata_are_left_alone(observe: Observe) -> None:
    """Of all groups, where only a group is named."""
    seen = made(observe, JOINED, PRECONFIGURED)
    for when in ("during", "after"):
        kept = {name: seen[when]["groups"].get(name) for name in seen["before"]["groups"]}
        expect(kept, "schemata of the groups that were there").equals(seen["before"]["groups"])


@clause(DEFAULT)
def test_group_is_called_as_the_container(observe: Observe) -> None:
    """Without closID."""
    seen = made(observe, UNNAMED, DEFAULT)
    expect(new_groups(seen), "groups that the runtime made").equals([seen["id"]])
    expect(held_by(seen), "groups that hold the container's process").equals([seen["id"]])


@clause(CREATED)
def test_group_is_made(observe: Observe) -> None:
    """By the name that closID gives."""
    seen = made(observe, NEW_L3, CREATED)
    expect(new_groups(seen), "groups that the runtime made").contains(seen["group"])


@clause("config.linux.intel-rdt.clos-id.mismatch-error")
def test_group_with_other_schemata_is_an_error(observe: Observe) -> None:
    """The same group with the schemata that are asked for is joined."""
    seen = looked_at(observe, Case(l3=True, premade="other"))
    expect_error(seen, made(observe, Case(l3=True, premade="same")), "a group whose schemata differ")


@clause("config.linux.intel-rdt.clos-id.preconfigured-checked", PRECONFIGURED)
def test_group_is_joined(observe: Observe) -> None:
    """Where it is there and only named."""
    seen = made(observe, JOINED, PRECONFIGURED)
    expect(held_by(seen), "groups that hold the container's process").equals([seen["group"]])


@clause("config.linux.intel-rdt.clos-id.preconfigured-missing-error")
def test_missing_group_is_an_error(observe: Observe) -> None:
    """Where it is only named, and not made."""
    seen = looked_at(observe, Case())
    expect_error(seen, made(observe, JOINED, PRECONFIGURED), "a closID whose group is missing")
    expect(new_groups(seen), "groups that the runtime made").is_empty()


@clause("config.linux.intel-rdt.delete.created-removed")
def test_group_of_the_container_is_removed(observe: Observe) -> None:
    """With the container."""
    seen = made(observe, UNNAMED, DEFAULT)
    if seen["id"] not in new_groups(seen):
        not_testable(f"depends-on: {DEFAULT}")
    expect(list(seen["after"]["groups"]), "groups after delete").lacks(seen["id"])


@clause("config.linux.intel-rdt.delete.clos-id-kept")
@pytest.mark.parametrize(
    ("case", "root"), [pytest.param(NEW_L3, CREATED, id="made"), pytest.param(JOINED, PRECONFIGURED, id="found")]
)
def test_group_that_was_named_is_kept(observe: Observe, case: Case, root: str) -> None:
    """Whoever made it."""
    seen = made(observe, case, root)
    if seen["group"] not in seen["during"]["groups"]:
        not_testable(f"depends-on: {root}")
    expect(list(seen["after"]["groups"]), "groups after delete").contains(seen["group"])


@clause("config.linux.intel-rdt.delete.foreign-kept")
def test_group_of_others_is_kept(observe: Observe) -> None:
    """Even if it is called as the container."""
    seen = looked_at(observe, Case(closid="none", l3=True, premade="same"))
    if not seen["exists"]:
        not_applicable("the runtime does not take a group that is there already and called as the container")
    expect(list(seen["after"]["groups"]), "groups after delete").contains(seen["group"])


@clause(GROUP_CREATED)
def test_monitoring_group_is_made(observe: Observe) -> None:
    """Below the container's group, with its process; and none where none is asked for."""
    seen = made(observe, MONITORED, GROUP_CREATED)
    below = f"{seen['group']}/mon_groups/"
    expect([name for name in held_by(seen, "mon") if name.startswith(below)], "monitoring groups").is_not_empty()
    plain = made(observe, NEW_L3, CREATED)
    expect(held_by(plain, "mon"), "monitoring groups of a container that asks for none").is_empty()


@clause("config.linux.intel-rdt.monitoring.group-name")
def test_monitoring_group_is_called_as_the_container(observe: Observe) -> None:
    """Not as the control group."""
    seen = made(observe, MONITORED, GROUP_CREATED)
    if not held_by(seen, "mon"):
        not_testable(f"depends-on: {GROUP_CREATED}")
    expect(held_by(seen, "mon"), "monitoring groups").equals([f"{seen['group']}/mon_groups/{seen['id']}"])


@clause("config.linux.intel-rdt.monitoring.group-deleted")
def test_monitoring_group_is_removed(observe: Observe) -> None:
    """Though the control group stays."""
    seen = made(observe, MONITORED, GROUP_CREATED)
    gone = held_by(seen, "mon")
    if not gone:
        not_testable(f"depends-on: {GROUP_CREATED}")
    expect([name for name in gone if name in seen["after"]["mon"]], "monitoring groups after delete").is_empty()


@clause("config.linux.intel-rdt.monitoring.failure-error")
def test_no_room_for_a_monitoring_group_is_an_error(observe: Observe) -> None:
    """The container is not to run unmonitored."""
    full = Case(l3=True, monitoring=True, premade="same", filled=True)
    twin = made(observe, replace(full, filled=False), GROUP_CREATED)
    seen = looked_at(observe, full)
    expect_error(seen, twin, "monitoring where no group is left")
