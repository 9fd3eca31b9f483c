"""The published JSON Schemas, with the jsonschema package: good documents pass, documents with a fault of form fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pytest_oci.fixtures.mutants import bundles, documents

from pytest_oci import cli

if TYPE_CHECKING:
    from pathlib import Path

FORM = (".required", "-required", ".map", "-are-strings", "key-not-empty", ".json-schema", "-positive")
"""How the ids of clauses end that a schema can see."""
UNSEEN = (
    *("root-absent", "args-absent", "args-empty", "uid-absent", "gid-absent"),  # not on Windows
    *("console-height-fractional", "console-width-fractional", "rlimit-soft-fractional", "rlimit-hard-fractional"),
    *("uid-fractional", "gid-fractional", "state-document-pid-fraction"),  # 1.0 is an integer to JSON Schema
    "state-document-pid-negative",
)
"""Faults that a schema of all platforms cannot see."""
ALL: tuple[bundles.Mutant | documents.DocumentMutant, ...] = (*bundles.MUTANTS, *documents.MUTANTS)
SEEN = [
    mutant
    for mutant in ALL
    if mutant.id not in UNSEEN
    and any(clause.endswith(FORM) for clause in mutant.clauses)
    and (mutant.raw is None if isinstance(mutant, documents.DocumentMutant) else mutant.rearrange is None)
]


def published(kind: str, capsys: pytest.CaptureFixture[str]) -> jsonschema.Draft202012Validator:
    assert cli.main(["schema", kind]) == 0
    schema: Any = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["full", "relaxed", "small", "windows"])
def test_good_bundles_pass(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published("config", capsys).validate(bundles.GOOD[name](tmp_path))


@pytest.mark.parametrize("kind", documents.GOOD)
def test_good_documents_pass(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    published(kind, capsys).validate(documents.GOOD[kind])


@pytest.mark.parametrize("mutant", SEEN, ids=lambda mutant: mutant.id)
def test_faults_of_form_fail(
    mutant: bundles.Mutant | documents.DocumentMutant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if isinstance(mutant, documents.DocumentMutant):
        kind, data = mutant.document, mutant.data()
    else:
        mutant.write(tmp_path / "bundle")
        kind, data = "config", (tmp_path / "bundle" / "config.json").read_bytes()

    assert not published(kind, capsys).is_valid(json.loads(data))


def test_the_version_that_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "state", "--version"]) == 0
    assert capsys.readouterr().out == "runtime-spec 1.3.0\n"


def test_an_unknown_kind_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["schema", "manifest"])
    assert "invalid choice: 'manifest'" in capsys.readouterr().err
