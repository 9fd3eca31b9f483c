"""spec.md, "Error Codes": what answers 4XX say in JSON, where they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.answers import CODES
from pytest_oci.fixtures.registry.scenarios.errors import deleting, discovering, pulling, pushing

from pytest_oci import advised, clause, not_applicable, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.registry.observer import Observe

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

SCENARIOS = {"pull": pulling, "discovery": discovering, "push": pushing, "management": deleting}
WORKFLOWS = pytest.mark.parametrize("workflow", SCENARIOS)
CHARACTERS = re.compile("[A-Z_]+")
LEGACY = ("TAG_INVALID", "MANIFEST_UNVERIFIED")
"""Codes that the specification tolerates (spec.md, "Legacy Docker support error codes")."""
STRUCTURED = (b"{", b"[")


def refusals(observe: Observe, workflow: str) -> Iterator[tuple[Exchange, Any]]:
    """The answers 4XX with a JSON object or array, so far as the scenario came, and what that is."""
    seen = observe(SCENARIOS[workflow](), whole=False)
    found = 0
    for exchange in seen.exchanges:
        document = refusal_in(exchange)
        if document is not None:
            found += 1
            yield exchange, document
    if seen.trouble is not None:
        seen.end(seen.trouble)
    if not found:
        not_applicable("no refusal has a body in JSON")


def refusal_in(exchange: Exchange) -> Any:
    """The JSON object or array that the registry itself refuses something with; None if there is none."""
    body = exchange.body
    if exchange.foreign or exchange.failure or not 400 <= exchange.status < 500 or exchange.method == "HEAD":
        return None
    if not body.kept.lstrip().startswith(STRUCTURED):
        return None
    if not body.whole:
        not_testable(f"limit: {len(body.kept)} of {body.length} bytes were kept", *exchange_lines(exchange))
    try:
        return body.json()
    except ValueError:
        return None


def errors_in(document: Any) -> list[dict[str, Any]]:
    """The errors in a refusal, those that are objects; the form of the rest is another clause's."""
    listed = document.get("errors") if isinstance(document, dict) else None
    return [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []


def errors(observe: Observe, workflow: str) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    """Every error of every refusal in JSON."""
    for exchange, document in refusals(observe, workflow):
        for error in errors_in(document):
            yield exchange, error


@clause("dist.errors.json-format")
@WORKFLOWS
def test_refusals_in_json_have_their_form(observe: Observe, workflow: str) -> None:
    """An object with an array of objects called errors; one without any is odd."""
    empty = None
    for exchange, document in refusals(observe, workflow):
        listed = document.get("errors") if isinstance(document, dict) else None
        if not isinstance(listed, list) or not all(isinstance(error, dict) for error in listed):
            raise Violation('{"errors": [{"code": …}, …]}', show(document), exchange_lines(exchange))
        empty = empty if listed else exchange
    if empty is not None:
        advised("an error with its code", "an empty array of errors", *exchange_lines(empty))


@clause("dist.errors.code-characters")
@WORKFLOWS
def test_codes_are_of_letters_and_underscores(observe: Observe, workflow: str) -> None:
    """Every error has a code, a text of capital letters and underscores."""
    for exchange, error in errors(observe, workflow):
        code = error.get("code")
        if not isinstance(code, str) or CHARACTERS.fullmatch(code) is None:
            told = show(code) if "code" in error else "no code"
            raise Violation("a code of capital letters and underscores", told, exchange_lines(exchange))


@clause("dist.errors.code-listed")
@WORKFLOWS
def test_codes_are_those_of_the_specification(observe: Observe, workflow: str) -> None:
    """Which one is given for what is left to the registry."""
    for exchange, error in errors(observe, workflow):
        code = error.get("code")
        if isinstance(code, str) and CHARACTERS.fullmatch(code) and code not in (*CODES, *LEGACY):
            raise Violation(f"one of {', '.join(CODES)}", code, exchange_lines(exchange))


@clause("dist.errors.message-string")
@WORKFLOWS
def test_messages_are_texts(observe: Observe, workflow: str) -> None:
    """A message is a text, where there is one."""
    for exchange, error in errors(observe, workflow):
        if "message" in error and not isinstance(error["message"], str):
            raise Violation("a message that is a text", show(error["message"]), exchange_lines(exchange))
