"""The published JSON Schemas, with the jsonschema package: good documents pass, documents with a fault of form fail."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pytest_oci.fixtures.mutants import bundles, documents

from pytest_oci import cli

if TYPE_CHECKING:
    from pathlib import Path

FORM = (".required", "-required", ".map", "-are-strings", "key-not-empty", ".json-schema", "-positive")
"""How the ids of clauses end that a schema can see."""
NUMBERS = ("-fractional", "-exponent", "-fraction")
"""How faults are called that JSON Schema cannot see: to it 1.0 and 1e3 are integers."""
UNSEEN = (
    *("root-absent", "args-absent", "args-empty", "uid-absent", "gid-absent", "config-windows-absent"),  # by platform
    *(f"config-{part}-{fault}" for part in ("default-action", "syscall-action")
      for fault in ("unknown", "with-errno", "newline")),
    "config-argument-op-unknown",  # names that later versions may add to
    "state-document-pid-negative",
)  # fmt: skip
"""Faults that a schema of all platforms and versions cannot see."""
ALL: tuple[bundles.Mutant | documents.DocumentMutant, ...] = (*bundles.MUTANTS, *documents.MUTANTS)
SEEN = [
    mutant
    for mutant in ALL
    if mutant.id not in UNSEEN
    and not mutant.id.endswith(NUMBERS)
    and any(clause.endswith(FORM) for clause in mutant.clauses)
    and (mutant.raw is None if isinstance(mutant, documents.DocumentMutant) else mutant.rearrange is None)
]


@cache
def published(kind: str) -> jsonschema.Draft202012Validator:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert cli.main(["schema", kind]) == 0
    schema: Any = json.loads(printed.getvalue())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["full", "small", "windows", "vm", "solaris", "freebsd", "freebsd_shared"])
def test_good_bundles_pass(name: str, tmp_path: Path) -> None:
    published("config").validate(bundles.GOOD[name](tmp_path))


@pytest.mark.parametrize("kind", documents.GOOD)
def test_good_documents_pass(kind: str) -> None:
    published(kind).validate(documents.GOOD[kind])


@pytest.mark.parametrize("mutant", SEEN, ids=lambda mutant: mutant.id)
def test_faults_of_form_fail(mutant: bundles.Mutant | documents.DocumentMutant, tmp_path: Path) -> None:
    if isinstance(mutant, documents.DocumentMutant):
        kind, data = mutant.document, mutant.data()
    else:
        mutant.write(tmp_path / "bundle")
        kind, data = "config", (tmp_path / "bundle" / "config.json").read_bytes()

    assert not published(kind).is_valid(json.loads(data))


@pytest.mark.parametrize(("kind", "version"), [("state", "runtime-spec 1.3.0"), ("index", "image-spec 1.1.1")])
def test_the_version_that_is_described(kind: str, version: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", kind, "--version"]) == 0
    assert capsys.readouterr().out == f"{version}\n"


def test_an_unknown_kind_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["schema", "layer"])
    assert "invalid choice: 'layer'" in capsys.readouterr().err
