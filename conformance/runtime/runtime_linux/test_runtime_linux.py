"""runtime-linux.md: symbolic links in /dev."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime.bundle import MINIMAL

from pytest_oci import Violation, clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=clause(f"runtime.linux.dev-symlinks.{name}"), id=name) for name in LINKS]
)
def test_link_in_dev(observe: Observe, name: str) -> None:
    """With /proc mounted, the link is there and leads where it has to; it may be a relative one."""
    target = observe(MINIMAL).report.device_link(name)
    if target is None:
        raise Violation(f"/dev/{name} to be a symbolic link", "there is none")
    expect(posixpath.normpath(posixpath.join("/dev", target)), f"target of /dev/{name}").equals(LINKS[name])
