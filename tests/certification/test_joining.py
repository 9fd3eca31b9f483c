"""Ledgers of several hosts make one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from submitted import CLAUSE, HEADER, made, result

from pytest_oci.certification.ledgers import clause_statuses, join
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.joining import product_key
from pytest_oci.status import Status

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = {"kind": "registry", "path": "http://127.0.0.1:5000"}
JOINED = {
    ("pass", "not-testable"): "pass",
    ("not-testable", "not-testable"): "not-testable",
    ("pass", "fail"): "fail",
    ("not-testable", "fail"): "fail",
    ("pass", "error"): "error",
    ("pass", "deviation"): "deviation",
    ("unsupported", "not-testable"): "unsupported",
    ("pass", "unsupported"): "unsupported",
    ("pass", "not-applicable"): "pass",
}


@pytest.mark.parametrize("statuses", JOINED)
def test_two_hosts(tmp_path: Path, statuses: tuple[str, str]) -> None:
    """A clause passes if it passed where it was testable and failed nowhere; in any order."""
    ledgers = [made(tmp_path / f"{number}", HEADER, [result(one)]) for number, one in enumerate(statuses)]

    assert clause_statuses(ledgers) == {CLAUSE: JOINED[statuses]}
    assert clause_statuses(reversed(ledgers)) == {CLAUSE: JOINED[statuses]}


def test_what_one_host_says_twice_does_not_get_better(tmp_path: Path) -> None:
    """Only another host may answer what one left open."""
    one = made(tmp_path / "1", HEADER, [result("not-testable"), result("pass")])

    assert clause_statuses([one]) == {CLAUSE: Status.NOT_TESTABLE}


def test_tests_are_joined_before_clauses(tmp_path: Path) -> None:
    """Each host shows another half of a clause; a half that no host shows keeps it open."""
    one = made(tmp_path / "1", HEADER, [result("pass", "a"), result("not-testable", "b")])
    other = made(tmp_path / "2", HEADER, [result("not-testable", "a"), result("pass", "b")])

    assert join([one, other]).statuses == {CLAUSE: Status.PASS}
    assert join([one]).statuses == {CLAUSE: Status.NOT_TESTABLE}
    assert join([one, other]).ledgers == join([other, one]).ledgers


DIFFERENT: dict[str, tuple[str, Any]] = {
    "product": ("targets", [{"kind": "runtime", "path": "/a", "sha256": "2" * 64}]),
    "suite": ("suite", {**HEADER["suite"], "sha256": "3" * 64}),
    "claimed version": ("claimed", {"runtime": "1.2.1"}),
    "workflows": ("workflows", ["pull"]),
    "deviations": ("deviations", {CLAUSE: "later"}),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_ledgers_that_do_not_belong_together(tmp_path: Path, what: str) -> None:
    member, value = DIFFERENT[what]
    one = made(tmp_path / "1", HEADER, [result("pass")])
    other = made(tmp_path / "2", {**HEADER, member: value}, [result("pass")])

    with pytest.raises(CertificationError, match=f"not all of the same {what}"):
        join([one, other])


def test_another_path_is_no_other_product(tmp_path: Path) -> None:
    one = made(tmp_path / "1", HEADER, [result("pass")])
    other = made(tmp_path / "2", {**HEADER, "targets": [{**HEADER["targets"][0], "path": "/b"}]}, [result("pass")])

    assert len(join([one, other]).ledgers) == 2
    with pytest.raises(CertificationError, match="given twice"):
        join([one, one])


@pytest.mark.parametrize(
    ("changed", "claim"),
    [
        ({}, "runtime-spec 1.3"),
        ({"targets": [{"kind": "bundle", "path": "/a"}]}, "runtime-spec 1.3 bundle"),
        ({"targets": [{"kind": "converter", "path": "a"}]}, "image-spec 1.1 converter"),
        ({"targets": [REGISTRY], "workflows": ["pull", "push", "discovery", "management"]}, "distribution-spec 1.0"),
        ({"targets": [REGISTRY], "workflows": ["push", "pull"]}, "distribution-spec 1.0 pull, push"),
    ],
)
def test_the_claim_says_what_was_judged(tmp_path: Path, changed: dict[str, Any], claim: str) -> None:
    """No badge of a bundle or of half a registry reads as one of a runtime or a whole registry."""
    claimed = {"runtime": "1.3.0", "image": "1.1.1", "distribution": "1.0.1"}

    assert join([made(tmp_path / "1", {**HEADER, "claimed": claimed, **changed}, [result("pass")])]).claim == claim


COMMAND: dict[str, Any] = {
    "kind": "client",
    "path": "/bin/pull",
    "sha256": "1" * 64,
    "templates": {"pull": [["/bin/pull", "{reference}"]], "push": [["python3", "/a/push.py", "{reference}"]]},
    "files": {"/a/push.py": "2" * 64, "python3": "3" * 64},
}
ELSEWHERE: dict[str, Any] = {
    **COMMAND,
    "path": "/opt/pull",
    "templates": {"pull": [["pull", "{reference}"]], "push": [["python3", "/b/push.py", "{reference}"]]},
    "files": {"/b/push.py": "2" * 64, "python3": "3" * 64},
}
OTHERS: dict[str, dict[str, Any]] = {
    "another script": {"files": {"/b/push.py": "4" * 64, "python3": "3" * 64}},
    "another interpreter": {"files": {"/b/push.py": "2" * 64, "python3": "4" * 64}},
    "another program": {"sha256": "4" * 64},
    "other words": {"templates": {**ELSEWHERE["templates"], "pull": [["pull", "--insecure", "{reference}"]]}},
    "a script without digest": {"files": {}},
}


def test_commands_are_known_by_what_they_run() -> None:
    """By the digests of their programs and scripts, wherever these lie, and by all other words."""
    assert product_key(COMMAND) == product_key(ELSEWHERE)
    for changed in OTHERS.values():
        assert product_key({**ELSEWHERE, **changed}) != product_key(COMMAND)
