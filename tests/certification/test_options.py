"""What `certify` and `verify --rerun` hand on about a product, from a directory where pytest is not run."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

import pytest
from sources import CHECKOUT

from pytest_oci.certification.hermetic import command
from pytest_oci.certification.options import add_product_options, product_arguments
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = {
    "--bundle=b": "--oci-bundle={here}/b",
    "--layout=demo": "--oci-layout=demo",
    "--runtime=crun": "--oci-runtime=crun",
    "--runtime=./crun": "--oci-runtime={here}/crun",
    "--document=features:f.json": "--oci-document=features:{here}/f.json",
    "--client=skopeo": "--oci-client=skopeo",
    "--client=./skopeo": "--oci-client={here}/skopeo",
    "--engine=podman": "--oci-engine=podman",
    "--converter=umoci unpack --image {layout}:{ref} {bundle}": (
        "--oci-converter=umoci unpack --image {layout}:{ref} {bundle}"
    ),
    "--converter=./tool {layout} {bundle}": "--oci-converter={here}/tool '{layout}' '{bundle}'",
    "--copier=python3 ./tool {source} './no such' {target}": (
        "--oci-copier=python3 {here}/tool '{source}' './no such' '{target}'"
    ),
    f"--builder=sh -c '{'a/b ' * 2000}' {{context}} {{layout}}": (
        f"--oci-builder=sh -c '{'a/b ' * 2000}' {{context}} {{layout}}"
    ),
    "--artifact-tool='unclosed": "--oci-artifact-tool='unclosed",
}


@pytest.mark.parametrize("given", GIVEN, ids=lambda text: text[:50])
def test_paths_are_those_of_the_caller(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of programs and scripts in a template, and those of documents; words that only look like it stay."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tool").touch()
    parser = argparse.ArgumentParser()
    add_product_options(parser)

    assert product_arguments(parser.parse_args([given])) == [GIVEN[given].replace("{here}", str(tmp_path))]


@pytest.mark.parametrize("workers", ["@words", "2 -k x", "-1", "--maxfail=1"])
def test_the_number_of_processes_is_one(workers: str, tmp_path: Path) -> None:
    """pytest reads further options from a file that is named with an @."""
    with pytest.raises(CertificationError, match="has to be a number, or auto"):
        command([], tmp_path, workers)


def test_there_is_a_line_for_every_kind() -> None:
    """In the documentation, as it is to be typed."""
    page = (CHECKOUT / "docs" / "certification.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("pytest-oci certify --product PRODUCT.yaml --")]

    for kind in (*KINDS, "embeds"):
        (line,) = (line for line in lines if line.split()[4] == f"--{kind}")
        parser = argparse.ArgumentParser(allow_abbrev=False)
        add_product_options(parser)
        _, unknown = parser.parse_known_args(shlex.split(line)[4:])
        assert [word for word in unknown if word.startswith("--")] == (
            ["--embeds", "--binary"] if kind == "embeds" else []
        )
