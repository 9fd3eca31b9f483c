"""Reading the facts of scenarios with hooks: what every judgement on hooks begins with."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.probe.report import FactError, Report
from pytest_oci.fixtures.runtime.baseline import ROOT_CLAUSES
from pytest_oci.fixtures.runtime.container import parse_object
from pytest_oci.fixtures.runtime.scenarios.hooks import KINDS, lifecycle

from pytest_oci import Violation, clause, not_testable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _pytest.mark import ParameterSet
    from pytest_oci.fixtures.probe.hooklog import Event, Look
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

SLUGS = {
    "prestart": "prestart",
    "createRuntime": "create-runtime",
    "createContainer": "create-container",
    "startContainer": "start-container",
    "poststart": "poststart",
    "poststop": "poststop",
}
"""The kinds of hooks as clause ids spell them."""


def invoked(kind: str) -> str:
    """The clause that everything about hooks of a kind builds on."""
    return f"runtime.lifecycle.{SLUGS[kind]}.invoked"


def kinds(*patterns: str, of: Iterable[str] = KINDS) -> list[ParameterSet]:
    """A parameter set for each kind of hook, with the clauses that the patterns give with `{}` for the kind."""
    return [
        pytest.param(kind, id=SLUGS[kind], marks=clause(*(pattern.format(SLUGS[kind]) for pattern in patterns)))
        for kind in of
    ]


class Hooked:
    """The facts of the scenario `lifecycle`."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The hooks' log."""
        return parse_log(self.facts["log"])

    @cached_property
    def program(self) -> Event | None:
        """The first act of the container's program, None if there was none."""
        return next(iter(parse_log(self.facts["program"])), None)

    def begun(self, kind: str) -> list[Event]:
        """The first beginning of each hook of a kind, in order of time; those that never began are left out."""
        first: dict[str, Event] = {}
        for event in self.events:
            if event.event == "begin" and event.name in self.facts["hooks"].get(kind, []):
                first.setdefault(event.name, event)
        return sorted(first.values(), key=lambda event: event.time)

    def hooks(self, kind: str) -> list[Event]:
        """The same; if none began there is nothing to judge."""
        return self.begun(kind) or not_testable(f"depends-on: {invoked(kind)}", f"no {kind} hook wrote to its log")

    def end(self, name: str) -> Event | None:
        """The first end of a hook, None if it came to none."""
        return next((event for event in self.events if event.event == "end" and event.name == name), None)

    def times(self, name: str) -> int:
        """How often a hook began."""
        return sum(event.event == "begin" and event.name == name for event in self.events)

    def looks(self, kind: str) -> tuple[Look, ...]:
        """What the first hook of a kind, which looks around, saw."""
        name = self.facts["hooks"][kind][0]
        end = self.end(name)
        if end is None:
            self.hooks(kind)
            return not_testable(f"limit: the hook {name} was ended before it could look around")
        return end.looks

    def look(self, kind: str, option: str, value: str = "") -> Look:
        """One of them by its option and the beginning of its value."""
        for look in self.looks(kind):
            if look.option == option and look.value.startswith(value):
                return look
        return not_testable(f"limit: the first {kind} hook made no look {option}={value}")

    def at(self, moment: str, kind: str) -> list[str]:
        """Hooks of a kind that had begun at a moment of the scenario, each once."""
        return [name for name in self.facts["hooks"].get(kind, []) if name in self.facts[moment]]

    def entry(self, event: Event) -> dict[str, Any]:
        """How a hook stands in config.json."""
        entry: dict[str, Any] = self.facts["entries"][event.name]
        return entry

    @property
    def report(self) -> Report:
        """What the program reports."""
        report = self.facts.get("report")
        return Report.parse(report) if report else not_testable(f"depends-on: {ROOT_CLAUSES['start']}")


def lived(observe: Observe, *wanted: str, decoys: bool = True, looked_into: bool = False) -> Hooked:
    """The lifecycle with hooks of all kinds; where the product cannot live it, that with only the wanted kinds.

    So a product that stumbles over one kind is judged on the others. With `looked_into` hooks look into the container's
    process, which an ordinary user may do only in namespaces of the user's own.
    """

    def play(kinds: list[str]) -> Seen:
        whole = lifecycle(kinds, decoys)
        if looked_into and not observe.host.root:
            whole = whole.within_own_namespaces()
        return observe(whole, whole=False)

    seen = play(list(KINDS))
    if stuck(seen, wanted):
        seen = play(list(wanted))
        if (trouble := stuck(seen, wanted)) is not None:
            _require_baseline(observe, seen)
            roots = [invoked(kind) for kind in wanted]
            if not observe.judges(*roots):
                not_testable(f"depends-on: {roots[0]}", trouble)
            raise Violation(f"a container with {' and '.join(wanted)} hooks to live its whole life", trouble)
    return Hooked(seen.observation.facts)


def stuck(seen: Seen, wanted: Iterable[str]) -> str | None:
    """What kept a lifecycle from coming as far as the wanted kinds of hooks need, in words."""
    trouble = seen.trouble
    if trouble is None or (trouble.operation in ("kill", "delete") and "poststop" not in wanted):
        return None
    return trouble.text


def _require_baseline(observe: Observe, seen: Seen) -> None:
    """Nothing can be said of hooks if a container without any is stuck at the same operation."""
    plain = observe.baseline().trouble
    if plain is not None and seen.trouble is not None and plain.operation == seen.trouble.operation:
        not_testable(f"depends-on: {ROOT_CLAUSES[plain.operation]}", plain.text)


def state_of(event: Event) -> dict[str, Any] | None:
    """The JSON object that a hook read from stdin, None if it was none."""
    try:
        return parse_object(event.stdin)
    except FactError:
        return None


def found(read: Callable[..., Any], *arguments: object) -> Any:
    """What reading a fact gives; an end without judgement if the probe could not learn it."""
    try:
        return read(*arguments)
    except FactError as error:
        return not_testable(f"limit: {error}")
