"""Submissions of real products: what is said of them is in order, and what goes wrong is told in one line each."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_oci.cli import main as pytest_oci
from pytest_oci.kinds import KINDS
from tools.submissions import making
from tools.submissions.making import Asked, described, make
from tools.submissions.products import HERE, PRODUCTS, USUAL

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("yaml")


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_can_apply(name: str, tmp_path: Path) -> None:
    product = dataclasses.replace(PRODUCTS[name], version=HERE)

    assert pytest_oci(["init", "-o", str(tmp_path / "PRODUCT.yaml"), *described(name, product, sys.executable)]) == 0


def test_every_usual_one_is_known() -> None:
    """One of each kind but engines, which take longer, and a conformant demonstration."""
    assert set(USUAL) <= PRODUCTS.keys()
    assert {PRODUCTS[name].kind for name in PRODUCTS} == KINDS.keys()
    assert {PRODUCTS[name].kind for name in USUAL} == KINDS.keys() - {"engine"}
    assert any(PRODUCTS[name].demonstration for name in USUAL)


def test_what_cannot_be_made_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that is not there, and no time: neither stops the others."""
    absent = dataclasses.replace(PRODUCTS["demo-layout"], version=("no-such-program",))
    monkeypatch.setattr(making, "PRODUCTS", {**PRODUCTS, "absent": absent})

    assert make(Asked(tmp_path, sys.executable, 0.0), ["absent", "demo-layout"]) == 1
    told = capsys.readouterr().out
    assert "absent: NOT SOUND: absent: no-such-program is not there" in told
    assert "demo-layout: NOT SOUND: init: more than 0 s for everything" in told
    assert told.endswith("2 submissions, 2 problems\n")
