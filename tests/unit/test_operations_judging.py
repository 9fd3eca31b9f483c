"""Judgements on recorded facts of runtime.md: no runtime is needed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.conformance.runtime.runtime import judging, rules_state
from pytest_oci.fixtures.runtime.outside import alive, mounts_here, tree
from pytest_oci.fixtures.runtime.scenarios.operations import FAULTS, SERVING, TWINS, added

from pytest_oci import Violation
from pytest_oci.violations import NotTestable

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.runtime.observer import Observe

STATE = {"ociVersion": "1.0.2", "id": "a", "status": "running", "pid": 7, "bundle": "/b", "annotations": {"k": "v"}}


def call(*, ok: bool = False, refused: bool = False) -> dict[str, Any]:
    return {"ok": ok, "refused": refused, "text": "start: as it went"}


def observing(*calls: dict[str, Any]) -> Observe:
    """Something that plays the scenario of senseless operations, which went like this."""
    facts = {str(number): {"call": call} for number, call in enumerate(calls)}
    return cast("Observe", lambda _: SimpleNamespace(observation=SimpleNamespace(facts=facts)))


def test_a_reported_error_is_one() -> None:
    judging.expect_error(observing(), call(refused=True), "nonsense")


def test_a_crash_is_no_error() -> None:
    with pytest.raises(Violation, match="an error reported"):
        judging.expect_error(observing(call(refused=True)), call(), "nonsense")


def test_success_is_held_against_a_product_that_shows_errors() -> None:
    with pytest.raises(Violation, match="an error for nonsense"):
        judging.expect_error(observing(call(ok=True), call(refused=True)), call(ok=True), "nonsense")


def test_success_says_nothing_where_no_error_is_ever_shown() -> None:
    with pytest.raises(NotTestable, match="shows no error"):
        judging.expect_error(observing(call(ok=True), call(ok=True)), call(ok=True), "nonsense")


def test_a_whole_state_has_the_form() -> None:
    assert rules_state.form_faults(STATE, least_pid=0) == []
    assert rules_state.form_faults({**STATE, "more": [1]}) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ociVersion": 1}, "/ociVersion is 1, may be a string"),
        ({"pid": "7"}, "/pid is '7', may be an integer"),
        ({"pid": True}, "/pid is true, may be an integer"),
        ({"pid": 7.0}, "/pid is 7.0, may be an integer"),
        ({"annotations": ["k"]}, "/annotations is an array, may be an object"),
        ({"annotations": {"k": 1}}, "/annotations/k is 1, may be a string"),
    ],
    ids=str,
)
def test_faults_of_form(change: dict[str, Any], fault: str) -> None:
    assert list(map(repr, rules_state.form_faults({**STATE, **change}))) == [fault]


def test_what_may_be_absent() -> None:
    lacking = {name: value for name, value in STATE.items() if name not in ("pid", "annotations")}
    assert rules_state.form_faults(lacking, least_pid=0) == []
    assert [finding.pointer for finding in rules_state.form_faults({})] == [f"/{name}" for name in rules_state.STRINGS]


def test_only_the_schema_says_how_small_a_pid_may_be() -> None:
    assert rules_state.form_faults({**STATE, "pid": -1}) == []
    faults = rules_state.form_faults({**STATE, "pid": -1}, least_pid=0)
    assert list(map(repr, faults)) == ["/pid is -1, may be 0 or more"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"a": 1, "b": {"a": 1}}', []),
        ('{"a": 1, "a": 1}', ["/a"]),
        ('[{"b": {"c": 1, "c": 2, "c": 3}}]', ["/0/b/c", "/0/b/c"]),
        ('{"a": 1, "\\u0061": 1}', ["/a"]),
    ],
    ids=str,
)
def test_repeated_names(text: str, names: list[str]) -> None:
    assert [finding.pointer for finding in judging.repeated_names(text)] == names


def look(document: dict[str, Any] | None, *, living: bool = True) -> dict[str, Any]:
    return {"document": document, "alive": living, "call": {"text": "state: exit status 1"}}


def test_differences() -> None:
    assert judging.differences(look(STATE), look(STATE)) == []
    assert judging.differences(look(STATE), look(None)) == ["the container is gone: state: exit status 1"]
    assert judging.differences(look(STATE), look(STATE, living=False)) == ["the process 7 has ended"]
    stopped = {**STATE, "status": "stopped", "pid": 0}
    found = judging.differences(look(STATE), look(stopped, living=False))
    assert found == ["status was 'running' and is 'stopped'", "pid was 7 and is 0"]


def test_pids_that_are_due() -> None:
    def hook(name: str, **state: object) -> dict[str, Any]:
        return {"name": name, "document": state}

    early = hook("createRuntime", status="creating")
    late = hook("poststart", status="running", pid=7)
    assert not judging.pid_is_due([early, {"name": "poststop", "document": None}])
    assert judging.pid_is_due([early, late])
    wanted = {"createRuntime": 7, "poststart": 7}
    assert judging.pid_faults([early, late], wanted) == []
    assert judging.pid_faults([hook("poststart", status="created")], wanted) == ["poststart: pid None, not 7"]


def test_what_was_added_counts_duplicates() -> None:
    before = {"mounts": ["/a tmpfs"], "files": ["x"]}
    assert added(before, before) == {}
    assert added(before, {"mounts": ["/a tmpfs", "/a tmpfs"], "files": []}) == {"mounts": ["/a tmpfs"]}


def test_every_fault_has_its_twin() -> None:
    assert FAULTS.keys() == TWINS.keys()
    for name, fault in FAULTS.items():
        assert fault(SERVING).document != TWINS[name](SERVING).document


def test_looks_from_outside(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_text("text", encoding="utf-8")
    (tmp_path / "l").symlink_to("d")
    found = tree(tmp_path)
    assert found["d"] == "directory"
    assert found["l"] == "link to d"
    assert found["d/f"].startswith("file ")
    assert alive(1)
    assert not any(alive(value) for value in (0, -1, True, "1", None, 1 << 40))
    assert any(line.startswith("/proc ") for line in mounts_here())
