"""Virtual machines in a configuration (config-vm.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.required import Required, parameters
from pytest_oci.conformance.runtime.config_vm import rules_vm as rules

from pytest_oci import advised, clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("required", parameters(rules.REQUIRED))
def test_vm_has_what_is_required(document: Object, required: Required) -> None:
    """The objects of the section have what is required of them."""
    expect(required.faults(document), "faults").is_empty()


@clause("config.vm.hypervisor.path.absolute")
def test_hypervisor_path_is_absolute(document: Object) -> None:
    """The path of the hypervisor is absolute."""
    expect(rules.path_absolute(document, "hypervisor"), "faults").is_empty()


@clause("config.vm.kernel.path.absolute")
def test_kernel_path_is_absolute(document: Object) -> None:
    """The path of the kernel is absolute."""
    expect(rules.path_absolute(document, "kernel"), "faults").is_empty()


@clause("config.vm.image.path.absolute")
def test_image_path_is_absolute(document: Object) -> None:
    """The path of the image is absolute."""
    expect(rules.path_absolute(document, "image"), "faults").is_empty()


@clause("config.vm.kernel.initrd.absolute")
def test_initrd_is_absolute(document: Object) -> None:
    """The path of the initial ramdisk is absolute."""
    expect(rules.initrd_absolute(document), "faults").is_empty()


@clause("config.vm.image.format.required")
def test_image_has_a_format(document: Object) -> None:
    """The format is a string; that it is absent is against one reading of the text only."""
    expect(rules.format_is_a_string(document), "faults").is_empty()
    for finding in rules.format_is_there(document):
        advised(f"{finding.pointer}: {finding.expected}", finding.actual)
