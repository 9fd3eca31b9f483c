"""runtime.md, "Errors" and "Warnings"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.operations import FAULTS, failing_create, warned

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("runtime.errors.state-unchanged")
def test_failed_create_leaves_nothing_behind(observe: Observe) -> None:
    """No state entry, cgroup, mount, process or file is there that was not before."""
    left, judged = [], 0
    for fault in FAULTS:
        seen = observe(failing_create(fault))
        if not seen.get("missing") and seen["call"]["refused"]:
            judged += 1
            left += [f"{fault}: {kind}: {', '.join(found)}" for kind, found in seen["left"].items()]
    if not judged:
        not_testable("depends-on: runtime.ops.create.cannot-apply-error", "no create reported an error")
    expect(left, "what failed creates left behind").is_empty()


@clause("runtime.warnings.flow-continues")
def test_delete_goes_on_after_a_failing_poststop_hook(observe: Observe) -> None:
    """A failing poststop hook is only worth a warning: the other hook runs and the container is deleted."""
    seen = observe(warned(), root="runtime.ops.all-supported")
    if "failing" not in seen["hooks"]:
        not_testable("depends-on: runtime.lifecycle.poststop.invoked", "the failing hook did not run")
    evidence = [seen["delete"]["text"]]
    expect(seen["after"]["document"], "state after delete", evidence).is_none()
    expect(seen["hooks"], "poststop hooks that ran", evidence).equals(["failing", "second"])
