"""spec.md, "Requirements", and "Determining Support": workflows as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.distribution.answers import expect_status, require
from pytest_oci.fixtures.registry.scenarios.categories import (
    base,
    discovery_endpoints,
    listed,
    management_endpoints,
    push_endpoints,
)
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import clause, expect, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.registry.observer import Observe

    from pytest_oci.targets.registry.exchange import Exchange

pytestmark = pytest.mark.distribution

ENDPOINTS = {"push": push_endpoints, "discovery": discovery_endpoints, "management": management_endpoints}
WORKFLOWS = pytest.mark.parametrize("workflow", ENDPOINTS)
ABSENT = frozenset({404, 405, 501})
"""Answers that say there is no such operation, where what it is about is there."""
DISABLED = frozenset({400, 405})
"""Answers to DELETE where that is disabled, which it may be."""
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def lacking(observe: Observe, workflow: str) -> Iterator[Exchange]:
    """The requests of a workflow that the registry does not know, so far as the scenario came."""
    seen = observe(ENDPOINTS[workflow](), whole=False)
    asked = seen["asked"]
    for name, exchange in asked.items():
        if name == "GET" and observe.version.startswith("1.0"):
            continue
        if workflow == "management" and exchange.status in DISABLED:
            continue
        if exchange.status in ABSENT:
            yield exchange
    for exchange in asked.values():
        if outside(exchange):
            not_testable(f"{outside(exchange)}: {exchange.answer}", *exchange_lines(exchange))
    if "POST" in asked and asked["POST"].status not in ABSENT:
        require(asked["POST"], "dist.upload.post.status-202")
    if seen.trouble is not None:
        seen.end(seen.trouble)


@clause("dist.categories.claimed-implemented")
@WORKFLOWS
def test_claimed_workflow_is_there(observe: Observe, workflow: str) -> None:
    """Every operation of a claimed workflow is known; how it is answered is asked by clauses of their own."""
    for exchange in lacking(observe, workflow):
        raise Violation(f"an answer that knows {exchange.method}", exchange.line, exchange_lines(exchange))


@clause("dist.categories.others-supported")
@WORKFLOWS
def test_workflow_is_there(observe: Observe, workflow: str) -> None:
    """All workflows beside pulling are claimed, and their first operation is known."""
    if workflow not in observe.observer.workflows:
        raise Violation(f"the workflow {workflow}", "it is not claimed")
    for exchange in lacking(observe, workflow):
        raise Violation(f"an answer that knows {exchange.method}", exchange.line, exchange_lines(exchange))


@clause("dist.api.base.answers-200")
@pytest.mark.parametrize("who", ["known", "stranger"])
def test_base_is_there(observe: Observe, who: str) -> None:
    """GET of /v2/ is answered with 200; those without an account may get 401."""
    exchange = observe(base())[who]
    if who == "stranger" and exchange.status == 401:
        return
    if outside(exchange):
        not_testable(f"{outside(exchange)}: {exchange.answer}", *exchange_lines(exchange))
    expect_status(exchange, 200, "GET of /v2/")


@clause("dist.registry.listed-tags.regex")
def test_listed_tags_are_tags(observe: Observe) -> None:
    """Every entry of the list of tags has the form of a tag."""
    exchange = observe(listed())["list"]
    require(exchange, "dist.tags.list.status-200")
    evidence = exchange_lines(exchange)
    try:
        tags = exchange.body.json()["tags"]
    except (ValueError, KeyError, TypeError):
        tags = None
    if not isinstance(tags, list):
        not_testable("depends-on: dist.tags.list.body", *evidence)
    for tag in tags:
        expect(tag, "an entry of the list of tags", evidence).satisfies(
            lambda value: isinstance(value, str) and TAG.fullmatch(value) is not None, "a tag"
        )
