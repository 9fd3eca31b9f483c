"""The catalogue is read strictly, and the packaged one is whole."""

from __future__ import annotations

from typing import Any

import pytest
from support import RECORD, make_clause

from pytest_oci import catalogue, proofs
from pytest_oci.catalogue import CatalogueError, newest, parse_clause, parse_file, version_key
from pytest_oci.suite import tests_by_clause as find_tests

FILE = """
spec = "runtime"
document = "runtime.md"
"""

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown-member": ({"colour": "red"}, "unknown members colour"),
    "line-is-text": ({"line": "10"}, "line is str"),
    "line-is-bool": ({"line": True}, "line is bool"),
    "line-is-float": ({"line": 1.0}, "line is float"),
    "summary-is-number": ({"summary": 3}, "summary is int"),
    "summary-is-list": ({"summary": ["a"]}, "summary is tuple"),
    "summary-is-empty": ({"summary": ""}, "summary is empty"),
    "needs-is-text": ({"needs": "root"}, "needs is str"),
    "needs-holds-number": ({"needs": ["root", 1]}, "needs holds something else than texts"),
    "level": ({"level": "must"}, "level = 'must' is not one of MUST"),
    "spec": ({"spec": "kernel"}, "spec = 'kernel'"),
    "fate": ({"fate": "done"}, "fate = 'done'"),
    "method": ({"method": "guess"}, "method = 'guess'"),
    "platform": ({"platform": "plan9"}, "platform = 'plan9'"),
    "subject": ({"subject": "user"}, "subject = 'user'"),
    "since-unknown": ({"since": "1.0.3"}, "since = '1.0.3' is no pinned version"),
    "since-of-another-spec": ({"since": "1.1.1"}, "since = '1.1.1'"),
    "since-empty": ({"since": ""}, "since is empty"),
    "until-unknown": ({"until": "2.0.0"}, "until = '2.0.0'"),
    "until-before-since": ({"since": "1.2.1", "until": "1.1.0"}, "before since"),
    "excluded-without-reason": ({"fate": "excluded"}, "excluded without a reason"),
    "excluded-with-empty-reason": ({"fate": "excluded", "reason": ""}, "excluded without a reason"),
    "id-with-capitals": ({"id": "runtime.State"}, "is no id"),
    "id-of-one-word": ({"id": "runtime"}, "is no id"),
    "id-with-newline": ({"id": "runtime.state\n"}, "is no id"),
}


def test_a_right_record_becomes_a_clause() -> None:
    """Every member is kept as it is, lists as tuples."""
    clause = parse_clause({**RECORD, "needs": ["root", "cgroup-v2"]}, "here")

    assert clause.needs == ("root", "cgroup-v2")
    assert (clause.id, clause.line, clause.until, clause.absolute) == ("runtime.state.id", 10, "", True)


@pytest.mark.parametrize(("changed", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_record_is_named_with_its_place_and_fault(changed: dict[str, Any], fault: str) -> None:
    """The error begins with the file, names the clause and what is wrong with it."""
    with pytest.raises(CatalogueError) as caught:
        parse_clause({**RECORD, **changed}, "state.toml")

    text = str(caught.value)
    assert text.startswith("state.toml: ")
    assert str(changed.get("id", RECORD["id"])) in text or repr(changed.get("id")) in text
    assert fault in text
    assert "\n" not in text


@pytest.mark.parametrize("member", sorted(set(RECORD) - {"id"}))
def test_a_lacking_member_is_named(member: str) -> None:
    """Every required member is missed, by name."""
    record = {key: value for key, value in RECORD.items() if key != member}
    with pytest.raises(CatalogueError, match=f"^here: runtime.state.id lacks {member}$"):
        parse_clause(record, "here")


def test_a_record_without_id_is_found_by_its_place() -> None:
    """Where there is no id, a question mark stands for it."""
    with pytest.raises(CatalogueError, match=r"^here: \? lacks id"):
        parse_clause({key: value for key, value in RECORD.items() if key != "id"}, "here")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("spec = ", id="no-toml"),
        pytest.param("", id="empty"),
        pytest.param(FILE, id="no-clauses"),
        pytest.param('spec = "runtime"\n[[clause]]\nid = "a.b"', id="no-document"),
        pytest.param(FILE + 'more = 1\n[[clause]]\nid = "a.b"', id="something-else"),
        pytest.param(FILE + 'clause = "a"', id="clause-is-text"),
        pytest.param(FILE + "clause = [1, 2]", id="clauses-are-numbers"),
    ],
)
def test_a_wrong_file_is_named(text: str) -> None:
    """Anything but spec, document and tables called clause is refused, naming the file."""
    with pytest.raises(CatalogueError, match=r"^wrong\.toml: "):
        list(parse_file(text, "wrong.toml"))


def test_versions_bind_from_since_to_until() -> None:
    """Both ends belong to it, and versions are compared as numbers."""
    clause = make_clause(since="1.1.0", until="1.2.1")

    assert [clause.binds(version) for version in ("1.0.2", "1.1.0", "1.2.1", "1.3.0")] == [False, True, True, False]
    assert version_key("1.10.0") > version_key("1.9.9")


def test_the_reference_is_of_the_newest_text_with_the_clause() -> None:
    """A dropped duty is looked up in the last text that had it."""
    address = "https://github.com/opencontainers/runtime-spec/blob/v{}/runtime.md#state"

    assert make_clause().reference == address.format(newest("runtime"))
    assert make_clause(until="1.2.1").reference == address.format("1.2.1")


@pytest.mark.parametrize(
    ("level", "absolute"),
    [
        ("MUST", True),
        ("MUST NOT", True),
        ("REQUIRED", True),
        ("SHALL", True),
        ("SHALL NOT", True),
        ("SHOULD", False),
        ("SHOULD NOT", False),
        ("OPTIONAL", False),
    ],
)
def test_only_the_strong_words_are_absolute(level: str, absolute: bool) -> None:
    """As RFC 2119 has it."""
    assert make_clause(level=level).absolute is absolute


def test_the_packaged_catalogue_loads() -> None:
    """All three specifications have clauses, and each stands where its specification is."""
    clauses = catalogue.load()

    assert {clause.spec for clause in clauses.values()} == set(catalogue.SPECS)
    assert all(identifier == clause.id for identifier, clause in clauses.items())


def test_loading_one_specification_gives_its_clauses_only() -> None:
    """A run loads no more than it needs."""
    assert {clause.spec for clause in catalogue.load("image").values()} == {"image"}


def test_every_test_judges_clauses_that_there_are() -> None:
    """No test is tied to a clause that the catalogue does not know."""
    assert sorted(find_tests().keys() - catalogue.load().keys()) == []


def test_no_excluded_clause_has_a_test() -> None:
    """What nobody can observe is not judged."""
    clauses = catalogue.load()
    assert sorted(clause for clause in find_tests() if clause in clauses and clauses[clause].fate == "excluded") == []


DONE = ("bundle.md", "config.md", "runtime.md", "spec.md")


def test_every_clause_of_the_finished_documents_is_tested_or_excluded() -> None:
    """On the platforms at hand nothing is planned any more but what converters owe."""
    assert [
        clause.id
        for clause in catalogue.load("runtime").values()
        if clause.document in DONE
        and clause.platform in ("any", "posix", "linux")
        and clause.subject != "converter"
        and clause.fate == "planned"
    ] == []


def test_every_tested_clause_has_a_test() -> None:
    """The fate `tested` is not only a word."""
    clauses = catalogue.load().values()
    assert sorted(clause.id for clause in clauses if clause.fate == "tested" and clause.id not in find_tests()) == []


def test_every_clause_with_a_test_is_tested() -> None:
    """A test without the fate would judge what the verdict does not count."""
    clauses = catalogue.load()
    assert sorted(clause for clause in find_tests() if clauses[clause].fate != "tested") == []


def test_every_tested_clause_has_a_mutant() -> None:
    """A test that was never seen to fail proves nothing."""
    mutants = proofs.mutants_by_clause()
    clauses = catalogue.load().values()
    assert sorted(clause.id for clause in clauses if clause.fate == "tested" and clause.id not in mutants) == []


def test_every_mutant_breaks_clauses_that_there_are() -> None:
    """A mutant registered for a clause that nobody has would prove nothing, silently."""
    assert sorted(proofs.mutants_by_clause().keys() - catalogue.load().keys()) == []
