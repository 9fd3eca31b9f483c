"""`--oci-converter`, `--oci-copier`, `--oci-builder`, `--oci-artifact-tool`: products that are commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.image.drafts import BlobDraft, layout
from pytest_oci.fixtures.image.parts import artifact
from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.image.writing import write_directory
from pytest_oci.fixtures.packing.requests import NAMES

if TYPE_CHECKING:
    from plugin_runs import Plugin

MUTANTS = f"{sys.executable} -m pytest_oci.fixtures.mutants"
SOUND = {
    "converter": (f"{MUTANTS}.unpacker sound-converter {{layout}} {{ref}} {{bundle}} {{platform}}", "conversion.cmd.*"),
    "copier": (f"{MUTANTS}.copier sound-copier {{source}} {{ref}} {{target}}", "image-manifest.config.*"),
    "builder": (
        f"{MUTANTS}.builder sound-builder {{context}} {{base}} {{layout}} {{ref}} {{storage}}",
        "annotations.base-digest.*",
    ),
    "artifact-tool": (
        f"{MUTANTS}.packer sound-artifact-tool {{file}} {{type}} {{media}} {{layout}} {{ref}}",
        "image-manifest.artifact*",
    ),
}
"""Commands of our own, with clauses that they are judged by."""
ABSENT = {
    "converter": "no-such-tool {layout} {bundle}",
    "copier": "no-such-tool {source} {target}",
    "builder": "no-such-tool {context} {layout}",
    "artifact-tool": "no-such-tool {file} {layout}",
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_command_is_judged_and_judged_again(plugin: Plugin, kind: str) -> None:
    """What it made is in the ledger; nothing is left behind."""
    template, clauses = SOUND[kind]
    result = plugin.run(f"--oci-{kind}={template}", f"--oci-clause={clauses}", "--oci-timeout=60", "--oci-ledger=first")
    again = plugin.run("--oci-replay=first", f"--oci-clause={clauses}", "--oci-ledger=second")
    statuses = plugin.statuses(plugin.path / "first")

    assert result.ret == again.ret == 0
    assert set(statuses.values()) <= {"pass", "advice", "not-applicable"}
    assert statuses == plugin.statuses(plugin.path / "second") != {}
    assert plugin.left_behind() == []


def test_what_a_converter_makes_is_judged_as_a_bundle(plugin: Plugin) -> None:
    """Of a plain image and of a rich one, and again without the converter; nothing of it is proven once more."""
    script = plugin.path / "convert"
    words = '"$1" "$2" "$3" "$4"'
    script.write_text(
        f'#!/bin/sh\n{MUTANTS}.unpacker sound-converter {words} && sed -i \'s/"root":/"other":/\' "$3/config.json"\n'
    )
    script.chmod(0o755)
    converter = f"--oci-converter={script} {{layout}} {{ref}} {{bundle}} {{platform}}"
    clauses = "--oci-clause=config.root.*"
    result = plugin.run(converter, clauses, "--oci-timeout=60", "--oci-ledger=first")
    again = plugin.run("--oci-replay=first", clauses, "--oci-ledger=second")
    statuses = plugin.statuses(plugin.path / "first")
    failed = {key.rpartition("::")[2] for key, status in statuses.items() if status == "fail"}
    proven = plugin.run("--oci-prove", converter, clauses)

    assert result.ret == again.ret == 1
    assert failed == {"test_root_is_there[plain]", "test_root_is_there[rich]"}
    assert statuses == plugin.statuses(plugin.path / "second")
    assert "convert" in result.stdout.str()
    assert proven.ret == 5
    assert plugin.left_behind() == []


def test_an_unpacker_owes_nothing_of_bundles(plugin: Plugin) -> None:
    """It makes none."""
    result = plugin.run("--oci-converter=mkdir {rootfs} {layout}-", "--oci-clause=config.root.*", "--oci-ledger=ledger")

    assert result.ret == 5
    assert set(plugin.statuses(plugin.path / "ledger").values()) == {"not-applicable"}


def test_what_a_tool_writes_is_judged_as_a_layout(plugin: Plugin) -> None:
    """An artifact without a type, its configuration the empty one."""
    untyped = artifact("", BlobDraft(media_type="text/plain", content=b"x"))
    write_directory(render(layout(untyped)), plugin.path / "untyped")
    tool = f"cp -r {plugin.path}/untyped {{layout}}"
    result = plugin.run(
        f"--oci-artifact-tool=sh -c '{tool} # {{file}}'", "--oci-clause=image-manifest.*", "--oci-ledger=ledger"
    )
    failed = {key for key, status in plugin.statuses(plugin.path / "ledger").items() if status == "fail"}

    assert result.ret == 1
    assert {each.partition(" ")[0] for each in failed} == {
        "image-manifest.artifact-type.set-if-empty-config",
        "image-manifest.artifact.artifact-type-if-empty-config",
    }
    assert {each.rpartition("[")[2] for each in failed} == {f"{name}]" for name in NAMES}
    assert "cp -r" in result.stdout.str()


@pytest.mark.parametrize("kind", ABSENT)
def test_a_command_that_is_not_there(plugin: Plugin, kind: str) -> None:
    """One line, and nothing is judged."""
    result = plugin.run(f"--oci-{kind}={ABSENT[kind]}")

    assert result.ret == 4
    said = [line for line in result.stderr.lines if line]
    assert len(said) == 1
    assert "no-such-tool" in said[0]


def test_one_that_makes_nothing_fails_one_clause(plugin: Plugin) -> None:
    """All that is judged of layouts depends on it."""
    result = plugin.run("--oci-builder=false {context} {layout}", "--oci-ledger=ledger", "--oci-clause=image-*")
    statuses = plugin.statuses(plugin.path / "ledger")
    failed = {key.partition(" ")[0] for key, status in statuses.items() if status == "fail"}

    assert result.ret == 1
    assert failed == {"image-layout.index.exists"}
    assert set(statuses.values()) == {"fail", "not-testable", "not-applicable"}
    assert "Traceback" not in result.stdout.str()
