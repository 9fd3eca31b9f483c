"""config-vm.md: paths of the hypervisor, the kernel and the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.offered import expect_error
from pytest_oci.fixtures.runtime.scenarios.vm import vm_path

from pytest_oci import clause, not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@pytest.mark.parametrize(
    "pointer",
    [
        pytest.param(
            "/vm/hypervisor/path", marks=clause("config.vm.hypervisor.path.relative-rejected"), id="hypervisor"
        ),
        pytest.param("/vm/kernel/path", marks=clause("config.vm.kernel.path.relative-rejected"), id="kernel"),
        pytest.param("/vm/kernel/initrd", marks=clause("config.vm.kernel.initrd.relative-rejected"), id="initrd"),
        pytest.param("/vm/image/path", marks=clause("config.vm.image.path.relative-rejected"), id="image"),
    ],
)
def test_relative_path_is_an_error(observe: Observe, pointer: str) -> None:
    """Even one that leads to the file; a runtime that takes a path of no file does not read `vm`."""
    seen = observe(vm_path(pointer))
    if seen["given"] is None:
        not_testable(f"host: the bundle in PYTEST_OCI_BASE has no {pointer}")
    if seen["absolute"]["exists"] and seen["nowhere"]["exists"]:
        not_applicable(f"the runtime takes its settings from elsewhere than {pointer}")
    expect_error(seen["relative"], seen["absolute"], f"a relative {pointer}")
