"""Digest strings: grammar and the forms of the registered algorithms."""

from __future__ import annotations

import pytest
from pytest_oci.conformance.image import digests

GOOD = {
    "sha256": f"sha256:{'0123456789abcdef' * 4}",
    "sha512": f"sha512:{'0123456789abcdef' * 8}",
    "encodings": "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
    "parameters": "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
    "every-separator": "a+b.c_d-e:f",
    "digit-first": "0:=",
    "unknown-upper-case": "blake3:ABC",
}
BAD = {
    "empty": "",
    "no-colon": "sha256",
    "no-algorithm": ":abc",
    "no-encoded": "sha256:",
    "two-colons": "sha256:a:b",
    "upper-case-algorithm": "SHA256:abc",
    "separator-first": "+a:b",
    "separator-last": "a+:b",
    "separators": "a+-b:c",
    "slash": "sha256:a/b",
    "plus": "sha256:a+b",
    "newline": f"sha256:{'a' * 64}\n",
    "space": " sha256:abc",
    "foreign-digit": "sha256:\N{ARABIC-INDIC DIGIT ONE}",
    "foreign-letter": "sh\N{LATIN SMALL LETTER A WITH DIAERESIS}:abc",
    "nul": "sha256:a\0",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_digests(text: str) -> None:
    digest = digests.parse(text)
    assert digest is not None
    assert f"{digest.algorithm}:{digest.encoded}" == text
    assert digest.well_formed


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_other_texts(text: str) -> None:
    assert digests.parse(text) is None


@pytest.mark.parametrize(("algorithm", "digits"), [("sha256", 64), ("sha512", 128)])
@pytest.mark.parametrize("head", ["", "00", "A", "g", "="], ids=["less", "more", "upper-case", "no-hex", "equals"])
def test_forms_of_registered_algorithms(algorithm: str, digits: int, head: str) -> None:
    """Any one thing that is wrong with the encoded portion."""
    filled = head + "0" * (digits - 1)
    digest = digests.parse(f"{algorithm}:{filled}")
    assert digest is not None
    assert not digest.well_formed
    assert digest.has_upper_case is ("A" in head)
    assert str(digits) in digests.form_of(algorithm)


def test_upper_case_is_nothing_to_unregistered_algorithms() -> None:
    digest = digests.parse("blake3:ABC")
    assert digest is not None
    assert not digest.has_upper_case
