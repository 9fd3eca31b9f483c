"""glossary.md, "JSON", as far as it binds runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.runtime.judging import repeated_names, state_in
from pytest_oci.fixtures.runtime.scenarios.operations import hooked, life, printed_features

from pytest_oci import clause, expect, not_applicable

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime


@clause("glossary.json.no-duplicate-names.emitted")
@pytest.mark.parametrize("moment", ["created", "running", "stopped"], ids=str)
def test_state_repeats_no_name(observe: Observe, moment: str) -> None:
    """In no object of what state prints."""
    look = observe(life(), whole=False)[moment]
    state_in(look, moment)
    expect(repeated_names(look["raw"]), "names that stand twice in one object").is_empty()


@clause("glossary.json.no-duplicate-names.emitted")
def test_hooks_are_told_no_name_twice(observe: Observe) -> None:
    """In no object of what hooks are given on their standard input."""
    given = [hook for hook in observe(hooked(), root="runtime.ops.all-supported")["hooks"] if hook["document"]]
    if not given:
        not_applicable("no hook was given a JSON document")
    found = [f"{hook['name']}: {name}" for hook in given for name in repeated_names(hook["raw"])]
    expect(found, "names that stand twice in one object").is_empty()


@clause("glossary.json.no-duplicate-names.emitted")
def test_features_repeat_no_name(observe: Observe) -> None:
    """In no object of what features prints, if there is such an operation."""
    seen = observe(printed_features())
    if not seen["call"]["ok"]:
        not_applicable(f"there are no features to read: {seen['call']['text']}")
    expect(repeated_names(seen["raw"]), "names that stand twice in one object").is_empty()
