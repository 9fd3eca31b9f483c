"""Layouts of real tools: the table, the record, and the comparison with the field results."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tools.layouts import cli, judging, making
from tools.layouts.judging import Judged, compare, not_judged, rows, version
from tools.layouts.making import Made
from tools.layouts.shapes import SHAPES

PAGE = """\
# Field results

| clause | products | seen | text |
|---|---|---|---|
| `runtime.state.id` | insert | x | y |

### umoci 0.4.7

| clause | shapes | seen | text |
|---|---|---|---|
| `layer.format.tar` | insert, insert-file | x | y |
| `image-index.manifests.required` | init | x | y |

### buildah 1.28.2

| clause | shapes | seen | text |
|---|---|---|---|
| `descriptor.size.required` | all | x | y |

## Other things

| `layer.format.tar` | scratch | x | y |
"""


def judged(shape: str, *failed: str, producer: str = "umoci", said: str = "umoci version 0.4.7") -> Judged:
    return Judged(Made(f"{producer}-{shape}", producer, said, shape), frozenset(failed))


def test_every_shape_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 25
    assert all((shape.make.__doc__ or "").endswith(".") for shape in SHAPES)


def test_rows_belong_to_a_producer_and_its_version() -> None:
    assert rows(PAGE) == {
        ("umoci", "0.4.7"): {
            "layer.format.tar": frozenset({"insert", "insert-file"}),
            "image-index.manifests.required": frozenset({"init"}),
        },
        ("buildah", "1.28.2"): {"descriptor.size.required": frozenset({"all"})},
    }


@pytest.mark.parametrize(
    ("layouts", "problems"),
    [
        ([judged("insert", "layer.format.tar"), judged("init", "image-index.manifests.required")], []),
        ([judged("new")], []),
        ([judged("new", "layer.format.tar")], ["umoci-new fails layer.format.tar: no row of umoci 0.4.7 says why"]),
        ([judged("insert")], ["umoci-insert keeps layer.format.tar: its row of umoci 0.4.7 is stale"]),
        (
            [judged("insert", "layer.format.tar", said="umoci version 0.5")],
            ["umoci-insert fails layer.format.tar: no row of umoci 0.5 says why"],
        ),
        (
            [judged("scratch", producer="buildah", said="buildah version 1.28.2 (image-spec 1.0.2)")],
            ["buildah-scratch keeps descriptor.size.required: its row of buildah 1.28.2 is stale"],
        ),
    ],
    ids=["explained", "nothing-fails", "unexplained", "stale", "another-version", "all-shapes"],
)
def test_failures_are_held_against_the_page(layouts: list[Judged], problems: list[str]) -> None:
    assert compare(rows(PAGE), layouts) == problems


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("buildah version 1.28.2 (image-spec 1.0.2-dev, runtime-spec 1.0.2-dev)", "1.28.2"),
        ("Docker version 20.10.24+dfsg1, build 297e128", "20.10.24"),
        ("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1", "1.6.20"),
        ("umoci version 0.4.7+ds-3+b7", "0.4.7"),
        ("/usr/bin/docker-registry github.com/docker/distribution 2.8.2+ds1", "2.8.2"),
        ("nothing", ""),
    ],
)
def test_versions(said: str, number: str) -> None:
    assert version(said) == number


def test_the_page_names_shapes_that_there_are() -> None:
    known = {shape.name for shape in SHAPES}
    for (producer, _), listed in rows(judging.PAGE.read_text(encoding="utf-8")).items():
        for shapes in listed.values():
            assert {f"{producer}-{shape}" for shape in shapes - {judging.ALL}} <= known


def test_what_could_not_be_judged_is_named(tmp_path: Path) -> None:
    lines = [
        {"clause": "layer.format.tar", "status": "not-testable", "reason": "host: reading zstd needs Python 3.14"},
        {"clause": "image-config.rootfs.required", "status": "not-testable", "reason": "depends-on: layer.format.tar"},
        {"clause": "layer.format.tar", "status": "pass", "reason": ""},
    ]
    (tmp_path / "run.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert not_judged(tmp_path / "run.jsonl") == [
        "layer.format.tar is not testable: host: reading zstd needs Python 3.14"
    ]


def test_a_record_keeps_what_was_made_before(tmp_path: Path) -> None:
    making.write_record(tmp_path, [Made("b", "p", "1", "b"), Made("a", "p", "1", "a", seconds=1.0)])
    making.write_record(tmp_path, [Made("a", "p", "2", "a", problem="broken")])
    layouts = [Made(**one) for one in json.loads((tmp_path / making.RECORD).read_text())["layouts"]]
    assert [(one.name, one.version, one.there) for one in layouts] == [("a", "2", False), ("b", "1", True)]


def test_judging_needs_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["judge", str(tmp_path)]) == cli.USAGE
    assert "layouts.json" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.skipif(shutil.which("umoci") is None, reason="there is no umoci")
def test_layouts_are_made_and_nothing_else_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    assert making.make(tmp_path / "made", ["umoci-new", "umoci-init"], Path("/"), 60.0) == 0
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"layouts.json", "umoci-init", "umoci-new"}
    assert (tmp_path / "made" / "umoci-new" / "index.json").is_file()
    record = json.loads((tmp_path / "made" / "layouts.json").read_text())["layouts"]
    assert [one["commands"] for one in record] == [
        ["umoci init --layout scratch/layout"],
        ["umoci init --layout scratch/layout", "umoci new --image scratch/layout:latest"],
    ]
    assert not list(scratch.iterdir())
