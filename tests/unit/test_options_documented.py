"""What the documents say of options and limits is complete."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from pytest_oci.settings import OPTIONS
from pytest_oci.targets.layout.limits import LayoutLimits

TOP = Path(__file__).resolve().parents[2]


def first_cells(document: str, pattern: str) -> set[str]:
    """What the first cells of a document's tables name."""
    lines = (TOP / document).read_text(encoding="utf-8").splitlines()
    return {name for line in lines if line.startswith("|") for name in re.findall(pattern, line.split("|")[1])}


def test_the_readme_has_every_option() -> None:
    """`--oci-engine` stands beside `--oci-image`, with which it goes."""
    assert first_cells("README.md", r"--oci-([a-z-]+)") == {option.name for option in OPTIONS}


def test_the_page_about_layouts_has_every_limit() -> None:
    """By the names that `--oci-limit` takes."""
    names = {field.name.replace("_", "-") for field in fields(LayoutLimits)}

    assert first_cells("docs/layouts.md", r"`([a-z-]+)`") == names
