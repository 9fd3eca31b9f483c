"""Real engines, judged: what is asked, and the comparison with the field results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools.engines import cli
from tools.engines.running import ENGINES
from tools.field_results import PAGE, rows

if TYPE_CHECKING:
    import pytest


def test_rows_are_those_of_the_section() -> None:
    """Whatever stands on the page besides; each names engines that are judged."""
    section = cli.SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section is not None
    found = rows(section[1])
    assert "layer.apply.whiteout-lower-only" in found
    assert set().union(*found.values()) == set(ENGINES)
    assert "## " not in section[1]


def test_wrong_uses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and status 4."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cli.main([]) == cli.USAGE
    assert capsys.readouterr().err == "engines: this needs root: it runs containers\n"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert cli.main(["--python", "/no/python"]) == cli.USAGE
    assert capsys.readouterr().err == "engines: there is no Python /no/python\n"
