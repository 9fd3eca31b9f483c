"""Which clauses a run is about: by target, claimed version, platform and the user's patterns. Pure functions."""

from __future__ import annotations

import fnmatch
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.catalogue import Clause

TARGET_SPECS = {"runtime": "runtime", "bundle": "runtime"}
"""The specification that each kind of target is judged by; the kind is also the clauses' subject."""

PLATFORMS_OF = {
    "linux": frozenset({"any", "posix", "linux"}),
    "freebsd": frozenset({"any", "posix", "freebsd"}),
    "zos": frozenset({"any", "posix", "zos"}),
    "win32": frozenset({"any", "windows"}),
}
"""By the beginning of `sys.platform`. The platform `vm` is not the host's but the product's: its profile says so."""


def host_platforms() -> frozenset[str]:
    """Platforms whose clauses bind a product on this host."""
    name = next((name for name in PLATFORMS_OF if sys.platform.startswith(name)), "")
    return PLATFORMS_OF.get(name, frozenset({"any"}))


def not_applicable_reason(clause: Clause, claimed: Mapping[str, str], platforms: frozenset[str]) -> str | None:
    """Why a clause binds nothing in this run, None if it binds."""
    version = claimed[clause.spec]
    if not clause.binds(version):
        return f"not a duty in {clause.spec}-spec {version}"
    if clause.subject != "bundle" and clause.platform not in platforms:
        return f"a duty on {clause.platform} only"
    return None


def matches(clause: Clause, patterns: Sequence[str]) -> bool:
    """Whether the user's patterns, if there are any, select the clause."""
    return not patterns or any(fnmatch.fnmatchcase(clause.id, pattern) for pattern in patterns)


def applicable(
    clauses: Mapping[str, Clause], targets: frozenset[str], claimed: Mapping[str, str], platforms: frozenset[str]
) -> list[Clause]:
    """Every clause that asks something of these targets in the claimed versions on this platform."""
    return [
        clause
        for clause in clauses.values()
        if clause.subject in targets
        and TARGET_SPECS[clause.subject] == clause.spec
        and not_applicable_reason(clause, claimed, platforms) is None
    ]
