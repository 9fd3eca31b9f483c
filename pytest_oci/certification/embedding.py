"""Products that contain another one, unmodified: what they state, and what is checked of it.

This is the road for engines and platforms that let nobody at their runtime: their folder has the ledgers of the
conformant product that they contain, and states the digest of the binary that they ship, which has to be that one's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.trouble import CertificationError
from pytest_oci.verdict import CONFORMANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_oci.certification.ledgers import Joined
    from pytest_oci.certification.product import Product


def embed(contained: Product, joined: Joined, binary: Path) -> dict[str, Any]:
    """What a product states that ships this binary. Raises CertificationError if it cannot state it."""
    try:
        with binary.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CertificationError(f"{binary} cannot be read: {error.strerror}") from None
    stated = {
        "product": contained.name,
        "version": contained.values["version"],
        "sha256": found,
        "specification": f"{joined.spec}-spec {joined.version}",
        "verdict": joined.verdict.word,
        "ledgers": [ledger.sha256 for ledger in joined.ledgers],
    }
    if told := "; ".join(check_embedded(stated, joined)):
        raise CertificationError(f"{binary}: {told}")
    return stated


TEXTS = frozenset({"product", "version", "sha256", "specification", "verdict"})


def malstated(stated: Any) -> Iterable[str]:
    """What is wrong with the form of a statement."""
    if not isinstance(stated, dict) or stated.keys() != TEXTS | {"ledgers"}:
        yield f"the statement has not exactly {', '.join(sorted(TEXTS | {'ledgers'}))}"
    elif not all(isinstance(stated[name], str) and stated[name].isprintable() for name in TEXTS):
        yield f"{', '.join(sorted(TEXTS))} of the statement have to be lines of text"


def check_embedded(stated: Mapping[str, Any], joined: Joined) -> Iterable[str]:
    """What is wrong with a statement, held against the ledgers that it rests on."""
    digests = {target.get("sha256") for target in joined.header["targets"]}
    if digests != {stated["sha256"]}:
        yield f"the binary shipped has the sha256 {stated['sha256']}, what was judged another one"
    if stated["specification"] != f"{joined.spec}-spec {joined.version}":
        yield "it names another specification than the ledgers"
    if stated["ledgers"] != [ledger.sha256 for ledger in joined.ledgers]:
        yield "it names other ledgers"
    if stated["verdict"] != CONFORMANT or joined.verdict.word != CONFORMANT:
        yield f"what is embedded is {joined.verdict.word}: nothing rests on it"
