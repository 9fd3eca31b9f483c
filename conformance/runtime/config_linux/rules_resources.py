"""Rules about `resources` (config-linux.md, Control groups, from Allowed Device list to RDMA)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import BOOLEAN, INT64, STRING, UINT32, UINT64, Required
from pytest_oci.conformance.runtime.config.tree import (
    EACH,
    Node,
    Object,
    describe,
    integer,
    present,
    select,
)

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

_PAGE_SIZE = re.compile(r"[1-9][0-9]*[KMGTPE]?B")

RESOURCES = ("linux", "resources")
_BLOCK = (*RESOURCES, "blockIO")
_BPS = tuple((*_BLOCK, name, EACH) for name in ("throttleReadBpsDevice", "throttleWriteBpsDevice"))
_IOPS = tuple((*_BLOCK, name, EACH) for name in ("throttleReadIOPSDevice", "throttleWriteIOPSDevice"))
_WEIGHTS = (*_BLOCK, "weightDevice", EACH)
_PAGES = ((*RESOURCES, "hugepageLimits", EACH),)
_PRIORITIES = ((*RESOURCES, "network", "priorities", EACH),)
_NUMBERS = ("major", "minor")


def is_page_size(value: JsonValue) -> bool:
    """Whether a value is a number of bytes with a unit, as files of the hugetlb controller are named."""
    return isinstance(value, str) and _PAGE_SIZE.fullmatch(value) is not None


REQUIRED = tuple(
    Required(f"config.linux.resources.{clause}.required", *rest)
    for clause, *rest in (
        ("devices.allow", ((*RESOURCES, "devices", EACH),), ("allow",), BOOLEAN),
        ("blockio.weight-device.major-minor", (_WEIGHTS,), _NUMBERS, INT64),
        ("blockio.throttle-bps.major-minor", _BPS, _NUMBERS, INT64),
        ("blockio.throttle-bps.rate", _BPS, ("rate",), UINT64),
        ("blockio.throttle-iops.major-minor", _IOPS, _NUMBERS, INT64),
        ("blockio.throttle-iops.rate", _IOPS, ("rate",), UINT64),
        ("hugepage-limits.pagesize", _PAGES, ("pageSize",), (is_page_size, "a size like 64KB, 2MB or 1GB")),
        ("hugepage-limits.limit", _PAGES, ("limit",), UINT64),
        ("network.priorities.name", _PRIORITIES, ("name",), STRING),
        ("network.priorities.priority", _PRIORITIES, ("priority",), UINT32),
        ("pids.limit", ((*RESOURCES, "pids"),), ("limit",), INT64, (1, 0), (1, 2)),
    )
)


def weight_devices_have_a_weight(document: Object) -> list[Finding]:
    """Entries of `weightDevice` with neither `weight` nor `leafWeight`."""
    nodes = present(select(document, *_WEIGHTS), "blockIO.weightDevice")
    entries = [node for node in nodes if isinstance(node.value, dict)]
    if not entries:
        not_testable("depends-on: config.linux.resources.blockio.weight-device.major-minor.required")
    return _without_any(entries, "weight", "leafWeight")


def rdma_devices_have_a_limit(document: Object) -> list[Finding]:
    """Entries of `rdma` with neither `hcaHandles` nor `hcaObjects`."""
    devices = present(select(document, *RESOURCES, "rdma"), "rdma")[0]
    if not isinstance(devices.value, dict):
        not_testable(f"product: {devices.pointer} is {describe(devices.value)}, no object")
    entries = [Node((*devices.tokens, name), value) for name, value in devices.value.items()]
    return _without_any(present(entries, "device in rdma"), "hcaHandles", "hcaObjects")


def burst_within_quota(document: Object) -> list[Finding]:
    """A `burst` above a positive `quota`."""
    scope.require_version(document, since=(1, 1))
    quota, burst = (_number(document, name) for name in ("quota", "burst"))
    if quota is None or burst is None:
        not_applicable("no cpu.quota together with cpu.burst in this configuration")
    if quota[1] <= 0 or burst[1] <= quota[1]:
        return []
    return [
        Finding(burst[0].pointer, describe(burst[0].value), f"at most {quota[1]}, the quota"),
        Finding(quota[0].pointer, describe(quota[0].value), f"at least {burst[1]}, the burst, or not positive"),
    ]


def _number(document: Object, name: str) -> tuple[Node, int] | None:
    for node in select(document, *RESOURCES, "cpu", name):
        number = integer(node.value)
        if number is None:
            not_testable(f"product: {node.pointer} is {describe(node.value)}, no integer")
        return node, number
    return None


def _without_any(entries: list[Node], *names: str) -> list[Finding]:
    expected = f"an object with {' or '.join(names)}"
    return [
        Finding(node.pointer, f"an object with neither {' nor '.join(names)}", expected)
        if isinstance(node.value, dict)
        else Finding(node.pointer, describe(node.value), expected)
        for node in entries
        if not isinstance(node.value, dict) or all(node.value.get(name) is None for name in names)
    ]
