"""config-linux.md, "Block IO"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit, fresh, look, require_own
from pytest_oci.fixtures.runtime.scenarios.limits import (
    DEVICE_WEIGHT,
    LEAF_WEIGHT,
    RATES,
    WEIGHT,
    WITH_LEAF_WEIGHT,
    limited,
    refused_or_applied,
)

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

DEFAULT_WEIGHTS = ("default 100", "100")


@clause("config.linux.resources.blockio.weight")
def test_weight_is_the_cgroups(observe: Observe) -> None:
    """The cgroup has the value; on version 2, where another file takes other weights, one that is not the default."""
    found = fresh(observe)
    files = [name for name in ("blkio.weight", "blkio.bfq.weight", "io.bfq.weight") if name in found["files"]]
    if not files and "io.weight" not in found["files"]:
        not_testable("host: a cgroup here has no weight for block devices")
    if not {"blkio.weight", "io.weight"} & set(found["files"]):
        _end_if_refused(observe)
    said = _weights(observe)
    same = [said[name] for name in files if any(_is(value, WEIGHT) for value in said.get(name, []))]
    converted = [value for value in said.get("io.weight", []) if value.splitlines()[0] not in DEFAULT_WEIGHTS]
    if not same and not converted:
        require_own(look(observe, "weight", "weights"))
        raise Violation(f"{WEIGHT} in {' or '.join(files) or 'io.weight'}", str(said))


def _end_if_refused(observe: Observe) -> None:
    """End the test if a product says that it cannot set a weight, where there is only that of the scheduler BFQ."""
    trouble = observe(limited("weights"))["troubles"].get("weight")
    if trouble and trouble["clean"]:
        not_testable("host: a cgroup here has a weight for BFQ only, which the product cannot set", trouble["text"])


def _is(content: str, weight: int) -> bool:
    return any(line in (f"{weight}", f"default {weight}") for line in content.splitlines())


def _weights(observe: Observe) -> dict[str, list[str]]:
    """What the container's cgroup says of weights."""
    files = look(observe, "weight", "weights")["files"]
    return {name: said for name, said in files.items() if name.endswith("weight") and "leaf" not in name}


@clause("config.linux.resources.blockio.weight-device")
def test_weight_of_a_device_is_the_cgroups(observe: Observe) -> None:
    """The cgroup has the value for the device."""
    disk = fresh(observe)["bfq_disk"]
    if disk is None:
        not_testable("host: no block device is served by the scheduler BFQ")
    line = f"{disk[0]}:{disk[1]} {DEVICE_WEIGHT}"
    files = ("blkio.weight_device", "blkio.bfq.weight_device", "io.bfq.weight", "io.weight")
    expect_limit(observe, "weight-device", dict.fromkeys(files, line), "weights")


@clause("config.linux.resources.blockio.leaf-weight")
def test_leaf_weight_is_applied_or_refused(observe: Observe) -> None:
    """The cgroup has the value where the kernel has such weights, and create reports an error elsewhere."""
    found = fresh(observe)
    if not {"blkio", "io"} & found["versions"].keys():
        not_testable("host: there is no cgroup controller for block devices")
    seen = observe(refused_or_applied(WITH_LEAF_WEIGHT))
    said = seen["files"].get("blkio.leaf_weight")
    if seen["created"] and said != [str(LEAF_WEIGHT)]:
        require_own(seen)
    if "blkio.leaf_weight" in found["files"]:
        expect(said, "blkio.leaf_weight", [seen["text"]]).equals([str(LEAF_WEIGHT)])
    elif not seen["clean"]:
        happened = "create reported success" if seen["created"] else f"create did not end cleanly: {seen['text']}"
        raise Violation("an error from create for leafWeight, which the kernel does not have", happened)


@clause("config.linux.resources.blockio.throttle-readbps")
def test_read_bytes_are_throttled(observe: Observe) -> None:
    """The cgroup has the rate for the device."""
    _expect_rate(observe, "throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps")


@clause("config.linux.resources.blockio.throttle-writebps")
def test_written_bytes_are_throttled(observe: Observe) -> None:
    """The cgroup has the rate for the device."""
    _expect_rate(observe, "throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps")


@clause("config.linux.resources.blockio.throttle-readiops")
def test_reads_are_throttled(observe: Observe) -> None:
    """The cgroup has the rate for the device."""
    _expect_rate(observe, "throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops")


@clause("config.linux.resources.blockio.throttle-writeiops")
def test_writes_are_throttled(observe: Observe) -> None:
    """The cgroup has the rate for the device."""
    _expect_rate(observe, "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops")


def _expect_rate(observe: Observe, field: str, file: str, word: str) -> None:
    disk = fresh(observe)["disk"]
    if disk is None:
        not_testable("host: there is no block device")
    number = f"{disk[0]}:{disk[1]}"
    last = "" if word == "wiops" else " *"
    expect_limit(observe, field, {file: f"{number} {RATES[field]}", "io.max": f"{number} *{word}={RATES[field]}{last}"})
