"""config.md, what binds on z/OS alone: noNewPrivileges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.scenarios.zos import USER, set_user_id_helper

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("config.process.no-new-privileges.applied-zos")
def test_set_user_id_program_gains_nothing(observe: Observe) -> None:
    """The same program makes an ordinary user root where it may."""
    seen = observe(set_user_id_helper())
    if seen["without"] != "0":
        not_testable("product: a set-user-ID program does not work even without noNewPrivileges", seen["without"])
    expect(seen["with"], "effective user of a set-user-ID program").equals(str(USER))
