"""Every mutant breaks the clauses that it names and no other; a good bundle breaks none."""

from __future__ import annotations

import inspect
import re
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config.scope import is_for_windows
from pytest_oci.fixtures.bundle_target import configuration
from pytest_oci.fixtures.mutants.bundles import GOOD, MUTANTS, write_good

from pytest_oci import catalogue, conformance
from pytest_oci.targets.bundle import open_bundle
from pytest_oci.violations import NotApplicable, NotTestable, Outcome, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_oci.targets.bundle import Bundle

SUITE = Path(conformance.__file__).parent / "runtime"
MODULES = sorted(
    f"{path.parent.name}.{path.stem}"
    for path in SUITE.glob("*/test_*_document.py")
    if "pytest.mark.bundle" in path.read_text()
)


def _tests() -> dict[str, Callable[..., None]]:
    """The test of each clause; one with parameters is given those that carry the clause."""
    found: dict[str, Callable[..., None]] = {}
    for name in MODULES:
        for function in vars(import_module(f"pytest_oci.conformance.runtime.{name}")).values():
            for mark in getattr(function, "pytestmark", ()):
                if mark.name == "clause":
                    found.update(dict.fromkeys(mark.args, function))
                elif mark.name == "parametrize":
                    argument, sets = mark.args
                    for parameters in sets:
                        bound = partial(function, **{argument: parameters.values[0]})
                        found.update(dict.fromkeys(parameters.marks[0].args, bound))
    return found


TESTS = _tests()


def outcome(test: Callable[..., None], bundle: Bundle) -> Outcome | None:
    """How a test ends on a bundle, with the fixtures that it asks for."""
    try:
        wanted = {"bundle", "document"} & inspect.signature(test).parameters.keys()
        arguments = {name: bundle if name == "bundle" else configuration(bundle) for name in wanted}
        test(**arguments)
    except Outcome as end:
        return end
    return None


def judge(directory: Path, *, to_be_started: bool = True) -> dict[str, Outcome | None]:
    """How every test ends on the bundle in a directory."""
    bundle = open_bundle(directory, to_be_started=to_be_started)
    return {clause: outcome(test, bundle) for clause, test in TESTS.items()}


def broken(ends: dict[str, Outcome | None]) -> set[str]:
    return {clause for clause, end in ends.items() if isinstance(end, Violation)}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_bundle_breaks_nothing(name, tmp_path):
    write_good(name, tmp_path / "bundle")
    ends = judge(tmp_path / "bundle")
    assert {clause: end for clause, end in ends.items() if isinstance(end, Violation)} == {}
    untestable = {clause: str(end) for clause, end in ends.items() if isinstance(end, NotTestable)}
    volume = {"config.root.path.directory-exists": "host: a volume of Windows cannot be looked up here"}
    assert untestable == (volume if name == "windows" else {})


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_breaks_what_it_names_and_nothing_else(mutant, tmp_path):
    mutant.write(tmp_path / "bundle")
    ends = judge(tmp_path / "bundle")
    assert broken(ends) == set(mutant.clauses), {clause: str(end) for clause, end in ends.items() if end}
    for end in ends.values():
        if isinstance(end, NotTestable) and end.cause.startswith("depends-on: "):
            assert end.cause.removeprefix("depends-on: ") in mutant.clauses


def test_every_clause_passes_on_a_good_bundle(tmp_path):
    passed = set()
    for name in GOOD:
        write_good(name, tmp_path / name)
        passed |= {clause for clause, end in judge(tmp_path / name).items() if end is None}
    assert passed == set(TESTS)


def test_every_clause_has_a_test_and_a_mutant():
    proven = {clause for mutant in MUTANTS for clause in mutant.clauses}
    assert proven == set(TESTS)
    wanted = {
        clause.id
        for clause in catalogue.load("runtime").values()
        if clause.subject == "bundle" and clause.method == "document" and clause.fate != "excluded"
    }
    assert wanted == set(TESTS)
    for clause in TESTS:
        assert catalogue.load()[clause].fate == "tested", clause


def test_ids_of_mutants_are_unique():
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("version", ["1.0.2", "1.1.0", "1.2.1", "1.3.0"])
def test_gates_by_version_agree_with_the_catalogue(version, tmp_path):
    """What a good bundle gives a clause to judge is judged in the versions that have the clause, and only there."""
    judged, bound = set(), set()
    for name in GOOD:
        write_good(name, tmp_path / name)
        own = judge(tmp_path / name)
        config = tmp_path / name / "config.json"
        config.write_text(re.sub('"ociVersion": "[^"]*"', f'"ociVersion": "{version}"', config.read_text()))
        ends = judge(tmp_path / name)
        judged |= {clause for clause, end in ends.items() if end is None or isinstance(end, Violation)}
        bound |= {clause for clause, end in own.items() if end is None and catalogue.load()[clause].binds(version)}
    assert {clause for clause in judged if not catalogue.load()[clause].binds(version)} == set()
    assert judged == bound


def test_a_configuration_for_windows_is_not_bound_by_posix(tmp_path):
    write_good("windows_hyperv", tmp_path / "bundle")
    bundle = open_bundle(tmp_path / "bundle", to_be_started=True)
    assert is_for_windows(configuration(bundle))
    ends = judge(tmp_path / "bundle")
    for clause, end in ends.items():
        if catalogue.load()[clause].platform in ("posix", "linux"):
            assert isinstance(end, NotApplicable), clause


def test_a_bundle_without_a_process_is_only_bad_if_it_is_to_be_started(tmp_path):
    mutant = next(mutant for mutant in MUTANTS if mutant.id == "process-absent")
    mutant.write(tmp_path / "bundle")
    ends = judge(tmp_path / "bundle", to_be_started=False)
    assert broken(ends) == set()
    assert isinstance(ends["config.process.required-for-start"], NotApplicable)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hooks",), []),
        (("hooks", "poststop"), {}),
        (("mounts",), {}),
        (("process", "rlimits"), {}),
    ],
)
def test_a_container_of_the_wrong_kind_is_never_a_pass(path, value, tmp_path):
    import json

    write_good("full", tmp_path / "bundle")
    file = tmp_path / "bundle" / "config.json"
    config = json.loads(file.read_text())
    place = config
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file.write_text(json.dumps(config))
    ends = judge(tmp_path / "bundle")
    assert broken(ends) == set()
    stuck = [end.cause for end in ends.values() if isinstance(end, NotTestable)]
    assert stuck
    assert all(cause.startswith(f"product: /{'/'.join(path)} is an ") for cause in stuck)


def test_a_violation_says_where_what_and_what_may_be(tmp_path):
    mutant = next(mutant for mutant in MUTANTS if mutant.id == "cwd-relative")
    mutant.write(tmp_path / "bundle")
    end = judge(tmp_path / "bundle")["config.process.cwd.absolute"]
    assert isinstance(end, Violation)
    assert end.actual == "[/process/cwd is 'tmp', may be a path that begins with /]"
