"""Commands of real tools: the table, and what is said of it."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from pytest_oci.targets.command import USAGES
from pytest_oci.targets.template import parse_template
from tools import field_results
from tools.commands import cli, judging
from tools.commands.products import HERE, PRODUCTS, Product

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.file)
def test_commands_are_such_as_can_be_given(product: Product) -> None:
    """Their fields are known, and all that has to be there is."""
    usage = USAGES[product.option]
    words = parse_template(product.given("/a b/python").partition("=")[2], usage.fields, usage.needed).words

    assert words[0] in {*product.programs, "/a b/python", str(HERE / "podman-build")}
    assert shlex.split(product.template)


def test_every_command_has_records_of_its_own() -> None:
    """And a name of its own on the page."""
    assert len({product.name for product in PRODUCTS}) == len({product.file for product in PRODUCTS}) == len(PRODUCTS)
    assert os.access(HERE / "podman-build", os.X_OK)


def test_the_page_names_commands_that_there_are() -> None:
    """In the rows about them."""
    text = field_results.PAGE.read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    page = next(part for part in section if part.startswith("Commands"))
    named = {name for names in field_results.rows(page).values() for name in names}

    assert named
    assert named <= {product.name for product in PRODUCTS}


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the machine, and of what was asked."""
    product = Product("nothing", "copier", "no-such-tool {source} {target}", ("no-such-tool",), ("no_such_module",))
    judged = judging.run(product, "python3", tmp_path, 5.0)

    assert judged.absent == "there is no no-such-tool, no_such_module"
    assert cli.main(["--python", "no-such-python"]) == cli.USAGE
    assert "no-such-python" in capsys.readouterr().err
