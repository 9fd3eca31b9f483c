"""Proofs on recordings need no product, and fail for every way in which recordings prove nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from plugin_runs import junit

from pytest_oci.proofs import unproven_live

if TYPE_CHECKING:
    from plugin_runs import Plugin

CLAUSE = "config.process.selinux-label.applied"
OTHER = "config.process.apparmor-profile.applied"
ELSEWHERE = "config.windows.hyperv.isolation"

SUITE = """
import pytest
from pytest_oci import clause, expect
from pytest_oci.fixtures.runtime.scenario import scenario

pytestmark = pytest.mark.runtime

@scenario("selinux", "no-such-need")
def labelled(stage, label="a"):
    raise AssertionError("nothing is played for a proof on recordings")

@clause({clause!r})
def test_label(observe):
    expect(observe(labelled())["label"]).equals("a")

@clause({other!r})
def test_neighbour(observe):
    expect(observe(labelled())["other"]).equals(1)

@clause("runtime.state.id")
def test_not_recorded(observe):
    expect(observe(labelled("b"))["label"]).equals("b")
"""

MUTANTS = """
from dataclasses import replace

import pytest
from pytest_oci.fixtures.mutants import registry
from pytest_oci.fixtures.mutants.recorded import RecordedMutant, played
from test_labels import labelled

MUTANT = RecordedMutant(
    id="label-ignored", clauses=({clause!r},), summary="ignores the label",
    sound=(played(labelled(), {{"label": "a", "other": 1}}),),
    faulty=(played(labelled(), {{"label": "b", "other": 1}}),),
)
MUTANT = {edit}
registry.all_mutants.cache_clear()
registry._recorded = lambda: [MUTANT]

def pytest_unconfigure():
    registry.all_mutants.cache_clear()
"""


def prove(plugin: Plugin, edit: str = "MUTANT", clause: str = CLAUSE) -> tuple[list[str], str]:
    """How the mutant's proof ended in JUnit (nothing: it passed), and what was said."""
    plugin.write("test_labels.py", SUITE.format(clause=clause, other=OTHER))
    plugin.write("recorded_plugin.py", MUTANTS.format(clause=clause, edit=edit))
    plugin.apart("-p", "recorded_plugin", plugin.runtime, "--oci-prove", "--junitxml=j.xml", "test_labels.py")
    case = next(
        case for case in junit(plugin.path / "j.xml") if ("oci.mutant", "prove::label-ignored") in case["properties"]
    )
    return case["ends"], case["text"]


@pytest.fixture(autouse=True)
def _importable(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(plugin.path))


def test_a_proof_needs_neither_product_nor_host(plugin: Plugin) -> None:
    """The scenario needs what no host has; another test of the file asks for what was not recorded."""
    assert prove(plugin) == ([], "")


def test_a_clause_of_another_platform_is_proven(plugin: Plugin) -> None:
    """It binds nothing here."""
    assert prove(plugin, clause=ELSEWHERE) == ([], "")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("replace(MUTANT, faulty=())", f"{CLAUSE} is pass"),
        ("replace(MUTANT, sound=MUTANT.faulty)", f"{CLAUSE} is fail on the sound recording"),
        ("replace(MUTANT, sound=())", "the recording has no observation of test_labels.labelled[[], {}]"),
        ("replace(MUTANT, faulty=(played(labelled(), {'label': 'b', 'other': 2}),))", f"{OTHER} is fail too"),
        ("replace(MUTANT, faulty=(played(labelled(), {'other': 1}),))", f"{CLAUSE} is error"),
    ],
    ids=["no-fault", "not-sound", "not-recorded", "another-clause", "fact-lacking"],
)
def test_recordings_that_prove_nothing_fail(plugin: Plugin, edit: str, said: str) -> None:
    """Each for its own reason."""
    ends, text = prove(plugin, edit)

    assert ends == ["failure"]
    assert said in text


def test_clauses_with_recorded_mutants_only_are_unproven_live() -> None:
    """A clause with a live mutant is not."""
    assert "config.process.selinux-label.applied" in unproven_live()
    assert "config.process.apparmor-profile.applied" not in unproven_live()
    assert "config.hostname.applied" not in unproven_live()
