"""config.md, "Hostname" and "Domainname"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.bundle import MINIMAL

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

HOSTNAME, DOMAINNAME = "t-host", "d.test"


@clause("config.hostname.applied")
def test_hostname_is_seen_in_the_container(observe: Observe) -> None:
    """The program sees the configured name."""
    seen = observe(MINIMAL.having("/hostname", HOSTNAME), refusal="unsupported")
    expect(seen.report.hostname, "hostname").equals(HOSTNAME)


@clause("config.domainname.applied")
def test_domainname_is_seen_in_the_container(observe: Observe) -> None:
    """The program sees the configured domain name."""
    seen = observe(MINIMAL.having("/domainname", DOMAINNAME), refusal="unsupported")
    expect(seen.report.domainname, "domainname").equals(DOMAINNAME)
