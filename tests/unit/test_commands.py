"""Copiers and builders: what is recorded of them, what is a failure; whatever they do is bounded and removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.image.built import applied, recorded
from pytest_oci.conformance.image.copied import expect_kept
from pytest_oci.fixtures.building import recipes
from pytest_oci.fixtures.building.build import Build
from pytest_oci.fixtures.building.builds import Builds
from pytest_oci.fixtures.copying import originals
from pytest_oci.fixtures.copying.copies import Copies
from pytest_oci.fixtures.copying.copy import Copy
from pytest_oci.fixtures.mutants import builds as builder_mutants
from pytest_oci.fixtures.mutants import copies as copier_mutants
from support import make_clause

from pytest_oci.host import host
from pytest_oci.observation import SharedStore
from pytest_oci.targets.command import USAGES, open_command
from pytest_oci.targets.template import TemplateError
from pytest_oci.violations import NotApplicable, NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.targets.command import Command

COPIERS_ROOT = make_clause(id=originals.ROOT_CLAUSE, spec="image", subject="consumer")
BUILDERS_ROOT = make_clause(id=recipes.ROOT_CLAUSE, spec="image", subject="image")
OTHER = make_clause(id="descriptor.data.not-added-to-existing-content", spec="image", subject="consumer")
WHOLE_COPY = 'cp -r "$1" "$2"'


def command(kind: str, directory: Path, script: str, fields: str) -> Command:
    """A shell script as a product of a kind."""
    program = directory / "tool"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exit 1\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    return open_command(USAGES[kind], f"{program} {fields}", directory)


def copying(directory: Path, script: str, *clauses: Any, timeout: float = 30.0) -> Copy:
    """What a test of these clauses gets: the script is given the original and the copy."""
    (directory / "observations").mkdir()
    copier = command("copier", directory, script, "{source} {target} {ref}")
    copies = Copies(copier, directory / "work", SharedStore(directory / "observations"), timeout)
    return Copy(copies, clauses or (COPIERS_ROOT,), host())


def building(directory: Path, script: str, *clauses: Any, fields: str = "{context} {layout} {base}") -> Build:
    """What a test of these clauses gets."""
    (directory / "observations").mkdir()
    builder = command("builder", directory, script, fields)
    builds = Builds(builder, directory / "work", SharedStore(directory / "observations"), 30.0)
    return Build(builds, clauses or (BUILDERS_ROOT,), host())


def left(directory: Path) -> list[str]:
    """What the commands left behind."""
    return sorted(path.name for path in (directory / "work").iterdir())


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("copier", "tool {source}", r"use \{target\}"),
        ("copier", "tool {source} {target} {platform}", r"unknown field \{platform\}"),
        ("builder", "tool {layout}", r"use \{context\} or \{file\}"),
    ],
    ids=["no-target", "unknown", "no-context"],
)
def test_a_wrong_template_says_what_is_wrong(kind: str, text: str, problem: str, tmp_path: Path) -> None:
    """In one line, before anything is called."""
    with pytest.raises(TemplateError, match=problem):
        open_command(USAGES[kind], text, tmp_path)


def test_a_copy_keeps_everything(tmp_path: Path) -> None:
    """One of all there is."""
    expect_kept(copying(tmp_path, WHOLE_COPY)(originals.SERIALIZED_INDEX))
    assert left(tmp_path) == []


def test_a_changed_copy_is_shown(tmp_path: Path) -> None:
    """A blob that is not what it is called."""
    alters = 'for each in "$2"/blobs/sha256/*; do echo >> "$each"; done'
    with pytest.raises(Violation, match="as it was"):
        expect_kept(copying(tmp_path, f"{WHOLE_COPY}; {alters}")(originals.CONTROL))


@pytest.mark.parametrize("script", ["exit 1", "exit 0", 'mkdir "$2"', "kill -9 $$"])
def test_one_cause_is_one_failure(tmp_path: Path, script: str) -> None:
    """Whoever copies no plain image breaks one clause; everything else depends on that."""
    copy = copying(tmp_path, script)

    with pytest.raises(Violation):
        copy(originals.CONTROL)
    with pytest.raises(NotTestable, match=originals.ROOT_CLAUSE):
        Copy(copy.copies, (OTHER,), host())(originals.TINY["artifact"])
    assert left(tmp_path) == []


def test_what_may_be_refused_is(tmp_path: Path) -> None:
    """A plain image is copied, others are not: no sentence says of each that it has to be."""
    copy = copying(tmp_path, f"[ -e {tmp_path}/again ] && exit 1; touch {tmp_path}/again; {WHOLE_COPY}")

    copy(originals.CONTROL)
    with pytest.raises(NotApplicable):
        copy(originals.NESTED_INDEX)
    with pytest.raises(NotTestable, match=originals.LAYER_TYPE):
        copy(originals.WITH_UNKNOWN_LAYER)


def test_what_a_copier_does_is_bounded_and_seen(tmp_path: Path) -> None:
    """It changes the original, writes elsewhere, leaves a process behind and a tree that may only be read."""
    script = f'{WHOLE_COPY}; echo x >> "$1/oci-layout"; echo > "$2/../made"; chmod -R a-w "$2"; (setsid sleep 600 &)'
    assert copying(tmp_path, script)(originals.CONTROL).outside == (
        "made was made (file)",
        "source/oci-layout was changed",
    )
    assert left(tmp_path) == []


def test_a_copier_that_hangs_is_ended(tmp_path: Path) -> None:
    """And says so."""
    with pytest.raises(Violation) as end:
        copying(tmp_path, "sleep 600", timeout=0.3)(originals.CONTROL)

    assert "did not end within" in end.value.actual
    assert left(tmp_path) == []


def test_the_sound_commands_keep_what_is_judged(tmp_path: Path) -> None:
    """The mutants are copies of them."""
    copy = copying(tmp_path, "exit 1")
    copy.copies.copier = copier_mutants.faulty(copy.copies.copier, copier_mutants.SOUND)
    expect_kept(copy(originals.SUBJECT))

    (tmp_path / "built").mkdir()
    build = building(tmp_path / "built", "exit 1")
    build.builds.builder = builder_mutants.faulty(build.builds.builder, builder_mutants.SOUND)
    built = build(recipes.REMOVALS)
    assert recipes.REMOVED[0] not in applied(built.layers)
    assert recorded(built, recipes.OVERWRITTEN).content == recipes.ORIGINAL
    assert left(tmp_path / "built") == []


def test_a_builder_that_builds_nothing_breaks_one_clause(tmp_path: Path) -> None:
    """Whatever else it is asked for depends on that."""
    build = building(tmp_path, "exit 1")

    with pytest.raises(Violation):
        build(recipes.CONTROL)
    with pytest.raises(NotTestable, match=recipes.ROOT_CLAUSE):
        Build(build.builds, (OTHER,), host())(recipes.CONFIGURED)
    assert left(tmp_path) == []


def test_a_builder_without_bases_is_asked_for_none(tmp_path: Path) -> None:
    """Its command has no field for them."""
    with pytest.raises(Unsupported, match="base"):
        building(tmp_path, "exit 1", fields="{context} {layout}")(recipes.REMOVALS)


def test_a_builder_that_fills_its_storage_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the disk is full."""
    monkeypatch.setattr("pytest_oci.fixtures.watched.exceeds", lambda place: (place / "many").exists())
    build = building(tmp_path, 'echo > "$3/many"; sleep 600', fields="{context} {layout} {storage}")

    assert build.builds.observe(recipes.CONTROL).calls[0].exit == "disk"
    assert left(tmp_path) == []


def test_an_ordinary_user_is_no_fault(tmp_path: Path) -> None:
    """Of a command that says that it takes root; of root's it is one."""
    copy = copying(tmp_path, "echo 'lchown: operation not permitted' >&2; exit 1")
    ordinary = Copy(copy.copies, copy.clauses, replace(host(), uid=1000))

    with pytest.raises(NotTestable, match="host: the run's user is not root"):
        ordinary(originals.CONTROL)
    with pytest.raises(Violation):
        Copy(copy.copies, copy.clauses, replace(host(), uid=0))(originals.CONTROL)
