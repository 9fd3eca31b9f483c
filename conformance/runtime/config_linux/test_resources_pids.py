"""config-linux.md, "PIDs"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import expect_limit, look, require_lifting, require_own
from pytest_oci.fixtures.runtime.scenarios.limits import PIDS, without_tasks

from pytest_oci import Violation, clause

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.linux.resources.pids.limit")
def test_number_of_tasks_is_limited(observe: Observe) -> None:
    """The cgroup has the limit."""
    expect_limit(observe, "pids", {"pids.max": str(PIDS)})


@clause("config.linux.resources.pids.limit-unlimited")
def test_limit_of_tasks_is_lifted(observe: Observe) -> None:
    """A limit of -1 leaves none in a cgroup that had one."""
    require_lifting(observe)
    expect_limit(observe, "pids", {"pids.max": "max"}, "unlimited")


@clause("config.linux.resources.pids.limit-zero")
def test_limit_of_no_tasks_is_a_limit(observe: Observe) -> None:
    """The cgroup has a limit, at which the container may fail to start; 1, at which it can just run, is one too."""
    look(observe, "pids")
    seen = observe(without_tasks())
    if seen["error"]:
        return
    if not any(value in ("0", "1") for value in seen["limits"]):
        require_own(seen)
        raise Violation("0 in pids.max, or a container that cannot start", f"{seen['limits']} in pids.max")
