"""Clients as products under test, as a vendor runs them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin_runs import Plugin

PROGRAM = f"{sys.executable} -m pytest_oci.fixtures.mutants.client"
PULLS = "pull {reference} {layout} {ref}"


def judged(plugin: Plugin, client: str, *words: str, status: int) -> dict[str, str]:
    """The status of each test."""
    ledger = plugin.path / "ledger.jsonl"
    result = plugin.run(f"--oci-client={client}", "--oci-timeout=60", f"--oci-ledger={ledger}", *words)
    assert result.ret == status, result.stdout.str()
    return plugin.statuses(ledger)


def test_a_client_is_judged(plugin: Plugin) -> None:
    """What it keeps, and what it breaks; what it has no command for is unsupported."""
    clauses = ("manifest-digest-header-verified", "reference.*", "single-post.digest")
    words = [f"--oci-clause=dist.client.{name}" for name in clauses]
    kept = judged(plugin, f"{PROGRAM} '' {PULLS}", *words, status=0)
    broken = judged(plugin, f"{PROGRAM} manifest-header-believed {PULLS}", *words, status=1)

    assert set(kept.values()) == {"pass", "unsupported", "not-applicable"}
    assert [status for name, status in broken.items() if "digest_of_a_manifest_is_not_believed" in name] == ["fail"]
    assert list(broken.values()).count("fail") == 1
    assert plugin.left_behind() == []


@pytest.mark.parametrize(
    "words",
    [
        ("--oci-client=no-such-client",),
        ("--oci-client=/etc/passwd {reference}",),
        ("--oci-client=true {layout}",),
        ("--oci-client=true {reference}", "--oci-client-push=true {reference}"),
        ("--oci-layout=demo", "--oci-client-push=true {reference} {layout}"),
    ],
    ids=["unknown", "no-program", "no-reference", "no-content", "no-client"],
)
def test_what_is_no_client_is_one_line(plugin: Plugin, words: tuple[str, ...]) -> None:
    """And exit status 4."""
    result = plugin.run(*words)
    lines = [line for line in result.errlines if line.strip()]

    assert result.ret == 4
    assert len(lines) == 1
    assert lines[0].startswith("ERROR: --oci-client")
