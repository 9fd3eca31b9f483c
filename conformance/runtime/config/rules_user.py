"""Rules about `process.user` on POSIX platforms (config.md, POSIX-platform User)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import Object, is_integer, present, require, select

if TYPE_CHECKING:
    from pytest_oci.documents.findings import Finding


def user_has(document: Object, name: str) -> list[Finding]:
    """A user without an integer of this name; no word of the text requires a user at all."""
    scope.require_posix(document)
    user = select(document, "process", "user") if select(document, "process") else []
    return require(present(user, "user"), name, is_integer, "an integer")
