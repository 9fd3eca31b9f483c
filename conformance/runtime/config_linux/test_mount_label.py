"""config-linux.md, "Mount Label"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.security_modules import LABELLED, with_mount_label

from pytest_oci import Violation, clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.linux.mount-label.applied")
def test_mount_has_the_label(observe: Observe) -> None:
    """A tmpfs has the configured SELinux context."""
    seen = observe(with_mount_label(), refusal="unsupported")
    if seen["label"] is None:
        not_testable("host: the SELinux policy knows no labels of containers' files")
    if not seen["lines"]:
        raise Violation("the program to run and report", f"no report; its output is {seen['output'][-300:]!r}")
    answer = seen["lines"][0]
    found = answer["buffer"].rstrip("\0") if answer["rc"] >= 0 else answer["rc"]
    expect(found, f"SELinux context of the tmpfs at {LABELLED}").equals(seen["label"])
