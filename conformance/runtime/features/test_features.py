"""features.md: the document that a runtime's features operation prints, and the runtime held against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.config.mount_demands import (
    RECURSIVE,
    TMPFS,
    Demand,
    Row,
    accepted,
    judge_propagation,
    judge_recursive,
)
from pytest_oci.conformance.runtime.config.test_mount_mappings import is_exchanged, mapped
from pytest_oci.conformance.runtime.features import rules_features as rules
from pytest_oci.conformance.runtime.features.announced import announced, expect_recognized, listed
from pytest_oci.fixtures.runtime.attempt import attempt
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.container import parse_object
from pytest_oci.fixtures.runtime.mounts import INVENTED_OPTION
from pytest_oci.fixtures.runtime.scenarios.features import accepted_version, printed_elsewhere
from pytest_oci.fixtures.runtime.scenarios.hooks import KINDS
from pytest_oci.fixtures.runtime.scenarios.mount_options import FAMILIES, bind_options, listed_options, tmpfs_options
from pytest_oci.fixtures.runtime.scenarios.operations import hooked

from pytest_oci import Violation, catalogue, clause, expect, not_applicable, not_testable
from pytest_oci.documents.semver import is_semver
from pytest_oci.violations import NotTestable, Unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

HOST_DEPENDENT = ("linux", "seccomp", "supportedFlags")
"""The one list that depends on the kernel by its own definition."""


@clause("features.oci-version-min.required")
def test_minimum_version_is_there(observe: Observe) -> None:
    """There is a string ociVersionMin."""
    expect(rules.version_required(announced(observe), rules.MIN), "faults").is_empty()


@clause("features.oci-version-max.required")
def test_maximum_version_is_there(observe: Observe) -> None:
    """There is a string ociVersionMax."""
    expect(rules.version_required(announced(observe), rules.MAX), "faults").is_empty()


@clause("features.oci-version-max.not-less")
def test_maximum_is_not_less_than_minimum(observe: Observe) -> None:
    """In the order of SemVer."""
    expect(rules.max_not_less_than_min(announced(observe)), "faults").is_empty()


@clause("features.no-undefined-properties")
def test_properties_are_defined_ones(observe: Observe) -> None:
    """Every property is one of the specification's."""
    expect(rules.properties_are_defined(announced(observe)), "faults").is_empty()


@clause("features.annotations.map")
def test_annotations_are_a_map_of_strings(observe: Observe) -> None:
    """With keys that are not empty."""
    expect(rules.annotations_are_a_map(announced(observe)), "faults").is_empty()


@clause("features.mount-options.no-fs-specific")
def test_mount_options_are_no_file_systems_own(observe: Observe) -> None:
    """No option that goes into the data of mount(2) is listed."""
    expect(rules.no_mount_data(announced(observe)), "faults").is_empty()


@clause("features.compile-time")
def test_content_does_not_depend_on_surroundings(observe: Observe) -> None:
    """The same is printed without /sys, in an empty environment, elsewhere, by another user."""
    announced(observe)
    printed = observe.without_bundle(printed_elsewhere())["printed"]
    usual = _settled(printed.pop("as usual")["raw"])
    differing = [name for name, call in printed.items() if call["ok"] and _settled(call["raw"]) != usual]
    expect(differing, "surroundings in which the features differ").is_empty()


def _settled(raw: str) -> str:
    """The content without what depends on the kernel by its own definition, written in one way."""
    document: Any = parse_object(raw)
    place = document
    for name in HOST_DEPENDENT[:-1]:
        place = place.get(name) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place.pop(HOST_DEPENDENT[-1], None)
    return json.dumps(document, sort_keys=True)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(rules.MIN, marks=clause("features.oci-version-min.accepted"), id="min"),
        pytest.param(rules.MAX, marks=clause("features.oci-version-max.accepted"), id="max"),
    ],
)
def test_announced_version_is_accepted(observe: Observe, name: str) -> None:
    """The smallest bundle with this ociVersion runs."""
    version = announced(observe).get(name)
    if not isinstance(version, str) or not is_semver(version):
        not_testable(f"depends-on: {rules.REQUIRED_BY[name]}")
    trouble = observe(accepted_version(version))["trouble"]
    if trouble is not None:
        raise Violation(f"a bundle of ociVersion {version}, the {name}, to be accepted", trouble)


@clause("features.hooks.supported")
def test_listed_hooks_are_run(observe: Observe) -> None:
    """Of every listed kind that the specification knows a hook is run."""
    kinds = [kind for kind in listed(observe, "hooks") if kind in KINDS]
    if not kinds:
        not_applicable("the features document lists no hook that the specification knows")
    ran = {hook["name"] for hook in observe(hooked(), root="runtime.ops.all-supported")["hooks"]}
    expect_recognized(kinds, {kind: "no hook of this kind was run" for kind in KINDS if kind not in ran}, "/hooks")


OF_TMPFS = {demand.name: demand for demand in TMPFS}
OF_BINDS = {demand.name: demand for demand in RECURSIVE}
MAPPED = ("idmap", "ridmap")
PREFIX = "config.mounts.options.linux."


@clause("features.mount-options.recognized")
def test_listed_mount_options_are_recognized(observe: Observe) -> None:
    """Every listed option is taken, and what must show of it in the mount table does; not what the kernel lacks."""
    names = listed(observe, "mountOptions")
    known = {name: record for name in names if (record := catalogue.load("runtime").get(PREFIX + name)) is not None}
    lacking = [name for name, record in known.items() if _kernel_lacks(observe, record.needs)]
    faults: dict[str, str] = {}
    untried = list(lacking)
    for name in (name for name in names if name not in lacking):
        try:
            _judge_option(observe, name, names)
        except Violation as violation:
            faults[name] = f"{violation.expected}: {violation.actual} {' '.join(violation.evidence)}"
        except (NotTestable, Unsupported):
            untried.append(name)
    expect_recognized(names, faults, "/mountOptions")
    if len(untried) == len(names):
        not_testable("host: none of the listed options can be tried here", *untried)


def _kernel_lacks(observe: Observe, needs: tuple[str, ...]) -> bool:
    return bool(observe.missing(*needs))


def _judge_option(observe: Observe, name: str, names: list[str]) -> None:
    """Raises Violation if an option is refused or does not show; NotTestable if it cannot be tried."""
    if name in MAPPED:
        _judge_mapping(observe, name)
    elif name in OF_TMPFS:
        _judge_on_tmpfs(observe, OF_TMPFS[name])
    elif name in OF_BINDS:
        judge_recursive(_accepted_on_bind(observe, OF_BINDS[name].family, name), OF_BINDS[name])
    elif name in _named("propagation"):
        row = _accepted_on_bind(observe, "propagation", name)
        judge_propagation(row, row.mount, name if name in _KINDS else name[1:])
    elif name in ("bind", "rbind"):
        expect(accepted(observe(bind_options("bind")), name).mount.point, "mount point").is_not_empty()
    elif name in _named("plain"):
        accepted(observe(tmpfs_options("plain")), name)
    else:
        others = [other for other in names if other not in _placed()]
        seen = observe(listed_options(others))
        if not seen["kernel_rejects_unknown"]:
            not_testable("host: this kernel's tmpfs takes unknown options")
        accepted(seen, name)


_KINDS = ("private", "shared", "slave", "unbindable")


def _accepted_on_bind(observe: Observe, family: str, name: str) -> Row:
    """The row of an offer on a bind.

    A runtime that takes options on binds that nobody knows has recognized one that it refuses there.
    """
    seen = observe(bind_options(family))
    refused = seen["rows"].get(name, {}).get("clean")
    if refused and observe(attempt(MINIMAL.with_bind("/dev", "/mnt", INVENTED_OPTION)))["ran"]:
        not_testable("product: the option is known, and cannot be used", seen["rows"][name]["refused"])
    return accepted(seen, name)


def _named(family: str) -> set[str]:
    return {offer.name for offer in FAMILIES[family]}


def _placed() -> set[str]:
    """Options that are offered in bundles that other clauses are judged on as well."""
    families = ("plain", "rare", "bind", "recursive", "recursive-times", "propagation")
    return {*MAPPED, *(name for family in families for name in _named(family))}


def _judge_on_tmpfs(observe: Observe, demand: Demand) -> None:
    seen = observe(tmpfs_options(demand.family))
    row = accepted(seen, demand.name)
    if demand.rests_on_acceptance and not seen["kernel_rejects_unknown"]:
        not_testable("host: this kernel's tmpfs takes unknown options")
    demand.judge(row)


def _judge_mapping(observe: Observe, name: str) -> None:
    try:
        seen = mapped(observe, recursive=name == "ridmap")
    except Unsupported as refused:
        raise Violation(f"a mount with {name} to be made", refused.reason) from None
    expect(is_exchanged(seen["owners"]["top"], 0), f"owners are mapped by {name}", [str(seen["owners"])]).is_true()
