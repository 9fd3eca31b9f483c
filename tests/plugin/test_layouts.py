"""`--oci-layout`: image layouts, one test for each of their parts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from plugin_runs import junit
from pytest_oci.fixtures.image.rendering import render
from pytest_oci.fixtures.image.shapes import shape
from pytest_oci.fixtures.image.writing import write_archive, write_directory

from pytest_oci.ledger import read_ledger

if TYPE_CHECKING:
    from plugin_runs import Plugin

KEPT = {"pass", "advice", "not-applicable"}


@pytest.fixture
def prepared(plugin: Plugin) -> Plugin:
    write_directory(render(shape("full")), plugin.path / "good")
    return plugin


def test_the_demo(plugin: Plugin) -> None:
    """It keeps every clause, needs no product, and leaves nothing."""
    result = plugin.run("--oci-layout=demo", "--oci-ledger=ledger", "--junitxml=junit.xml", "-m", "image")
    records = read_ledger(plugin.path / "ledger")

    assert result.ret == 0
    assert set(plugin.statuses(plugin.path / "ledger").values()) <= KEPT
    assert records[0]["targets"][0]["kind"] == "layout"
    assert records[0]["targets"][0]["path"] == "demo"
    assert records[-1]["verdict"] == "conformant"
    assert len(junit(plugin.path / "junit.xml")) > 100
    assert plugin.left_behind() == []


def test_directory_and_archive_are_judged_alike(prepared: Plugin) -> None:
    """Whatever the form, the same tests have the same statuses."""
    write_archive(render(shape("full")), prepared.path / "good.tar.gz", "tar+gzip")
    for name in ("good", "good.tar.gz"):
        assert prepared.run(f"--oci-layout={name}", f"--oci-ledger={name}.ledger").ret == 0

    assert prepared.statuses(prepared.path / "good.ledger") == prepared.statuses(prepared.path / "good.tar.gz.ledger")


def test_workers_get_the_layout_from_the_controller(prepared: Plugin) -> None:
    """With xdist everything is as without."""
    prepared.run("--oci-layout=good", "--oci-ledger=serial")
    assert prepared.apart("--oci-layout=good", "--oci-ledger=workers", "-n2").ret == 0

    assert prepared.statuses(prepared.path / "serial") == prepared.statuses(prepared.path / "workers")
    assert prepared.left_behind() == []


def test_a_ledger_is_judged_again(prepared: Plugin) -> None:
    """It holds all that was read of the layout, which need not be there any more."""
    prepared.run("--oci-layout=good", "--oci-ledger=first")
    (prepared.path / "good").rename(prepared.path / "gone")
    result = prepared.run("--oci-replay=first", "--oci-ledger=second")

    assert result.ret == 0
    assert prepared.statuses(prepared.path / "first") == prepared.statuses(prepared.path / "second")
    assert read_ledger(prepared.path / "second")[0]["targets"] == read_ledger(prepared.path / "first")[0]["targets"]


def test_a_failure_names_file_and_pointer(prepared: Plugin) -> None:
    """And the line that shows it again."""
    index = prepared.path / "good" / "index.json"
    document = json.loads(index.read_bytes())
    document["schemaVersion"] = 1
    index.write_text(json.dumps(document))
    result = prepared.run("--oci-layout=good", "--oci-clause=image-index.*", "--oci-ledger=ledger")
    text = result.stdout.str()

    assert result.ret == 1
    assert "index.json#/schemaVersion" in text
    assert "pytest --oci-layout=good --oci-clause=image-index.schema-version.is-2" in text
    assert "blob/v1.1.1/image-index.md" in text
    failed = [name for name, status in prepared.statuses(prepared.path / "ledger").items() if status == "fail"]
    assert len(failed) == 1
    assert failed[0].endswith("[index.json]")


def test_a_name_or_platform_narrows(prepared: Plugin) -> None:
    """Only what is below it is judged, and reproduce lines say so."""
    platform = "linux/amd64"
    result = prepared.run("--oci-layout=good", f"--oci-platform={platform}", "--oci-ledger=ledger")
    ids = {name.partition("[")[2] for name in prepared.statuses(prepared.path / "ledger")}

    assert result.ret == 0
    assert any("amd64" in name for name in ids)
    assert not any("arm64" in name for name in ids)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--oci-layout=none"], "--oci-layout=none: "),
        (["--oci-layout=good", "--oci-ref=nothing"], "--oci-ref=nothing: index.json has "),
        (
            ["--oci-layout=good", "--oci-platform=plan9/mips"],
            "--oci-platform=plan9/mips: no manifest in good is for it",
        ),
        (["--oci-layout=good", "--oci-limit=patience=3"], "--oci-limit=patience=3: no such limit; known are document-"),
        (["--oci-layout=good", "--oci-limit=seconds=soon"], "--oci-limit=seconds=soon: has to be NAME=NUMBER"),
        (["--oci-bundle=good", "--oci-ref=x"], "--oci-ref is about a layout: name it with --oci-layout"),
        (["--oci-image=x"], "--oci-image=REF needs --oci-engine=docker or --oci-engine=podman"),
        (["--oci-image=x", "--oci-engine=podman", "--oci-layout=good"], "give either --oci-layout or --oci-image"),
    ],
)
def test_wrong_uses(prepared: Plugin, words: list[str], said: str) -> None:
    """One line says what and how to mend it."""
    result = prepared.run(*words)

    assert result.ret == 4
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_limit_is_never_a_pass(prepared: Plugin) -> None:
    """What was not read to its end is not testable, by the limit's name."""
    result = prepared.run("--oci-layout=good", "--oci-limit=unpacked-bytes=1000", "--oci-ledger=ledger")
    statuses = prepared.statuses(prepared.path / "ledger")
    of_tar = {status for name, status in statuses.items() if name.startswith("layer.format.tar ")}

    assert "not-testable" in of_tar
    assert "limit: unpacked-bytes=1000 was reached; --oci-limit=unpacked-bytes=NUMBER sets" in result.stdout.str()
    assert "error" not in statuses.values()
