"""Converters: their templates, the layouts that they are fed, and what is recorded of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.conversion import Conversions, Convert
from pytest_oci.fixtures.image.one_image import Image

from pytest_oci.observation import SharedStore
from pytest_oci.targets.converter import FIELDS, NEEDED, open_converter
from pytest_oci.targets.runtime import TargetError
from pytest_oci.targets.template import TemplateError, parse_template
from pytest_oci.violations import NotTestable

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = Image({"os": "linux", "architecture": "amd64", "config": {"Cmd": ["/bin/true"]}})


def test_a_template_is_split_without_a_shell() -> None:
    """Quotes hold words together; fields are filled in wherever they stand in a word, as they are."""
    template = parse_template("tool 'a b' --from={layout}:{ref} {bundle}", FIELDS, NEEDED)

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
        parse_template(text, FIELDS, NEEDED)


def test_there_is_no_such_converter(tmp_path: Path) -> None:
    """As for runtimes."""
    with pytest.raises(TargetError, match="no-such-tool"):
        open_converter("no-such-tool {layout} {bundle}", tmp_path)


def converting(directory: Path, script: str) -> Conversions:
    """What converts with a shell script that is given the layout and the bundle."""
    program = directory / "tool"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    converter = open_converter(f"{program} {{layout}} {{bundle}}", directory)
    observations = directory / "observations"
    observations.mkdir()
    return Conversions(converter, directory / "work", SharedStore(observations), timeout=5.0)


def test_an_image_is_converted_once(tmp_path: Path) -> None:
    """And nothing of it stays behind."""
    conversions = converting(tmp_path, f'echo x >> {tmp_path}/calls; mkdir "$2"; echo "{{}}" > "$2/config.json"')

    assert [Convert(conversions)(IMAGE) for _ in range(2)] == [{}, {}]
    assert (tmp_path / "calls").read_text(encoding="utf-8").count("x") == 2  # one of them is --version
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize(
    "script",
    ["exit 1", "exit 0", 'mkdir "$2"; echo "[" > "$2/config.json"', 'mkdir "$2"; mkfifo "$2/config.json"; kill -9 $$'],
    ids=["refuses", "nothing", "garbled", "crashes"],
)
def test_without_a_configuration_nothing_is_judged(tmp_path: Path, script: str) -> None:
    """It depends on the clause at the root of converting."""
    conversions = converting(tmp_path, f'[ "$1" = --version ] && exit 1\n{script}')

    with pytest.raises(NotTestable, match=r"conversion\.relies-on-image-config"):
        Convert(conversions)(IMAGE)
