"""Badges that say conformant or not, and with what version; never a number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pytest_oci.verdict import CONFORMANT, UNDECIDED

if TYPE_CHECKING:
    from pytest_oci.certification.ledgers import Joined
    from pytest_oci.certification.product import Product

DEMONSTRATION = "demonstration"
COLOURS = {CONFORMANT: "#1a7f37", UNDECIDED: "#57606a", DEMONSTRATION: "#57606a"}
NOT_CONFORMANT_COLOUR = "#b42318"
LETTER = 6.6
"""Width of a letter, on average, in pixels."""


def word_of(joined: Joined, product: Product) -> str:
    """What the badge says: the verdict, which a demonstration's does not."""
    return DEMONSTRATION if product.watermark else joined.verdict.word


def badge_json(joined: Joined, product: Product) -> str:
    """What an endpoint gives to services that draw badges."""
    word = word_of(joined, product)
    shown = {"schemaVersion": 1, "label": joined.claim, "message": word, "color": _colour(word)}
    return json.dumps(shown, indent=2) + "\n"


def badge_svg(joined: Joined, product: Product) -> str:
    """The badge as a picture of its own, with its text for those who do not see it."""
    label, word = joined.claim, word_of(joined, product)
    left, right = (round(len(text) * LETTER) + 16 for text in (label, word))
    title = escape(f"{label}: {word}")
    text = 'fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<rect width="{left}" height="20" fill="#24292f"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_colour(word)}"/>'
        f'<g {text}><text x="{left / 2:g}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(word)}</text></g></svg>\n'
    )


def badges_md(joined: Joined, product: Product) -> str:
    """The page for `live/`: the badge, and the folder that it rests on."""
    folder = f"../../v{joined.minor}/{product.slug}"
    return f"# {product.name}\n\n[![{joined.claim}: {word_of(joined, product)}](badge.svg)]({folder}/README.md)\n"


def _colour(word: str) -> str:
    return COLOURS.get(word, NOT_CONFORMANT_COLOUR)
