"""Every wrong use ends with exit status 4 and one line that says what and how to mend it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.pytester import RunResult
    from plugin_runs import Plugin

DEVIATION = "[[deviation]]\nclause = 'runtime.state.id'\nreason = 'x'\nexpires = {}\n"

CASES: dict[str, tuple[list[str], str]] = {
    "no-such-name": (
        ["--oci-runtime=no-such-runtime"],
        "no runtime 'no-such-runtime' on PATH: install it or give its path",
    ),
    "no-such-path": (["--oci-runtime=./none"], "there is no runtime ./none: No such file or directory"),
    "runtime-is-directory": (
        ["--oci-runtime=/tmp"],
        "the runtime /tmp is a directory: give the path of its executable",
    ),
    "runtime-not-executable": (["--oci-runtime=./plain"], "the runtime ./plain is not executable"),
    "bundle-missing": (["--oci-bundle=none"], "cannot read the bundle directory"),
    "bundle-is-file": (["--oci-bundle=plain"], "Not a directory"),
    "document-without-kind": (["--oci-document=plain"], "--oci-document=plain: has to be KIND:FILE, KIND one of"),
    "document-unknown-kind": (["--oci-document=manifest:plain"], "KIND one of config, state, features"),
    "document-without-file": (["--oci-document=state:"], "--oci-document=state:: has to be KIND:FILE"),
    "document-missing": (["--oci-document=state:none"], "No such file or directory"),
    "document-is-directory": (["--oci-document=features:."], "is a directory, no regular file"),
    "document-is-standard-input": (["--oci-document=state:-"], "standard input cannot be read here: give a file"),
    "engine-unknown": (["--oci-engine=nothing"], "--oci-engine: 'nothing' is none of docker, podman, ctr"),
    "engine-template-alone": (
        ["--oci-engine-run=x"],
        "--oci-engine-run is about an engine: name it with --oci-engine",
    ),
    "engine-and-others": (["--oci-engine=podman", "--oci-bundle=."], "give it a run of its own"),
    "converter-and-bundle": (["--oci-converter=cp {layout} {bundle}", "--oci-bundle=."], "give it a run of its own"),
    "no-target": (["--oci-ledger=ledger"], "name the product to judge: --oci-runtime=NAME_OR_PATH, --oci-bundle=DIR"),
    "unknown-clause": (
        ["FAKE", "--oci-clause=runtime.state.idd"],
        "--oci-clause=runtime.state.idd: no such clause; did you mean runtime.state.id?",
    ),
    "glob-without-match": (
        ["FAKE", "--oci-clause=zzz.*"],
        "--oci-clause=zzz.*: no such clause; `pytest-oci clauses` lists",
    ),
    "version-unknown": (
        ["FAKE", "--oci-spec-version=runtime:9.9"],
        "--oci-spec-version=runtime:9.9: known are runtime:1.0",
    ),
    "version-of-no-spec": (["FAKE", "--oci-spec-version=kernel:1.0"], "--oci-spec-version=kernel:1.0: known are"),
    "version-full": (["FAKE", "--oci-spec-version=1.0.2"], "--oci-spec-version=1.0.2: known are"),
    "version-empty": (["FAKE", "--oci-spec-version=runtime:"], "--oci-spec-version=runtime:: known are"),
    "version-twice": (["FAKE", "--oci-spec-version=1.2", "--oci-spec-version=runtime:1.3"], "runtime is given twice"),
    "timeout-is-word": (["FAKE", "--oci-timeout=soon"], "--oci-timeout=soon: has to be a number of seconds"),
    "timeout-zero": (["FAKE", "--oci-timeout=0"], "--oci-timeout=0: has to be a number of seconds"),
    "timeout-nan": (["FAKE", "--oci-timeout=nan"], "--oci-timeout=nan: has to be a number of seconds"),
    "require": (["FAKE", "--oci-require=perfect"], "--oci-require=perfect: the only verdict"),
    "deviations-missing": (["FAKE", "--oci-deviations=none"], "the deviations file none cannot be read: No such file"),
    "deviations-no-toml": (["FAKE", "--oci-deviations=plain"], "the deviations file plain is no TOML"),
    "deviations-expired": (["FAKE", "--oci-deviations=expired.toml"], "from runtime.state.id expired on 2020-01-01"),
    "deviations-unknown": (
        ["FAKE", "--oci-deviations=unknown.toml"],
        "unknown.toml: there is no clause runtime.state.xy",
    ),
    "ledger-nowhere": (
        ["FAKE", "--oci-ledger=no/such/ledger"],
        "the ledger no/such/ledger cannot be written: No such file",
    ),
    "ledger-is-directory": (["FAKE", "--oci-ledger=."], "the ledger . cannot be written: Is a directory"),
    "tap-nowhere": (["FAKE", "--oci-tap=no/such/tap"], "the TAP file no/such/tap cannot be written: No such file"),
    "replay-missing": (["--oci-replay=none"], "none cannot be read: No such file"),
    "replay-damaged": (["--oci-replay=plain"], "plain, line 1: no JSON; the ledger is damaged or cut"),
    "profile-missing": (["FAKE", "--oci-runtime-profile=none"], "the profile none cannot be read: No such file"),
    "profile-wrong": (["FAKE", "--oci-runtime-profile=plain"], "plain: "),
}


@pytest.fixture
def prepared(plugin: Plugin) -> Plugin:
    plugin.write("plain", "no toml, no json")
    plugin.write("expired.toml", DEVIATION.format("2020-01-01"))
    plugin.write("unknown.toml", DEVIATION.format("2999-01-01").replace("state.id", "state.xy"))
    plugin.write("test_it.py", "def test_it(): raise SystemExit('not to be run')")
    return plugin


def check(result: RunResult, text: str) -> None:
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.errlines if line.strip()]
    assert len(lines) == 1, lines
    assert lines[0].startswith("ERROR: ")
    assert text in lines[0]


@pytest.mark.parametrize(("words", "text"), CASES.values(), ids=CASES)
def test_wrong_use_is_one_line(prepared: Plugin, words: list[str], text: str) -> None:
    """Nothing is run, nothing is left."""
    given = [prepared.runtime if word == "FAKE" else word for word in words]

    check(prepared.run(*given, "test_it.py"), text)
    assert prepared.left_behind() == []


@pytest.mark.parametrize("case", ["ledger-nowhere"])
def test_wrong_use_is_one_line_with_workers_too(prepared: Plugin, case: str) -> None:
    """It is found before any worker starts."""
    words, text = CASES[case]
    given = [prepared.runtime if word == "FAKE" else word for word in words]

    check(prepared.apart("-n2", *given, "test_it.py"), text)


def test_a_place_that_is_taken_is_told(prepared: Plugin) -> None:
    """The run's directory belongs to somebody else, or cannot be made."""
    (prepared.temporary / f"pytest-oci-{os.getuid()}").write_text("")

    check(prepared.run(prepared.runtime, "test_it.py"), "is not a directory of this user: remove it or set TMPDIR")


def test_a_test_of_an_unknown_clause_is_told(prepared: Plugin) -> None:
    """A typo in a test must not become a test of nothing."""
    prepared.write(
        "test_it.py",
        "import pytest\nfrom pytest_oci import clause\n@pytest.mark.runtime\n@clause('no.such')\ndef test_it(): pass",
    )

    check(prepared.run(prepared.runtime, "test_it.py"), "test_it.py::test_it: there is no clause no.such")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_runtime_that_cannot_be_read_is_told(prepared: Plugin) -> None:
    """Its digest could not be recorded."""
    path = prepared.write("runtime", "#!/bin/sh\n")
    path.chmod(0o111)

    check(prepared.run("--oci-runtime=./runtime", "test_it.py"), "cannot be read, so not be identified")
