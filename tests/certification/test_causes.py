"""The causes that `verify` knows are those that the suite gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_oci
from pytest_oci import conformance, fixtures
from pytest_oci.certification.checking import REASONED

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVEN = re.compile(r'\b(?:not_testable|NotTestable)\(\s*f?"([^"{]+)')
"""How a cause begins, as far as the source shows it."""
PACKAGES = (pytest_oci, conformance, fixtures)


def beginnings() -> Iterator[tuple[str, str]]:
    """Each file in which a cause is given, and how it begins."""
    for package in PACKAGES:
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            for found in GIVEN.finditer(file.read_text(encoding="utf-8")):
                yield file.name, found[1]


def test_every_cause_that_the_suite_gives_is_known() -> None:
    given = list(beginnings())
    assert [(file, text) for file, text in given if not text.startswith(REASONED)] == []
    assert {cause for cause in REASONED if any(text.startswith(cause) for _, text in given)} == set(REASONED)
