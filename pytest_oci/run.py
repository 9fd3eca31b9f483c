"""An active run: what it is given, what it is about, and the plugin objects that carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from pytest_oci import catalogue, proofs, selection, settings
from pytest_oci.given import Given, open_given
from pytest_oci.kinds import specs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.catalogue import Clause
    from pytest_oci.observation import Observation
    from pytest_oci.prove import Products  # noqa: F401 - named in a string
    from pytest_oci.recording import Recorder  # noqa: F401 - named in a string

CLAUSES = pytest.StashKey[tuple["catalogue.Clause", ...]]()
"""On an item: the clauses that it judges in this run."""
SHOWN = pytest.StashKey[list["Observation"]]()
"""On an item: the observations that its test was shown."""
RECORDER = pytest.StashKey["Recorder"]()
"""On the config of the controller: what keeps the books."""
PRODUCTS = pytest.StashKey["Products"]()
"""On the config: set by the fixtures."""
RUN = pytest.StashKey["Run"]()
"""On the config: the active run."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest with a product to judge; `worker` is empty but in a worker of xdist."""

    given: Given
    catalogue: Mapping[str, Clause]
    platforms: frozenset[str]
    worker: str
    recorded: frozenset[str] = frozenset()
    """While proving, the clauses that are proven on recordings only: they bind no product here."""

    @property
    def settings(self) -> settings.Settings:
        """What the user asked for."""
        return self.given.settings

    def not_applicable(self, clause: Clause) -> str | None:
        """Why a clause binds nothing in this run, None if it binds."""
        return selection.not_applicable_reason(clause, self.settings.claimed, self.platforms)

    def asks(self, clause: Clause) -> bool:
        """Whether the clause asks something of the targets, in some version and on some platform."""
        return selection.asks(clause, self.settings.targets, self.given.document_kinds)

    def judged(self, clause: Clause) -> bool:
        """Whether tests are to judge the clause: it binds, or is proven on recordings, whatever the platform."""
        if clause.id not in self.recorded:
            return self.not_applicable(clause) is None
        everywhere = frozenset(catalogue.PLATFORMS)
        return selection.not_applicable_reason(clause, self.settings.claimed, everywhere) is None

    def applicable(self) -> list[Clause]:
        """Every clause that asks something of the targets in this run, selected or not."""
        return selection.applicable(
            self.catalogue, self.settings.targets, self.settings.claimed, self.platforms, self.given.document_kinds
        )


def activate(config: pytest.Config) -> None:
    """Open the targets and register what judges and records. Raises pytest.UsageError in one line."""
    from pytest_oci.judging import Judge
    from pytest_oci.recording import Recorder

    given = open_given(settings.read_settings(config), getattr(config, "workerinput", {}).get("oci_handed", {}))
    specs = specs_of(given.settings.targets)
    worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
    recorded = proofs.unproven_live() if given.settings.prove else frozenset()
    own = [platform for target in given.identities for platform in target.get("platforms", ())]
    platforms = selection.host_platforms(given.host.system).union(own)
    run = Run(given, catalogue.load(*specs), platforms, worker, recorded)
    config.stash[RUN] = run
    config.pluginmanager.register(Judge(run), "oci-run")
    if not worker:
        config.stash[RECORDER] = Recorder(run, config)
        config.pluginmanager.register(config.stash[RECORDER], "oci-recorder")
    config.pluginmanager.import_plugin("pytest_oci.fixtures.plugin")
    if given.settings.prove:
        config.pluginmanager.register(import_module("pytest_oci.prove").Prover(run), "oci-prove")
