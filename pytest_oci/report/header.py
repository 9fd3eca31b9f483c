"""What stands at the head of a run: products, versions and host, on the terminal and in the ledger."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest_oci
from pytest_oci.conditions import DEMONSTRATION
from pytest_oci.kinds import specs_of
from pytest_oci.requirements import lacking
from pytest_oci.suite import suite_digest

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from pytest_oci.given import Given
    from pytest_oci.host import Host


def header_lines(given: Given, host: Host) -> list[str]:
    """The lines for pytest's header."""
    lines = []
    for target in given.identities:
        details = [str(target["path"]), *target.get("arguments", ())]
        if "sha256" in target:
            details.append(f"sha256:{target['sha256'][:16]}…")
        if "profile" in target:
            details.append(f"profile {target['profile']}{', untried' if target.get('untried') else ''}")
        if target.get("platforms"):
            details.append(f"also judged for {', '.join(target['platforms'])}")
        what = target.get("version") or target.get("document", "")
        lines.append(f"oci {target['kind']}: {what} ({', '.join(details)})")
        if "adapter" in target:
            adapter = target["adapter"]
            lines.append(f"oci adapted product: all operations are those of the suite's adapter for {adapter}")
    claimed = given.settings.claimed
    specs = [spec for spec in specs_of(given.settings.targets) if spec in claimed]
    lines.append("oci specification: " + ", ".join(f"{spec}-spec {claimed[spec]}" for spec in specs))
    lines.append(f"oci host: {_host(host)}")
    return lines


def _host(host: Host) -> str:
    if host.system != "Linux":
        return f"{host.system} {host.kernel} {host.architecture}"
    lsms = " ".join(host.lsms) or "none"
    common = f"Linux {host.kernel} {host.architecture}, cgroups {host.cgroups}, LSMs {lsms}"
    if not host.root:
        return f"{common}, uid {host.uid}"
    return f"{common}, root, missing {' '.join(host.missing_capabilities) or 'no'} capabilities"


def ledger_header(
    given: Given, host: Host, words: Sequence[str], started: datetime.datetime, conditions: Mapping[str, Any]
) -> dict[str, Any]:
    """The ledger's header: suite, claim, products, host, deviations, command line, the conditions under pytest."""
    registry = {"workflows": sorted(given.workflows)} if "registry" in given.settings.targets else {}
    shown = os.environ.get(DEMONSTRATION)
    return {
        "suite": {"name": "pytest-oci", "version": pytest_oci.__version__, "sha256": suite_digest()},
        "claimed": dict(given.settings.claimed),
        "targets": given.identities,
        **registry,
        **({"demonstration": shown} if shown else {}),
        "bundle_to_start": given.settings.bundle_to_start,
        "host": host.to_json() | {"lacks": lacking(host)},
        "conditions": dict(conditions),
        "deviations": {name: deviation.reason for name, deviation in given.deviations.items()},
        "command_line": list(words),
        "started": started.isoformat(timespec="seconds"),
    }
