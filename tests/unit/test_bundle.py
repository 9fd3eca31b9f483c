"""Bundles and scenarios are data: building is pure, and what is the same has the same name."""

from __future__ import annotations

import copy
import json
import os
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.runtime import rootfs
from pytest_oci.fixtures.runtime.bundle import MINIMAL, Bundle
from pytest_oci.fixtures.runtime.container import Stuck
from pytest_oci.fixtures.runtime.rootfs import STANDARD, Rootfs
from pytest_oci.fixtures.runtime.scenario import Facts, run, scenario

from pytest_oci.observation import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_oci.fixtures.runtime.stage import Stage

BUILDERS: dict[str, Callable[[Bundle], Bundle]] = {
    "having": lambda it: it.having("/process/user/uid", 5),
    "having-new-parents": lambda it: it.having("/linux/resources/memory/limit", 5),
    "having-appended": lambda it: it.having("/mounts/-", {"destination": "/x"}),
    "having-in-list": lambda it: it.having("/linux/namespaces/0/path", "/x"),
    "lacking": lambda it: it.lacking("/process/user"),
    "lacking-in-list": lambda it: it.lacking("/mounts/0"),
    "with-files": lambda it: it.with_files(rootfs.file("/etc/x")),
    "with-args": lambda it: it.with_args("/x"),
    "with-verb": lambda it: it.with_verb("env"),
    "with-mount": lambda it: it.with_mount("/x", options=["ro"]),
    "with-bind": lambda it: it.with_bind("/a", "/x", "ro"),
    "with-capabilities": lambda it: it.with_capabilities(bounding=["CAP_KILL"]),
    "with-hooks": lambda it: it.with_hooks(poststart=[{"path": "/x"}]),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_building_leaves_the_original_alone(build: Callable[[Bundle], Bundle]) -> None:
    """The new bundle differs; the old one is what it was."""
    before, name = copy.deepcopy(MINIMAL.document), MINIMAL.identity()
    built = build(MINIMAL)

    assert built.identity() != name
    assert (MINIMAL.document, MINIMAL.identity()) == (before, name)
    assert MINIMAL.rootfs is STANDARD


def test_what_builders_put_is_what_is_asked_for() -> None:
    """By JSON pointer, with its escapes."""
    bundle = (
        MINIMAL.having("/annotations/org.example~1a~0b", "x")
        .having("/mounts/0/options", ["ro"])
        .having("/mounts/-", {"destination": "/last"})
        .with_bind("/host", "/in", "ro")
        .lacking("/root")
    )

    assert bundle.document["annotations"] == {"org.example/a~b": "x"}
    assert bundle.document["mounts"][0]["options"] == ["ro"]
    assert bundle.document["mounts"][-2:] == [
        {"destination": "/last"},
        {"destination": "/in", "type": "bind", "source": "/host", "options": ["bind", "ro"]},
    ]
    assert "root" not in bundle.document


def test_lacking_understands_the_same_pointers_as_having() -> None:
    """What was put can be taken away again."""
    bundle = MINIMAL.having("/annotations/a~1b", "x").having("/annotations/c", "y").lacking("/annotations/a~1b")

    assert bundle.document["annotations"] == {"c": "y"}


def test_lacking_what_is_not_there_is_a_mistake() -> None:
    """A misspelled pointer must not make a test that tests nothing."""
    with pytest.raises(KeyError):
        MINIMAL.lacking("/process/colour")


def test_a_bundle_is_written_to_a_new_directory(tmp_path: Path) -> None:
    """config.json as it is or as raw text, the rootfs beside it."""
    probe = tmp_path / "probe"
    probe.write_text("probe")
    path = tmp_path / "bundle"
    MINIMAL.with_files(rootfs.file("/etc/name", "value", 0o600)).make(path, probe)

    assert json.loads((path / "config.json").read_text()) == MINIMAL.document
    assert (path / "rootfs/etc/name").read_text() == "value"
    assert (path / "rootfs/etc/name").stat().st_mode & 0o777 == 0o600
    assert (path / "rootfs/tmp").stat().st_mode & 0o7777 == 0o1777
    with pytest.raises(FileExistsError):
        MINIMAL.make(path, probe)
    Bundle(raw='{"ociVersion": 1', rootfs_path="elsewhere").make(tmp_path / "raw", probe)
    assert (tmp_path / "raw/config.json").read_text() == '{"ociVersion": 1'
    assert (tmp_path / "raw/elsewhere").is_dir()


def test_a_rootfs_is_made_of_its_entries(tmp_path: Path) -> None:
    """The probe is linked, or copied where its mode is another; parents are made."""
    probe = tmp_path / "probe"
    probe.write_text("probe")
    probe.chmod(0o755)
    tree = Rootfs((rootfs.probe(), rootfs.probe("/deep/in/copy", 0o700), rootfs.symlink("/link", "/probe"))).plus(
        rootfs.directory("/closed", 0o700), rootfs.file("/run/x", "ü")
    )
    tree.make(tmp_path / "root", probe)
    root = tmp_path / "root"

    assert (root / "probe").samefile(probe)
    assert not (root / "deep/in/copy").samefile(probe)
    assert ((root / "deep/in/copy").stat().st_mode & 0o777, probe.stat().st_mode & 0o777) == (0o700, 0o755)
    assert (root / "link").readlink().as_posix() == "/probe"
    assert (root / "closed").stat().st_mode & 0o777 == 0o700
    assert (root / "run/x").read_text(encoding="utf-8") == "ü"


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    """A rootfs is the same whoever runs the suite."""
    probe = tmp_path / "probe"
    probe.touch()
    before = os.umask(0o077)
    try:
        Rootfs((rootfs.directory("/open", 0o777), rootfs.file("/open/file", mode=0o666))).make(tmp_path / "r", probe)
    finally:
        os.umask(before)

    assert [(tmp_path / "r" / name).stat().st_mode & 0o777 for name in ("open", "open/file")] == [0o777, 0o666]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_owners_are_set_without_losing_the_mode(tmp_path: Path) -> None:
    """chown clears set-user-ID, so it comes first; links themselves are given away."""
    probe = tmp_path / "probe"
    probe.touch()
    Rootfs((rootfs.file("/suid", mode=0o4755, uid=5, gid=6),)).make(tmp_path / "r", probe)
    found = (tmp_path / "r/suid").stat()

    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (5, 6, 0o4755)


def test_an_unknown_kind_of_entry_is_a_mistake(tmp_path: Path) -> None:
    """Nothing is silently left out."""
    with pytest.raises(ValueError, match="unknown kind of entry: pipe"):
        Rootfs((rootfs.Entry("/x", "pipe"),)).make(tmp_path / "r", tmp_path)


class OneStage:
    """What a scenario needs of a stage."""

    def __init__(self) -> None:
        self.facts: Facts = {}
        self.calls: list[object] = []
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@scenario("root")
def play_it(stage: Stage, bundle: Bundle, *, often: int = 1) -> Facts:
    """A scenario."""
    stage.facts["before"] = often
    if often == 2:
        raise Stuck(Trouble("start", "it hangs", clean=False))
    if often == 3:
        raise OSError("no space")
    return {"after": bundle.document["root"]}


def test_scenarios_are_the_same_where_their_arguments_are() -> None:
    """The name is built from the function and all arguments."""
    names = [
        play_it(MINIMAL).name,
        play_it(MINIMAL, often=2).name,
        play_it(MINIMAL.with_args("/x")).name,
        play_it(MINIMAL.with_files(rootfs.file("/x"))).name,
        play_it(Bundle(raw="{")).name,
        run(MINIMAL).name,
    ]

    assert len(set(names)) == len(names)
    assert play_it(Bundle()).name == names[0]
    assert "play-it" in names[0]
    assert play_it(MINIMAL).needs == ("root",)


def test_a_scenario_is_observed_and_its_stage_closed() -> None:
    """Facts before and after; trouble with the product is part of it, other trouble is not."""
    stages = [OneStage() for _ in range(3)]

    def observe(number: int) -> object:
        return play_it(MINIMAL, often=number + 1).observe(stages[number])  # type: ignore[arg-type]

    seen = play_it(MINIMAL).observe(stages[0])  # type: ignore[arg-type]
    assert (seen.facts, seen.trouble) == ({"before": 1, "after": {"path": "rootfs"}}, None)
    stuck = play_it(MINIMAL, often=2).observe(stages[1])  # type: ignore[arg-type]
    assert (stuck.facts, stuck.trouble) == ({"before": 2}, Trouble("start", "it hangs", clean=False))
    with pytest.raises(OSError, match="no space"):
        observe(2)
    assert [stage.closed for stage in stages] == [1, 1, 1]
