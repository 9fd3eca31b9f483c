"""Whoever verifies a ledger has to have the very suite that judged: it is known by the digest of its sources."""

from __future__ import annotations

from sources import digest_by_hand

from pytest_oci.suite import suite_digest


def test_the_digest_is_that_of_the_sources() -> None:
    """Wherever the suite is installed, from a wheel or as the checkout itself."""
    assert suite_digest() == digest_by_hand()
