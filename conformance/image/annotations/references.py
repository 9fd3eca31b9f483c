"""Names of images: the references of distribution/distribution, and the ref grammar of annotations.md."""

from __future__ import annotations

import re

_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PATH})(?::{_TAG})?(?:@{_DIGEST})?")
LONGEST_PATH = 255
LONGEST_REFERENCE = 4096
"""Longer ones are not looked at more closely; no registry can serve them."""

_NAME_PART = r"[A-Za-z0-9]+(?:(?:--|[-._:@+])[A-Za-z0-9]+)*+"
_REF_NAME = re.compile(rf"{_NAME_PART}(?:/{_NAME_PART})*+")
_NOT_IN_REF_NAME = re.compile(r"[^A-Za-z0-9\-._:@/+]")


def is_reference(text: str) -> bool:
    """Whether a text is [domain/]path[:tag][@digest], as distribution/distribution defines it."""
    return _match(text) is not None


def is_fully_qualified(text: str) -> bool:
    """Whether a reference names its registry: its first component has a dot or a port, or can be nothing else."""
    match = _match(text)
    domain = match["domain"] if match else None
    return domain is not None and (domain == "localhost" or "." in domain or ":" in domain or domain != domain.lower())


def _match(text: str) -> re.Match[str] | None:
    match = _REFERENCE.fullmatch(text) if len(text) <= LONGEST_REFERENCE else None
    return match if match and len(match["path"]) <= LONGEST_PATH else None


def is_ref_name(text: str) -> bool:
    """Whether a text follows the grammar for org.opencontainers.image.ref.name."""
    return _REF_NAME.fullmatch(text) is not None


def foreign_in_ref_name(text: str) -> str:
    """The first character that may not stand in such a name; empty if there is none."""
    found = _NOT_IN_REF_NAME.search(text)
    return found[0] if found else ""
