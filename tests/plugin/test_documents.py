"""`--oci-document`: documents by themselves, one test for each."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from plugin_runs import junit
from pytest_oci.fixtures.mutants.bundles import GOOD as GOOD_BUNDLES
from pytest_oci.fixtures.mutants.documents import GOOD, MUTANTS

from pytest_oci.ledger import read_ledger

if TYPE_CHECKING:
    from plugin_runs import Plugin


@pytest.fixture
def prepared(plugin: Plugin) -> Plugin:
    for kind, document in GOOD.items():
        plugin.write(f"{kind}.json", json.dumps(document))
    plugin.write("config.json", json.dumps(GOOD_BUNDLES["full"](plugin.path)))
    plugin.write("stopped.json", json.dumps({**GOOD["state"], "status": "stopped", "bundle": "here"}))
    plugin.write("broken.json", "{")
    return plugin


def judged(plugin: Plugin) -> dict[str, str]:
    return plugin.statuses(plugin.path / "ledger")


def test_good_documents_of_all_kinds(prepared: Plugin) -> None:
    """Only clauses of documents are judged, and every one of them passes."""
    words = [f"--oci-document={kind}:{kind}.json" for kind in ("state", "features")]
    result = prepared.run(*words, "--oci-ledger=ledger", "--junitxml=junit.xml")
    records = read_ledger(prepared.path / "ledger")
    clauses = {name.split()[0] for name in judged(prepared)}

    assert result.ret == 0
    assert set(judged(prepared).values()) == {"pass"}
    assert records[-1]["verdict"] == "conformant"
    assert clauses >= {"runtime.state.id", "features.annotations.map", "glossary.json.no-duplicate-names.emitted"}
    assert all(name.startswith(("runtime.state.", "features.", "glossary.")) for name in clauses)
    assert [(target["kind"], target["document"]) for target in records[0]["targets"]] == [
        ("document", "state"),
        ("document", "features"),
    ]
    digest = hashlib.sha256((prepared.path / "state.json").read_bytes()).hexdigest()
    assert records[0]["targets"][0]["sha256"] == digest
    assert len(junit(prepared.path / "junit.xml")) == len(judged(prepared))
    assert "oci document: state (" in result.stdout.str()
    assert prepared.left_behind() == []


def test_a_configuration_is_judged_without_its_bundle(prepared: Plugin) -> None:
    """What lies beside it is not asked for: neither its name nor its root filesystem."""
    (prepared.path / "config.json").rename(prepared.path / "other.json")
    result = prepared.run("--oci-document=config:other.json", "--oci-ledger=ledger")
    clauses = {name.split()[0] for name in judged(prepared)}

    assert result.ret == 0
    assert "config.process.cwd.absolute" in clauses
    assert not {"bundle.config-json.name", "config.root.path.directory-exists"} & clauses
    assert set(judged(prepared).values()) <= {"pass", "not-applicable"}


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_each_document_has_its_tests(prepared: Plugin, workers: tuple[str, ...]) -> None:
    """A failure names the file, the JSON pointer, what stands there and what may."""
    words = ["--oci-document=state:state.json", "--oci-document=state:stopped.json"]
    run = prepared.apart if workers else prepared.run
    result = run(*words, "--oci-clause=runtime.state.bundle", "--oci-ledger=ledger", *workers)

    assert result.ret == 1
    assert judged(prepared) == {
        "runtime.state.bundle runtime/runtime/test_state_document.py::test_bundle_is_an_absolute_path[state-1]": "pass",
        "runtime.state.bundle runtime/runtime/test_state_document.py::test_bundle_is_an_absolute_path[state-2]": "fail",
    }
    result.stdout.fnmatch_lines(["*/bundle is 'here', may be an absolute path*", "*in *stopped.json"])


@pytest.mark.parametrize(
    ("kind", "root"), [("state", "runtime.state.json-schema"), ("features", "features.oci-version-min.required")]
)
def test_what_is_no_json_fails_one_clause(prepared: Plugin, kind: str, root: str) -> None:
    """The others depend on it."""
    assert prepared.run(f"--oci-document={kind}:broken.json", "--oci-ledger=ledger").ret == 1
    statuses = {name.split()[0]: status for name, status in judged(prepared).items()}

    assert statuses.pop(root) == "fail"
    assert set(statuses.values()) == {"not-testable"}


def test_a_document_s_own_version_is_claimed(prepared: Plugin) -> None:
    """Unless another is, or it names none."""
    prepared.write("old.json", json.dumps({**GOOD["state"], "ociVersion": "1.0.2-dev", "pid": -1, "status": "stopped"}))
    prepared.run("--oci-document=state:old.json", "--oci-ledger=ledger")
    own = read_ledger(prepared.path / "ledger")[0]["claimed"]["runtime"]
    prepared.run("--oci-document=features:features.json", "--oci-ledger=ledger")

    assert own == "1.0.2"
    assert read_ledger(prepared.path / "ledger")[0]["claimed"]["runtime"] == "1.3.0"


def test_tests_of_one_s_own(prepared: Plugin) -> None:
    """With the marker and the fixtures of the suite."""
    prepared.write(
        "test_it.py",
        "import pytest\nfrom pytest_oci import clause, expect\npytestmark = pytest.mark.document\n"
        "@clause('runtime.state.id', 'runtime.ops.create.creates')\n"
        "def test_id(state): expect(state['id']).equals('good')\n"
        "@clause('features.annotations.map')\ndef test_other(features): raise SystemExit\n",
    )
    prepared.run("--oci-document=state:state.json", "test_it.py", "--oci-ledger=ledger")

    assert judged(prepared) == {"runtime.state.id test_it.py::test_id[state]": "pass"}


def test_proofs(prepared: Plugin) -> None:
    """Every mutant of the kind is proven, and those of other kinds are not asked for."""
    result = prepared.run("--oci-prove", "--oci-document=state:state.json", "--oci-spec-version=1.3", "-v")

    proven = [mutant for mutant in MUTANTS if mutant.document == "state"]
    result.assert_outcomes(passed=len(proven))
    assert result.ret == 0


def test_proofs_of_configurations(prepared: Plugin) -> None:
    """They are those of bundles."""
    words = ["--oci-document=config:config.json", "--oci-clause=config.process.cwd.*"]
    result = prepared.run("--oci-prove", *words)

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= 2
