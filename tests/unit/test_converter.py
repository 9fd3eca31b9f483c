"""Converters: their templates, what is recorded of them, and that whatever they do is bounded and removed."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.image.applied import apply_layers, substance
from pytest_oci.conformance.image.conversion.test_bundle_conversion import test_bundle_is_started as judge_start
from pytest_oci.conformance.image.unpacked import TYPES
from pytest_oci.fixtures.conversion import configs, control, documents, layers
from pytest_oci.fixtures.conversion.control import CONTROL, OTHER, ROOT_CLAUSE, TWINS, UNPACKERS_ROOT
from pytest_oci.fixtures.conversion.conversions import Conversions
from pytest_oci.fixtures.conversion.convert import Convert
from pytest_oci.fixtures.conversion.filetree import FileTree, Node, changes, read_tree
from pytest_oci.fixtures.conversion.starting import ARGS, ENV, GROUP, USER
from pytest_oci.fixtures.conversion.stimulus import Stimulus
from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.made_bundle import bundle_of, require_bound
from pytest_oci.fixtures.mutants.conversions import SOUND, faulty
from support import make_clause

from pytest_oci.host import host
from pytest_oci.observation import Observation, SharedStore
from pytest_oci.targets.command import USAGES, open_command
from pytest_oci.targets.runtime import TargetError
from pytest_oci.targets.template import TemplateError, parse_template
from pytest_oci.violations import NotApplicable, Noted, NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from pathlib import Path

USAGE = USAGES["converter"]
CLAUSE = make_clause(id="conversion.cmd.verbatim", spec="image", subject="converter")
LAYERS = make_clause(id=UNPACKERS_ROOT, spec="image", subject="consumer")
ROOT = make_clause(id=ROOT_CLAUSE, spec="image", subject="converter")
MAKES = 'mkdir -p "$2/rootfs/etc"; echo "{\\"process\\": {\\"cwd\\": \\"$$\\"}}" > "$2/config.json"'
"""A bundle for any image, with another working directory each time."""


def test_a_template_is_split_without_a_shell() -> None:
    """Quotes hold words together; fields are filled in wherever they stand in a word, as they are."""
    template = parse_template("tool 'a b' --from={layout}:{ref} {bundle}", USAGE.fields, USAGE.needed)

    argv = template.argv({"layout": "/l;rm", "ref": "$(x)", "bundle": "/b c"})

    assert argv == ["tool", "a b", "--from=/l;rm:$(x)", "/b c"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tool 'a {layout} {bundle}", "cannot be split"),
        ("", "begin with the program"),
        ("{layout} {bundle}", "begin with the program"),
        ("tool {layout} {target}", r"unknown field \{target\}"),
        ("tool {bundle}", r"use \{layout\}"),
        ("tool {layout}", r"use \{bundle\} or \{rootfs\}"),
    ],
    ids=["quote", "empty", "field-first", "unknown", "no-layout", "no-output"],
)
def test_a_wrong_template_says_what_is_wrong(text: str, problem: str) -> None:
    """In one line."""
    with pytest.raises(TemplateError, match=problem):
        parse_template(text, USAGE.fields, USAGE.needed)


def test_there_is_no_such_converter(tmp_path: Path) -> None:
    """As for runtimes."""
    with pytest.raises(TargetError, match="no-such-tool"):
        open_command(USAGE, "no-such-tool {layout} {bundle}", tmp_path)


def converting(directory: Path, script: str, *, target: str = "{bundle}", timeout: float = 5.0) -> Conversions:
    """What converts with a shell script that is given the layout and the target."""
    program = directory / "tool"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exit 1\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    converter = open_command(USAGE, f"{program} {{layout}} {target}", directory)
    observations = directory / "observations"
    observations.mkdir()
    return Conversions(converter, directory / "work", SharedStore(observations), timeout)


def convert_of(found: Conversions, *clauses: Any) -> Convert:
    """What a test of these clauses gets."""
    return Convert(found, clauses or (CLAUSE,), host())


def left(directory: Path) -> list[str]:
    """What conversions left behind."""
    return sorted(path.name for path in (directory / "work").iterdir())


def test_a_stimulus_is_converted_once(tmp_path: Path) -> None:
    """And nothing of it stays behind."""
    found = converting(tmp_path, f"echo x >> {tmp_path}/calls; {MAKES}")
    convert = convert_of(found)

    assert convert.config(CONTROL) == convert_of(found).config(CONTROL)
    assert (tmp_path / "calls").read_text(encoding="utf-8").count("x") == 2  # the other is for comparison
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "exit 0",
        'mkdir "$2"; echo "[" > "$2/config.json"',
        'mkdir "$2"; mkfifo "$2/config.json"; kill -9 $$',
        'mkdir "$2"; echo "{}" > "$2/config.json"',
        'mkdir -p "$2/rootfs"; echo "[]" > "$2/config.json"',
        'mkdir -p "$2"; ln -s / "$2/rootfs"; echo "{}" > "$2/config.json"',
    ],
    ids=["refuses", "nothing", "garbled", "crashes", "no-rootfs", "no-object", "linked-rootfs"],
)
def test_one_cause_is_one_failure(tmp_path: Path, script: str) -> None:
    """Whoever makes nothing of a plain image breaks the clause at the root, and everything else depends on that."""
    found = converting(tmp_path, script)

    with pytest.raises(NotTestable, match=ROOT_CLAUSE):
        convert_of(found).config(configs.BOTH)
    with pytest.raises(Violation):
        convert_of(found, ROOT).config(CONTROL)
    assert left(tmp_path) == []


def test_a_converter_that_ignores_the_image_breaks_one_clause(tmp_path: Path) -> None:
    """The same configuration for all."""
    found = converting(tmp_path, 'mkdir -p "$2/rootfs"; echo "{}" > "$2/config.json"')

    with pytest.raises(NotTestable, match=ROOT_CLAUSE):
        convert_of(found).config(configs.BOTH)
    assert convert_of(found, ROOT).config(OTHER) == {}


@pytest.mark.parametrize("clause", TWINS)
def test_a_twin_tells_why_the_control_fails(tmp_path: Path, clause: str) -> None:
    """A converter that takes the control with another media type breaks the clause about that type alone."""
    missing = {
        "image-manifest.layers.supports.tar-gzip": r"tar+gzip",
        "image-manifest.config.oci-type-supported": r"oci.image.config.v1",
        "image-index.manifests.image-manifest-supported": r"oci.image.manifest.v1",
    }[clause]
    found = converting(tmp_path, f'grep -rqF {missing} "$1/index.json" "$1/blobs" && exit 1; {MAKES}')

    with pytest.raises(NotTestable, match=f"depends-on: {clause}"):
        convert_of(found, ROOT)(CONTROL)
    with pytest.raises(Violation):
        convert_of(found, make_clause(id=clause, spec="image", subject="consumer"))(CONTROL)


def test_a_command_that_unpacks_owes_no_configuration(tmp_path: Path) -> None:
    """It is judged by the tree alone."""
    found = converting(tmp_path, 'mkdir "$2"; echo hello > "$2/file"', target="{rootfs}")

    assert convert_of(found, LAYERS).tree(CONTROL).nodes["file"].content == "hello\n"
    with pytest.raises(Unsupported):
        convert_of(found).config(CONTROL)


def test_an_unpacker_that_makes_nothing_breaks_its_own_root(tmp_path: Path) -> None:
    """There is no configuration whose clause it could break."""
    found = converting(tmp_path, "exit 1", target="{rootfs}")

    with pytest.raises(NotTestable, match=UNPACKERS_ROOT):
        convert_of(found, make_clause(id="layer.apply.whiteout-removes", spec="image", subject="consumer"))(CONTROL)
    with pytest.raises(Violation):
        convert_of(found, LAYERS)(CONTROL)


def test_the_bundle_that_was_made_can_be_judged(tmp_path: Path) -> None:
    """When it is no more, by its exact text and by where its root path led; only by what its version demands."""
    text = '{"ociVersion": "1.0.2", "root": {"path": "fs"}}'
    seen = converting(tmp_path, f'mkdir -p "$2/fs"; echo \'{text}\' > "$2/config.json"').observe(CONTROL)
    bundle = bundle_of(seen)

    assert bundle.data == f"{text}\n".encode()
    assert bundle.root is not None
    assert (bundle.root.declared, bundle.root.is_directory, bundle.root.inside) == ("fs", True, True)
    assert not bundle.root.resolved.exists()
    require_bound(bundle, [make_clause(since="1.0.2")])
    with pytest.raises(NotApplicable, match=r"of runtime-spec 1\.0"):
        require_bound(bundle, [make_clause(since="1.1.0")])


def test_a_ledger_that_lacks_the_bundles_place_decides_nothing(tmp_path: Path) -> None:
    """Nor is there a bundle where none was made."""
    made = converting(tmp_path, MAKES).observe(CONTROL)
    older = replace(made, facts={name: fact for name, fact in made.facts.items() if name != "bundle"})
    none = replace(made, facts={**made.facts, "config": {"text": None, "problem": "there is none"}})

    with pytest.raises(NotTestable, match="limit: the replayed ledger"):
        bundle_of(older)
    with pytest.raises(NotTestable, match="product: it made no bundle: there is none"):
        bundle_of(none)


def test_what_is_written_elsewhere_is_seen(tmp_path: Path) -> None:
    """Beside the target, to a neighbour, into the layout."""
    script = 'echo x > "$2/../made"; echo x >> "$2/../neighbour/file"; echo " " >> "$1/index.json"; rm "$1/oci-layout"'
    seen = converting(tmp_path, f"{MAKES}; {script}").observe(CONTROL)

    assert seen["outside"] == [
        "layout/index.json was changed",
        "layout/oci-layout was removed",
        "made was made (file)",
        "neighbour/file was changed",
    ]
    assert left(tmp_path) == []


def test_a_converter_that_hangs_is_ended(tmp_path: Path) -> None:
    """With what it started in a session of its own."""
    script = f'setsid sh -c "echo \\$\\$ > {tmp_path}/pid; exec sleep 600" & sleep 600'
    found = converting(tmp_path, script, timeout=1.0)
    began = time.monotonic()

    seen = found.observe(CONTROL)

    assert seen.calls[0].exit == "timeout"
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)
    assert left(tmp_path) == []


def test_a_converter_that_fills_the_disk_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the disk is full."""
    monkeypatch.setattr("pytest_oci.fixtures.watched.exceeds", lambda place: (place / "bundle" / "many").exists())
    found = converting(tmp_path, 'mkdir "$2"; echo > "$2/many"; sleep 600', timeout=60.0)

    seen = found.observe(CONTROL)

    assert seen.calls[0].exit == "disk"
    assert "wrote more files than it may" in str(seen.trouble)
    assert left(tmp_path) == []


def test_a_converter_that_floods_is_ended(tmp_path: Path) -> None:
    """And what it said is cut."""
    seen = converting(tmp_path, "yes").observe(CONTROL)

    assert seen.calls[0].exit == "flood"
    assert seen.trouble is not None
    assert len(seen.trouble.text) < 1000


def test_trees_that_may_only_be_read_are_removed(tmp_path: Path) -> None:
    """Whoever runs."""
    seen = converting(tmp_path, f'{MAKES}; echo x > "$2/rootfs/etc/x"; chmod -R a-w "$2"; chmod 0 "$2/rootfs/etc"')

    seen.observe(CONTROL)

    assert left(tmp_path) == []


def test_a_tree_is_read_without_following_links(tmp_path: Path) -> None:
    """Types, contents, names of one inode; nothing that lies outside, nothing that would block."""
    (tmp_path / "outside").write_text("outside", encoding="utf-8")
    top = tmp_path / "top"
    (top / "directory").mkdir(parents=True)
    (top / "file").write_bytes(b"\xff" * 300)
    (top / "again").hardlink_to(top / "file")
    (top / "link").symlink_to("../outside")
    (top / "to-directory").symlink_to("directory")
    os.mkfifo(top / "pipe")

    tree = FileTree.from_json(read_tree(top).to_json())

    assert {path: node.type for path, node in tree.nodes.items()} == {
        "again": "file",
        "directory": "directory",
        "file": "file",
        "link": "symlink",
        "pipe": "fifo",
        "to-directory": "symlink",
    }
    assert tree.nodes["file"].inode == tree.nodes["again"].inode
    assert tree.nodes["file"].content == "\\xff" * 200
    assert tree.nodes["link"].link == "../outside"
    assert "no directory" in read_tree(top / "link").problem
    assert "no directory" in read_tree(top / "nowhere").problem


def test_changes_are_said_in_words() -> None:
    """Times of directories are none."""
    before = FileTree(
        {"d": Node("d", "directory", mtime=1), "f": Node("f", "file", size=1), "gone": Node("gone", "file")}
    )
    after = FileTree({"d": Node("d", "directory", mtime=2), "f": Node("f", "file", size=2), "new": Node("new", "fifo")})

    assert changes(before, after) == ["f was changed", "gone was removed", "new was made (fifo)"]


def stimuli() -> list[Stimulus]:
    """All there are."""
    found: list[object] = []
    for module in (configs, control, documents, layers):
        for value in vars(module).values():
            found += value.values() if isinstance(value, dict) else [value]
    found = [each[1] if isinstance(each, tuple) and len(each) == 2 else each for each in found]
    return [each for each in found if isinstance(each, Stimulus)]


def test_every_stimulus_can_be_made() -> None:
    """Each has a name of its own."""
    all_ = {id(each): each for each in stimuli()}.values()

    assert len({each.name for each in all_}) == len(all_) > 70
    for each in all_:
        assert "index.json" in render(each.tree)


def test_the_reference_and_the_sound_converter_agree(tmp_path: Path) -> None:
    """They were made independently of each other."""
    found = converting(tmp_path, "exit 1")
    found.converter = faulty(found.converter, SOUND)
    found.timeout = 60.0
    for stimulus in (layers.STACKED, layers.HIDDEN, *layers.SAME_LAYER.values(), *layers.OPAQUE.values()):
        tree = convert_of(found, LAYERS).tree(stimulus)
        manifest: Any = stimulus.tree.index.entries[0]
        wanted = {
            path: substance(each) for path, each in apply_layers(each.entries for each in manifest.layers).items()
        }
        assert {
            path: (TYPES[node.type], node.link if node.type == "symlink" else node.content)
            for path, node in tree.nodes.items()
        } == wanted, stimulus.name


SEEN = {"argv": ARGS, "cwd": "/srv", "uid": [USER] * 3, "gid": [GROUP] * 3, "env": [*ENV, "PATH=/bin"]}


@pytest.mark.parametrize(
    ("started", "shown"),
    [
        ({"problem": "", "said": SEEN}, ""),
        ({"problem": "create: exit status 1", "said": {}}, "create: exit status 1"),
        ({"problem": "", "said": {}}, "None"),
        ({"problem": "", "said": {**SEEN, "cwd": "/"}}, "'/'"),
        ({"problem": "", "said": {**SEEN, "uid": [0, 0, 0]}}, "0, 0, 0"),
        ({"problem": "", "said": {**SEEN, "env": ENV[1:]}}, ENV[1]),
    ],
    ids=["as-asked", "not-started", "silent", "elsewhere", "root", "without-a-variable"],
)
def test_what_becomes_of_a_started_bundle_is_shown(started: dict[str, Any], shown: str) -> None:
    """Converter and runtime share it, so that it is never a failure."""
    config = {"text": json.dumps({"process": {"cwd": "/srv", "args": ARGS}}), "problem": ""}
    other = {"text": json.dumps({"process": {"cwd": "/etc"}}), "problem": ""}

    class Source:
        makes_bundles, asks_platform, reads_layouts = True, False, True

        def observe(self, stimulus: Stimulus) -> Observation:
            facts = {"config": other if stimulus is OTHER else config, "started": started}
            return Observation(stimulus.scenario, (), facts, None)

    convert = Convert(Source(), (ROOT,), host())
    if not shown:
        judge_start(convert)
        return
    with pytest.raises(Noted) as noted:
        judge_start(convert)
    assert shown in noted.value.actual
