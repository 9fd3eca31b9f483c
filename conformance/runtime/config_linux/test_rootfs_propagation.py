"""config-linux.md, "Rootfs Mount Propagation".

What is seen of mounts that are made later decides, so that a product's own mount table may say less than Linux's.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.scenarios.filesystem import with_propagation

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

PRIVATE = MINIMAL.having("/linux/rootfsPropagation", "private")
LATE = "a mount that the host makes below the rootfs shows in the container"
OUTWARD = "a mount that the container makes shows on the host"
ECHOED = "a mount below a bind mount of the root shows below the root"


def _root(observe: Observe, value: str) -> tuple[Seen, list[str]]:
    """The observation and the mount table's lines about the root. Which values a product supports is its choice."""
    seen = observe(with_propagation(value), refusal="unsupported")
    if seen["mountable"] < 0:
        not_testable(f"product: the container cannot mount anything ({errno.errorcode.get(-seen['mountable'])})")
    return seen, [*seen["root"], *seen["host"]]


@clause("config.linux.rootfs-propagation.applied")
def test_shared_root(observe: Observe) -> None:
    """The root has a peer group, and that is not one with the host."""
    seen, lines = _root(observe, "shared")
    if seen["bound"] < 0:
        not_testable("product: the container's root cannot be bind-mounted", *lines)
    expect(seen["echoed"], ECHOED, lines).is_true()
    expect(seen["outward"], OUTWARD, lines).is_false()


@clause("config.linux.rootfs-propagation.applied")
def test_slave_root(observe: Observe) -> None:
    """The root receives what the host mounts, and gives nothing back."""
    seen, lines = _root(observe, "slave")
    expect(seen["late"], LATE, lines).is_true()
    expect(seen["outward"], OUTWARD, lines).is_false()


@clause("config.linux.rootfs-propagation.applied")
def test_private_root(observe: Observe) -> None:
    """The root neither receives nor gives."""
    seen, lines = _root(observe, "private")
    expect(seen["late"], LATE, lines).is_false()
    expect(seen["outward"], OUTWARD, lines).is_false()
    if seen["bound"] == 0:
        expect(seen["echoed"], ECHOED, lines).is_false()


@clause("config.linux.rootfs-propagation.applied")
def test_unbindable_root(observe: Observe) -> None:
    """The root is private, and cannot be bind-mounted."""
    seen, lines = _root(observe, "unbindable")
    expect(seen["bound"], "result of bind-mounting the root (-22: it is unbindable)", lines).equals(-errno.EINVAL)
    expect(seen["late"], LATE, lines).is_false()
    expect(seen["outward"], OUTWARD, lines).is_false()


@clause("config.linux.rootfs-propagation.unknown-rejected")
def test_unknown_propagation_is_an_error(observe: Observe) -> None:
    """There are four values."""
    bogus = MINIMAL.having("/linux/rootfsPropagation", "bogus")
    expect_refused_at_create(observe, bogus, PRIVATE, "an unknown rootfsPropagation", refusal="unsupported")
