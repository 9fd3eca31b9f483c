"""What a ledger holds of a product is judged again as it was, though the product is gone."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plugin_runs import Plugin

MODULE = "pytest_oci.fixtures.mutants.unpacker"
CONVERTER = f"{sys.executable} -m {MODULE} sound-converter {{layout}} {{ref}} {{bundle}} {{platform}}"


def bundle(path: Path) -> str:
    """With an absolute root, so that what stands there has to be remembered; and one clause broken."""
    (path / "product" / "rootfs").mkdir(parents=True)
    config = {"ociVersion": "1.2.0", "root": {"path": str(path / "product" / "rootfs")}, "hostname": 1}
    (path / "product" / "config.json").write_text(json.dumps(config))
    return f"--oci-bundle={path / 'product'}"


def no_config(path: Path) -> str:
    (path / "product" / "deeper").mkdir(parents=True)
    (path / "product" / "deeper" / "config.json").write_text('{"ociVersion": "1.2.0"}')
    return f"--oci-bundle={path / 'product'}"


def documents(path: Path) -> str:
    (path / "product").write_text('{"ociVersionMin": "1.0.0", "ociVersionMax": 1, "hooks": null}\n')
    return f"--oci-document=features:{path / 'product'}"


def configuration(path: Path) -> str:
    (path / "product").write_text('{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}')
    return f"--oci-document=config:{path / 'product'}"


PRODUCTS: dict[str, Callable[[Path], str]] = {
    "bundle": bundle,
    "no-config": no_config,
    "features": documents,
    "config": configuration,
}


@pytest.mark.parametrize("kind", PRODUCTS)
def test_a_product_is_judged_again(plugin: Plugin, kind: str) -> None:
    option = PRODUCTS[kind](plugin.path)
    plugin.run(option, "--oci-ledger=first", *(["--oci-bundle-to-start"] if kind == "config" else []))
    (plugin.path / "product").rename(plugin.path / "gone")
    plugin.run("--oci-replay=first", "--oci-ledger=second")
    statuses = plugin.statuses(plugin.path / "first")

    assert {"pass"} < set(statuses.values())
    assert plugin.statuses(plugin.path / "second") == statuses


def test_a_converter_is_judged_again(plugin: Plugin) -> None:
    """Without a single conversion."""
    plugin.run(f"--oci-converter={CONVERTER}", "--oci-clause=conversion.annotations.*", "--oci-ledger=first")
    result = plugin.run("--oci-replay=first", "--oci-clause=conversion.annotations.*", "--oci-ledger=second")
    statuses = plugin.statuses(plugin.path / "first")

    assert "pass" in statuses.values(), result.stdout.str()
    assert plugin.statuses(plugin.path / "second") == statuses


def test_a_ledger_without_its_product_is_refused(plugin: Plugin) -> None:
    """As those are that were written before they held it."""
    plugin.run(bundle(plugin.path), "--oci-ledger=first")
    lines = (plugin.path / "first").read_text().splitlines()
    header = {**json.loads(lines[0]), "before": None}
    footer = json.loads(lines[-1])
    import hashlib

    header.pop("before")
    body = json.dumps(header) + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    (plugin.path / "second").write_text(body + json.dumps({**footer, "lines": 1, "sha256": digest}) + "\n")
    result = plugin.run("--oci-replay=second")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["*the ledger does not hold the bundle that it is about*"])
