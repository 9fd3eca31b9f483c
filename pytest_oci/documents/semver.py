"""Version numbers as SemVer 2.0.0 writes them."""

from __future__ import annotations

import re

# `$` alone lets a final newline pass in some regular expression dialects, `\d` lets foreign digits pass: neither is
# used without help, so that the pattern means the same in Python and in every JSON Schema validator.
_NUMBER = "(?:0|[1-9][0-9]*)"
_PRERELEASE = f"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
PATTERN = (
    rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$"
)
"""The grammar, to be used together with a ban on newlines."""

_WHOLE = re.compile(PATTERN)
LONGEST_ORDERED = 100


def is_semver(text: str) -> bool:
    """Whether a text follows the grammar of SemVer 2.0.0."""
    return _WHOLE.fullmatch(text) is not None and not text.endswith("\n")


def major_minor(text: str) -> tuple[int, int] | None:
    """Major and minor number of a version, None for what is no SemVer."""
    if not is_semver(text) or len(text) > LONGEST_ORDERED:
        return None
    major, minor, *_ = text.split(".")
    return int(major), int(minor)


def precedence(text: str) -> tuple[tuple[int, int, int], tuple[tuple[int, int, str], ...]]:
    """What orders a SemVer version among others (SemVer 2.0.0, item 11); build metadata does not count.

    Raises ValueError for what is no SemVer, or is longer than LONGEST_ORDERED.
    """
    if not is_semver(text) or len(text) > LONGEST_ORDERED:
        raise ValueError(f"{text[:LONGEST_ORDERED]!r} is no version to compare")
    core, _, pre = text.partition("+")[0].partition("-")
    major, minor, patch = map(int, core.split("."))
    if not pre:
        return (major, minor, patch), ((2, 0, ""),)  # behind every pre-release
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")]
    return (major, minor, patch), ((0, 0, ""), *parts)


def has_build_metadata(text: str) -> bool:
    """Whether a SemVer version has build metadata: development builds say so what they are ahead of."""
    return "+" in text
