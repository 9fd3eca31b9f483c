"""Real registries: programs that listen, and those that do not; the page names the products."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest

from tools.field_results import PAGE, rows
from tools.registries.judging import CASES
from tools.registries.service import NotStartedError, free_port, listening

if TYPE_CHECKING:
    from pathlib import Path

LISTENS = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); s.accept(); s.accept()"


def test_every_product_has_rows() -> None:
    """Each of them breaks something."""
    named = {product for products in rows(PAGE.read_text(encoding="utf-8")).values() for product in products}
    assert {case.product for case in CASES.values()} <= named


def test_a_program_listens_as_long_as_it_is_needed(tmp_path: Path) -> None:
    """And is ended then."""
    port = free_port()
    with listening([sys.executable, "-c", LISTENS, str(port)], port, tmp_path):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_program_that_ends_is_told_of_in_one_line(tmp_path: Path) -> None:
    """With its last words."""
    command = [sys.executable, "-c", "print('no such file'); raise SystemExit(3)"]
    with (
        pytest.raises(NotStartedError, match=r"ended with 3: no such file$") as told,
        listening(command, free_port(), tmp_path),
    ):
        pass
    assert "\n" not in str(told.value)
