"""A place to run pytest with the plugin in, and a fake runtime to judge."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from plugin_runs import SOURCE, Plugin

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.pytester import Pytester


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fake runtime as an executable of this interpreter, which starts faster than one found on PATH."""
    path = tmp_path_factory.mktemp("fake") / "fake-runtime"
    path.write_text(f"#!{sys.executable} -IS\n{SOURCE.read_text()}")
    path.chmod(0o755)
    return path


@pytest.fixture
def plugin(
    pytester: Pytester, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, fake: Path
) -> Plugin:
    """A place to run pytest in."""
    temporary = tmp_path_factory.mktemp("t")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return Plugin(pytester, temporary, fake)
