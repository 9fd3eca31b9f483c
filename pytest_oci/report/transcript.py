"""The transcript of a scenario: what the product was asked, what it did, what the probe reported; cut visibly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.report.failure import SHOWN_CALLS, call_lines

if TYPE_CHECKING:
    from pytest_oci.observation import Observation

MOST_EXCHANGES = 40
MOST_FACTS = 1500
"""Characters of the facts that are shown; the ledger has all of them."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Of one scenario, as texts of several lines; an empty one where there is nothing of the sort."""

    scenario: str
    trouble: str
    calls: str
    facts: str


def transcript_of(observation: Observation) -> Transcript:
    """The transcript of a scenario that was observed."""
    trouble = observation.trouble
    lines = call_lines(observation.calls, most=2 * SHOWN_CALLS)
    exchanges = observation.exchanges
    if len(exchanges) > MOST_EXCHANGES:
        lines.append(f"({len(exchanges) - MOST_EXCHANGES} earlier exchanges are in the ledger)")
    lines += exchange_lines(*exchanges[-MOST_EXCHANGES:])
    facts = json.dumps(observation.facts, ensure_ascii=False) if observation.facts else ""
    return Transcript(
        scenario=observation.scenario,
        trouble=f"{trouble.operation}: {trouble.text}" if trouble else "",
        calls="\n".join(lines),
        facts=f"{facts[:MOST_FACTS]}… (cut: the ledger has the whole)" if len(facts) > MOST_FACTS else facts,
    )
