"""config.md, "Root"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.root import root_path, root_readonly

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.root.path.applied")
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
def test_root_path_is_the_root_filesystem(observe: Observe, absolute: bool) -> None:
    """The program sees the file that only the directory named by root.path has."""
    expect(observe(root_path(absolute))["marker"], "text of /marker").equals("right")


@clause("config.root.readonly.enforced")
def test_readonly_root_cannot_be_changed(observe: Observe) -> None:
    """Whatever can be done to files of a writable root cannot be done to those of a readonly one."""
    seen = observe(root_readonly())
    control = seen["writable"]["results"]
    impossible = sorted(what for what, result in control.items() if result < 0)
    if impossible:
        not_testable(f"product: without readonly it is not possible either to {', '.join(impossible)}")
    done = sorted(what for what, result in seen["readonly"]["results"].items() if result >= 0)
    expect(done, "what can be done to files of the readonly root", [seen["readonly"]["line"]]).is_empty()
