"""spec.md, "Warnings": the form and the size of Warning, wherever a registry sends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.registry.scenarios.errors import deleting, discovering, pulling, pushing

from pytest_oci import advised, clause, not_applicable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.registry.observer import Observe

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

SCENARIOS = {"pull": pulling, "discovery": discovering, "push": pushing, "management": deleting}
WORKFLOWS = pytest.mark.parametrize("workflow", SCENARIOS)
QUOTED = r'"(?:[^"\\]|\\.)*"'
VALUES = re.compile(rf"(?:{QUOTED}|[^,\"])+")
"""The values of one field: commas within quoted strings do not part them (RFC 9110, section 5.6)."""
WARNING = re.compile(rf"299 - (?P<text>{QUOTED})(?P<rest>.*)")
MOST = 4096


def warned(observe: Observe, workflow: str) -> Iterator[tuple[Exchange, list[str]]]:
    """The registry's answers with warnings, so far as the scenario came, and the values of those."""
    seen = observe(SCENARIOS[workflow](), whole=False)
    found = 0
    for exchange in seen.exchanges:
        fields = exchange.header_values("Warning")
        if fields and not exchange.foreign:
            found += 1
            yield exchange, [value for field in fields for value in values_in(field)]
    if seen.trouble is not None:
        seen.end(seen.trouble)
    if not found:
        not_applicable("the registry sends no Warning")


def values_in(field: str) -> list[str]:
    """The warnings in one field; one that is no list of warnings is a value as a whole."""
    parts = [part.strip() for part in VALUES.findall(field)]
    return [part for part in parts if part] if VALUES.sub("", field).strip(" ,") == "" else [field]


@clause("dist.warnings.code-and-agent")
@WORKFLOWS
def test_warnings_have_code_and_agent(observe: Observe, workflow: str) -> None:
    """The code 299, the agent -, and a text in quotes."""
    for exchange, values in warned(observe, workflow):
        for value in values:
            if WARNING.fullmatch(value) is None:
                raise Violation('299 - "a text"', value, exchange_lines(exchange))


@clause("dist.warnings.no-date")
@WORKFLOWS
def test_warnings_have_no_date(observe: Observe, workflow: str) -> None:
    """Nothing follows the text."""
    for exchange, values in warned(observe, workflow):
        for value in values:
            found = WARNING.fullmatch(value)
            if found is not None and found["rest"].strip():
                raise Violation('299 - "a text"', value, exchange_lines(exchange))


@clause("dist.warnings.max-4096-bytes")
@WORKFLOWS
def test_warnings_are_short(observe: Observe, workflow: str) -> None:
    """All texts of an answer together; that the whole fields are is a matter of how the sentence is read."""
    for exchange, values in warned(observe, workflow):
        texts = [found["text"][1:-1] if (found := WARNING.match(value)) else value for value in values]
        size, whole = (sum(len(text.encode("latin-1", "replace")) for text in many) for many in (texts, values))
        if size > MOST:
            raise Violation(f"at most {MOST} bytes of warnings", f"{size} bytes", exchange_lines(exchange))
        if whole > MOST:
            advised(f"at most {MOST} bytes of warnings", f"{whole} bytes with codes", *exchange_lines(exchange))
