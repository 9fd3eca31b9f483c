"""The benchmark of registries: what it is told on its command line."""

from __future__ import annotations

import pytest

from benchmarks.registry import parse


@pytest.mark.parametrize("words", [("--pairs", "5", "demo"), ("demo", "--pairs", "5")])
def test_options_stand_before_the_url_or_behind_it(words: tuple[str, ...]) -> None:
    options = parse([*words, "--", "-q", "--pairs=1", "--"])

    assert (options.registry, options.pairs) == ("demo", 5)
    assert options.extra == ["-q", "--pairs=1", "--"]


def test_without_a_separator_nothing_is_for_pytest() -> None:
    assert parse(["demo"]).extra == []


def test_arguments_for_pytest_stand_behind_the_separator(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["demo", "tests"])

    assert "URL [-- PYTEST-ARG ...]" in capsys.readouterr().err
