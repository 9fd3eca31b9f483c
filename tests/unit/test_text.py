"""Texts of products are made fit to be shown."""

from __future__ import annotations

import pytest

from pytest_oci.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext: ü 漢字 \N{CHECK MARK}", "plain\n\ttext: ü 漢字 \N{CHECK MARK}"),
        ("a\x1b[2J\x00\x7f\x9b", "a\\x1b[2J\\x00\\x7f\\x9b"),
        ("pass\u202efail\u2066\u200f", "pass\\u202efail\\u2066\\u200f"),
        ("zero\u200bwidth\ufeff\u00ad\u2060", "zero\\u200bwidth\\ufeff\\xad\\u2060"),
        ("line\u2028paragraph\u2029\r\nnext\rlast", "line\\u2028paragraph\\u2029\nnext\\x0dlast"),
        ("\ud800 \ue000 \U000e0041", "\\ud800 \\ue000 \\U000e0041"),
        ("of Unicode 15: \U0001fae8", "of Unicode 15: \\U0001fae8"),
        ("e\u0301" + "\u0301" * 5, "e" + "\u0301" * 4 + "\\u0301" * 2),
    ],
)
def test_what_is_not_seen_is_shown(text: str, shown: str) -> None:
    """Controls, marks of direction and of zero width, surrogates, heaps of marks; and it is so the second time."""
    assert visible(text, 100) == shown
    assert visible(shown, 100) == shown


def test_what_is_long_is_cut_visibly() -> None:
    """However long it is, and the rest costs nothing."""
    assert visible("x" * 50_000_000, 3) == "xxx… (49999997 more characters)"
    assert visible("xxx", 3) == "xxx"
