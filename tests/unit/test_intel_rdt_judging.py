"""Judging of Intel RDT, on recorded facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.conformance.runtime.config_linux import test_intel_rdt as judging
from pytest_oci.fixtures.mutants.recorded import offer
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.intel_rdt import Case, under_rdt

from pytest_oci.observation import Observation
from pytest_oci.violations import Unsupported, Violation

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe
    from pytest_oci.fixtures.runtime.scenario import Scenario


class Refusing:
    """Gives the facts of a product that refuses these cases."""

    def __init__(self, *refused: Case, crashes: bool = False) -> None:
        self.refused = {under_rdt(case).name for case in refused}
        self.crashes = crashes

    def __call__(self, scenario: Scenario) -> Seen:
        facts: dict[str, Any] = {"lacks": "", **offer(taken=scenario.name not in self.refused)}
        if self.crashes and scenario.name in self.refused:
            facts |= {"errors": [], "crashes": ["killed"]}
        return Seen(Observation(scenario.name, facts=facts), frozenset())

    def judges(self, _: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("case", "field"),
    [
        (judging.SCHEMATA, "schemata"),
        (judging.MONITORED, "enableMonitoring"),
        (Case(l3=True, monitoring=True, premade="same"), "enableMonitoring"),
    ],
)
def test_a_field_that_is_refused_alone_is_not_supported(case: Case, field: str) -> None:
    with pytest.raises(Unsupported, match=f"only with {field}"):
        judging.made(cast("Observe", Refusing(case)), case, "root")
    with pytest.raises(Violation):
        judging.made(cast("Observe", Refusing(case, crashes=True)), case, "root")


def test_fields_without_a_flag_are_required() -> None:
    with pytest.raises(Violation):
        judging.made(cast("Observe", Refusing(judging.NEW_MB)), judging.NEW_MB, "root")
