"""Exchanges in the text of a failure: request and answer as they went, credentials left out, bodies cut visibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.targets.registry.redaction import redacted_headers
from pytest_oci.text import printable

if TYPE_CHECKING:
    from pytest_oci.targets.registry.exchange import Body, Exchange, Header

SHOWN_BODY = 400
SHOWN_VALUE = 300


def exchange_lines(*exchanges: Exchange) -> list[str]:
    """Each exchange as lines of evidence: what was sent after `>`, what came after `<`."""
    return [line for exchange in exchanges for line in _lines(exchange)]


def _lines(exchange: Exchange) -> list[str]:
    lines = [f"> {exchange.method} {printable(exchange.shown_url)}"]
    lines += _headers(">", exchange.sent_headers)
    lines += _body(">", exchange.sent)
    if not exchange.status:
        return [*lines, f"< {printable(exchange.answer)} after {exchange.seconds * 1000:.0f} ms"]
    lines.append(f"< {exchange.status} after {exchange.seconds * 1000:.0f} ms")
    lines += _headers("<", redacted_headers(exchange.headers, url="" if exchange.foreign else exchange.url))
    lines += _body("<", exchange.body)
    return [*lines, f"< {printable(exchange.answer)}"] if exchange.failure else lines


def _headers(mark: str, headers: tuple[Header, ...]) -> list[str]:
    return [f"{mark} {printable(name)}: {_cut(printable(value), SHOWN_VALUE)}" for name, value in headers]


def _body(mark: str, body: Body) -> list[str]:
    if not body.length:
        return []
    if not body.whole and len(body.kept) < SHOWN_BODY:
        return [f"{mark} ({body.length} bytes, {body.sha256})"]
    return [f"{mark} {line}" for line in _cut(printable(body.text.strip()), SHOWN_BODY).splitlines()]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
