"""Which clauses a run is about: by target, claimed version, platform and the user's patterns. Pure functions."""

from __future__ import annotations

import fnmatch
import sys
from typing import TYPE_CHECKING, Any

from pytest_oci.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.catalogue import Clause

BESIDE = "bundle-directory"
"""In a clause's needs: it is about what lies beside config.json as well."""

PORTABLE = frozenset({"bundle", "image"})
"""Subjects that are judged on any host, whatever platform they are for."""

PLATFORMS_OF = {
    "linux": frozenset({"any", "posix", "linux"}),
    "freebsd": frozenset({"any", "posix", "freebsd"}),
    "zos": frozenset({"any", "posix", "zos"}),
    "win32": frozenset({"any", "windows"}),
}
"""By the beginning of `sys.platform`. The platform `vm` is not the host's but the product's: its profile says so."""
SYSTEMS = {"Windows": "win32", "OS/390": "zos"}
"""What `sys.platform` begins with on kernels that call themselves otherwise."""


def host_platforms(system: str = "") -> frozenset[str]:
    """Platforms whose clauses bind a product on this host, or on one with this kernel (`Host.system`)."""
    called = SYSTEMS.get(system, system.lower()) or sys.platform
    name = next((name for name in PLATFORMS_OF if called.startswith(name)), "")
    return PLATFORMS_OF.get(name, frozenset({"any"}))


def not_applicable_reason(clause: Clause, claimed: Mapping[str, str], platforms: frozenset[str]) -> str | None:
    """Why a clause binds nothing in this run, None if it binds."""
    version = claimed.get(clause.spec)
    if version is None:
        return f"{clause.spec}-spec is not claimed: --oci-spec-version={clause.spec}:… does"
    if not clause.binds(version):
        return f"not a duty in {clause.spec}-spec {version}"
    if clause.subject not in PORTABLE and clause.platform not in platforms:
        return f"a duty on {clause.platform} only"
    return None


def documents_of(clause: Clause) -> frozenset[str]:
    """The kinds of documents that show by themselves whether a clause is kept.

    What binds bundles is about config.json, but for bundle.md and what needs the bundle's directory as well. What binds
    runtimes says so in its record: the state and the features are theirs.
    """
    if clause.subject != "bundle":
        return frozenset(clause.documents)
    return frozenset() if clause.document == "bundle.md" or BESIDE in clause.needs else frozenset({"config"})


def asks(clause: Clause, targets: frozenset[str], documents: frozenset[str]) -> bool:
    """Whether a clause asks something of one of these targets; `documents` are the kinds of documents among them."""
    return any(KINDS[kind].owes(clause) for kind in targets) or bool(documents_of(clause) & documents)


def matches(clause: Clause, patterns: Sequence[str]) -> bool:
    """Whether the user's patterns, if there are any, select the clause."""
    return not patterns or any(fnmatch.fnmatchcase(clause.id, pattern) for pattern in patterns)


def applicable(
    clauses: Mapping[str, Clause],
    targets: frozenset[str],
    claimed: Mapping[str, str],
    platforms: frozenset[str],
    documents: frozenset[str] = frozenset(),
) -> list[Clause]:
    """Every clause that asks something of these targets in the claimed versions on this platform.

    Of documents (`documents` are their kinds) only those clauses ask that can be judged on them alone: a verdict on a
    document says nothing of the product that wrote it.
    """
    return [
        clause
        for clause in clauses.values()
        if asks(clause, targets, documents) and not_applicable_reason(clause, claimed, platforms) is None
    ]


def targets_of(header: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of the targets in a ledger's header, and those of the documents among them."""
    targets = header["targets"]
    kinds = frozenset(str(target["kind"]) for target in targets)
    return kinds, frozenset(str(target["document"]) for target in targets if "document" in target)


def applicable_to(header: Mapping[str, Any], clauses: Mapping[str, Clause]) -> list[Clause]:
    """Every clause that asks something of the targets in a ledger's header, on the host that it describes.

    Kinds of targets that are not known here ask nothing. Raises KeyError, TypeError and AttributeError for a header of
    another form than the suite's.
    """
    kinds, documents = targets_of(header)
    own = {platform for target in header["targets"] for platform in target.get("platforms", ())}
    platforms = host_platforms(str(header["host"].get("system", "Linux"))) | own
    return applicable(clauses, kinds & KINDS.keys(), header["claimed"], platforms, documents)
