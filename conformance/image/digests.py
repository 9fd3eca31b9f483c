"""Digest strings: their grammar, and the forms of the registered algorithms (descriptor.md, Digests)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HEX_DIGITS: Mapping[str, int] = {"sha256": 64, "sha512": 128}
"""How many lower-case hexadecimal digits the encoded portion has, by registered algorithm."""
GRAMMAR = "algorithm:encoded, as [a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+"

_ALGORITHM = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*+")
_ENCODED = re.compile(r"[a-zA-Z0-9=_-]+")
_LOWER_HEX = re.compile(r"[a-f0-9]*")
_UPPER_HEX = re.compile(r"[A-F]")


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest string that follows the grammar."""

    algorithm: str
    encoded: str

    @property
    def registered(self) -> bool:
        """Whether the specification defines the algorithm."""
        return self.algorithm in HEX_DIGITS

    @property
    def well_formed(self) -> bool:
        """Whether the encoded portion has the form of a registered algorithm; others ask for none."""
        return is_encoded_form(self.algorithm, self.encoded)

    @property
    def has_upper_case(self) -> bool:
        """Whether there are hexadecimal digits in upper case, which the registered algorithms forbid."""
        return self.registered and _UPPER_HEX.search(self.encoded) is not None


def parse(text: str) -> Digest | None:
    """The two portions of a digest string; None if it does not follow the grammar."""
    algorithm, colon, encoded = text.partition(":")
    return Digest(algorithm, encoded) if colon and is_algorithm(algorithm) and is_encoded(encoded) else None


def is_algorithm(text: str) -> bool:
    """Whether a text follows the grammar of the algorithm portion."""
    return _ALGORITHM.fullmatch(text) is not None


def is_encoded(text: str) -> bool:
    """Whether a text follows the grammar of the encoded portion, whatever the algorithm."""
    return _ENCODED.fullmatch(text) is not None


def is_encoded_form(algorithm: str, encoded: str) -> bool:
    """Whether the encoded portion has the form that its algorithm asks for; those not registered ask for none."""
    digits = HEX_DIGITS.get(algorithm)
    return digits is None or (len(encoded) == digits and _LOWER_HEX.fullmatch(encoded) is not None)


def form_of(algorithm: str) -> str:
    """The form of the encoded portion of a registered algorithm, in words."""
    return f"{algorithm}: and {HEX_DIGITS[algorithm]} lower-case hexadecimal digits"
