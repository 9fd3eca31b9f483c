"""`pytest-oci init` at a terminal: it asks, asks again, and leaves nothing where it does not come to its end."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from submitted import PRODUCT

from pytest_oci.certification.product import check_product, read_product

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("yaml")
pytestmark = pytest.mark.skipif(not hasattr(os, "login_tty"), reason="there are no terminals to make")

LIMIT = 30.0
CTRL_C, CTRL_D = "\x03", "\x04"
APPLICATION = PRODUCT["application"]
GIVEN = {
    name: value for name, value in PRODUCT.items() if name not in ("name", "documentation_url", "type", "application")
}
"""What the options say; the rest is asked for."""


class Terminal:
    """A terminal with `init` in it."""

    def __init__(self, directory: Path, *words: str) -> None:
        self.file = directory / "PRODUCT.yaml"
        self.said = ""
        options = [f"--{name.replace('_', '-')}={value}" for name, value in GIVEN.items()]
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "pytest_oci", "init", "-o", str(self.file), *options, *words],
            preexec_fn=lambda: os.login_tty(theirs),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"},
        )
        os.close(theirs)

    def until(self, text: str) -> None:
        """Wait until this is said, and forget it and what was said before."""
        deadline = time.monotonic() + LIMIT
        while text not in self.said:
            self.said += self._read_by(deadline)
        self.said = self.said.partition(text)[2]

    def answers(self, question: str, *answers: str) -> None:
        """Answer a question as often as it is asked; what is wrong with each but the last has to be said."""
        for number, answer in enumerate(answers):
            self.until(question)
            os.write(self._ours, f"{answer}\n".encode())
            if number < len(answers) - 1:
                self.until("  that ")

    def types(self, keys: str) -> None:
        """Press keys, once they are waited for: an interrupt just before would be noticed with the next line only."""
        deadline = time.monotonic() + LIMIT
        stat = Path(f"/proc/{self._process.pid}/stat")
        while stat.exists() and stat.read_text().rpartition(") ")[2][0] != "S" and time.monotonic() < deadline:
            time.sleep(0.01)
        os.write(self._ours, keys.encode())

    def ends(self) -> tuple[int, list[str]]:
        """The exit status, and the last lines."""
        deadline = time.monotonic() + LIMIT
        while found := self._read_by(deadline):
            self.said += found
        return self._process.wait(LIMIT), self.said.splitlines()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read_by(self, deadline: float) -> str:
        ready, _, _ = select.select([self._ours], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"nothing more is said within {LIMIT} s after {self.said!r}"
        try:
            return os.read(self._ours, 4096).decode()
        except OSError:  # its other end is closed
            return ""


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Those that a test has opened."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def test_wrong_answers_are_asked_for_again(tmp_path: Path, terminals: list[Terminal]) -> None:
    """Every question has its own rule; what is optional may be left out. The answers come out as they were given."""
    terminal = Terminal(tmp_path)
    terminals.append(terminal)

    terminal.answers("Name of the product: ", "", "My OCI thing", PRODUCT["name"])
    terminal.answers("Its source repository (may be empty): ", "example.org", "")
    terminal.answers("Its documentation: ", "ftp://example.org", PRODUCT["documentation_url"])
    terminal.answers("Its logo, as SVG, AI or EPS (may be empty): ", "https://example.org/logo.png", "")
    terminal.answers("What it is: ", "runtime", PRODUCT["type"])
    terminal.answers("Contact, as Name <email>: ", "person@example.org", "A. Person <person@example.org>")
    terminal.answers("Day on which you mean to submit", "soon", "2027-02-30", APPLICATION["intended_date"])

    status, (*_, last) = terminal.ends()
    assert status == 0
    assert last.startswith(f"{terminal.file} is written")
    assert read_product(terminal.file) == check_product(PRODUCT, "", applied=True)


@pytest.mark.parametrize(("keys", "status", "said"), [(CTRL_C, 2, "interrupted"), (CTRL_D, 4, "the input ended")])
def test_who_gives_up_leaves_nothing(
    tmp_path: Path, terminals: list[Terminal], keys: str, status: int, said: str
) -> None:
    """In the middle of the questions; in one line, and not with a traceback."""
    terminal = Terminal(tmp_path)
    terminals.append(terminal)
    terminal.answers("Name of the product: ", PRODUCT["name"])
    terminal.until("Its source repository (may be empty): ")
    terminal.types(keys)

    ended, lines = terminal.ends()

    assert ended == status
    assert said in lines[-1]
    assert "Traceback" not in "".join(lines)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_option_is_told_before_anything_is_asked(tmp_path: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal(tmp_path, "--name=SuperOCI", "--intended-date=soon")
    terminals.append(terminal)

    status, (line,) = terminal.ends()

    assert status == 4
    assert "name may not contain OCI" in line
    assert "intended_date has to be a day" in line
    assert list(tmp_path.iterdir()) == []
