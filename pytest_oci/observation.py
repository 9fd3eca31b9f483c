"""Observations: what came back from a scenario, as plain data that can be saved and judged again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pytest_oci.targets.registry.exchange import Exchange
from pytest_oci.targets.runtime import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

LOCK_SECONDS = 300.0
REPLAYED = "limit: the replayed ledger holds no observation of this scenario"
"""Why a test of a replay cannot judge; no run with a product gives this reason."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The operation on a valid stimulus at which a scenario could not go on, and what was the matter."""

    operation: str
    text: str
    clean: bool
    """Whether the product reported an error by itself: no crash, no time-out, nothing garbled."""
    limit: bool = False
    """Whether the operation was not even tried, because it had hung too often in this run."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Facts about one scenario: the calls made, what they and the probe brought, no opinion."""

    scenario: str
    calls: tuple[Call, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    trouble: Trouble | None = None
    exchanges: tuple[Exchange, ...] = ()
    """With a registry, in the place of calls."""

    def __getitem__(self, name: str) -> Any:
        """A fact by its name."""
        return self.facts[name]

    def calls_of(self, operation: str) -> list[Call]:
        """The calls of one operation, in order."""
        return [call for call in self.calls if call.operation == operation]

    def to_json(self) -> dict[str, Any]:
        """The observation as plain data."""
        trouble = self.trouble
        return {
            "scenario": self.scenario,
            "calls": [call.to_json() for call in self.calls],
            "facts": dict(self.facts),
            "trouble": asdict(trouble) if trouble else None,
        } | ({"exchanges": [exchange.to_json() for exchange in self.exchanges]} if self.exchanges else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Observation:
        """The inverse of to_json."""
        return cls(
            scenario=data["scenario"],
            calls=tuple(Call.from_json(call) for call in data["calls"]),
            facts=data["facts"],
            trouble=Trouble(**data["trouble"]) if data["trouble"] else None,
            exchanges=tuple(Exchange.from_json(exchange) for exchange in data.get("exchanges", ())),
        )


class Store(Protocol):
    """Where observations are kept, so that each scenario is played at most once in a run."""

    def get(self, scenario: str, play: Callable[[], Observation]) -> Observation:
        """The observation of a scenario; `play` makes it if there is none yet."""


class SharedStore:
    """Observations as files in a directory that all workers of a run share, each written under a lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[str, Observation] = {}

    def get(self, scenario: str, play: Callable[[], Observation]) -> Observation:
        """See Store."""
        if scenario in self._seen:
            return self._seen[scenario]
        from filelock import FileLock

        path = self._directory / f"{file_name(scenario)}.json"
        with FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS):
            if not path.exists():
                partial = path.with_suffix(".partial")
                partial.write_text(json.dumps(play().to_json()), encoding="utf-8")
                partial.rename(path)
            # Read even by the one who played it: every worker, and a replay, judges the very same data.
            observation = Observation.from_json(json.loads(path.read_text(encoding="utf-8")))
        self._seen[scenario] = observation
        return observation


class ReplayStore:
    """Observations of an earlier run; there is no product to ask again. What is asked for is kept in `shared`."""

    def __init__(self, observations: Mapping[str, Observation], shared: SharedStore) -> None:
        self._observations = observations
        self._shared = shared

    def get(self, scenario: str, play: Callable[[], Observation]) -> Observation:
        """See Store; `play` says what a scenario means that the earlier run did not play."""
        saved = self._observations.get(scenario)
        return play() if saved is None else self._shared.get(scenario, lambda: saved)


class RecordedStore:
    """Recorded observations in the place of a product, the last one of a scenario; they hold all that is asked."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._observations = {
            # As judged data always is: gone through JSON once.
            observation.scenario: Observation.from_json(json.loads(json.dumps(observation.to_json())))
            for observation in observations
        }

    def get(self, scenario: str, play: Callable[[], Observation]) -> Observation:  # noqa: ARG002 - nothing is played
        """See Store. Raises LookupError for a scenario that was not recorded."""
        if scenario not in self._observations:
            raise LookupError(f"the recording has no observation of {scenario}")
        return self._observations[scenario]


def file_name(scenario: str) -> str:
    """A file name for a scenario: its readable beginning and a digest of the whole."""
    import hashlib
    import re

    digest = hashlib.sha256(scenario.encode()).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', scenario)[:60]}-{digest}"
