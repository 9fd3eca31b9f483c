"""A registry as a product under test: requests with all that leads to their answers, each an exchange."""

from __future__ import annotations

import time
import urllib.parse
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.registry.address import Address, origin_of, parse_address
from pytest_oci.targets.registry.authorization import Authorization
from pytest_oci.targets.registry.exchange import NO_BODY, Body, Exchange
from pytest_oci.targets.registry.limits import RegistryLimits
from pytest_oci.targets.registry.redaction import redacted_headers
from pytest_oci.targets.runtime import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_oci.targets.registry.credentials import Credentials
    from pytest_oci.targets.registry.exchange import Header
    from pytest_oci.targets.registry.tokens import TokenRequest
    from pytest_oci.targets.registry.transport import Transport

USER_AGENT = "pytest-oci"
COMMON = (("User-Agent", USER_AGENT), ("Accept-Encoding", "identity"))
"""Header fields of every request that does not bring its own."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPING = frozenset({307, 308})
"""Redirects that keep method and body."""


@dataclass
class Registry:
    """A registry's address and the way to it. `headers` are sent to it with every request, and never recorded."""

    address: Address
    transport: Transport
    authorization: Authorization
    limits: RegistryLimits = field(default_factory=RegistryLimits)
    headers: tuple[Header, ...] = ()
    sleep: Callable[[float], None] = time.sleep
    banner: str = ""
    """What the registry says of its version, if it does."""

    def close(self) -> None:
        """Close every connection."""
        self.transport.close()

    def url(self, path: str) -> str:
        """The URL of a path, or of a location that the registry gave, absolute or not."""
        return urllib.parse.urljoin(f"{self.address.url}/", path)

    def own_path(self, url: str) -> str:
        """The path and query of a URL that leads to the registry; any other URL as it is."""
        return url.removeprefix(self.address.url) if self.owns(url) else url

    def owns(self, url: str) -> bool:
        """Whether a URL leads to the registry itself: only there credentials are sent."""
        return origin_of(url) == self.address

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[Header] = (),
        body: bytes | Iterator[bytes] = b"",
        keep: int | None = None,
        follow: bool = True,
        authenticate: bool = True,
    ) -> list[Exchange]:
        """Send a request; its exchange is the last, those before led to it.

        Challenges are answered, redirects followed and answers 429 waited for, all within limits. A body that is an
        iterator is sent once: whatever would take it again ends there.
        """
        sending = _Sending(self, method, self.url(url), tuple(headers), body, self._kept(keep), follow, authenticate)
        chain = sending.run()
        return [*chain[:-1], chain[-1].playing("request", led_by=len(chain) - 1)]

    def _kept(self, keep: int | None) -> int:
        return self.limits.kept_bytes if keep is None else keep

    def send(
        self,
        method: str,
        url: str,
        headers: Sequence[Header],
        body: bytes | Iterator[bytes],
        keep: int,
        authorization: str | None,
    ) -> Exchange:
        """Send one request as it is, without any that it may lead to."""
        own = self.owns(url)
        named = {name.lower() for name, _ in headers}
        common = [header for header in COMMON if header[0].lower() not in named]
        sent = [("Host", _authority(url)), *common, *(self.headers if own else ()), *headers]
        sent += [("Authorization", authorization)] if own and authorization is not None else []
        exchange = self.transport.send(method, url, sent, body, keep=keep, most=self.limits.body_bytes)
        return self._clean(exchange, foreign=not own)

    def fetch_token(self, asked: TokenRequest) -> tuple[Exchange, bytes]:
        """Ask a token service; the exchange, of which no body is kept, and the answer's body."""
        headers = [("User-Agent", USER_AGENT), *asked.headers]
        most = self.limits.token_bytes
        exchange = self.transport.send(asked.method, asked.url, headers, asked.body, keep=most, most=most)
        body = exchange.body.kept
        silent = replace(exchange, sent=_silent(exchange.sent), body=_silent(exchange.body))
        return self._clean(silent, foreign=True).playing("token"), body

    def _clean(self, exchange: Exchange, *, foreign: bool) -> Exchange:
        """The exchange without what nobody may read, wherever the other side repeats it."""
        secrets = frozenset(name.lower() for name, _ in self.headers)
        sent = redacted_headers(exchange.sent_headers, more=secrets)
        exchange = replace(exchange, sent_headers=sent, foreign=foreign)
        credentials = self.authorization.credentials
        for secret in credentials.secrets if credentials is not None else ():
            exchange = _without(exchange, secret)
        return exchange

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of the product: its version is what it declares, if anything."""
        found = {"kind": "registry", "path": self.address.url, "version": self.banner or self.address.url}
        return found | {"declared": bool(self.banner)}


@dataclass
class _Sending:
    """One request on its way through challenges, redirects and waits."""

    registry: Registry
    method: str
    url: str
    headers: tuple[Header, ...]
    body: bytes | Iterator[bytes]
    keep: int
    follow: bool
    authenticate: bool
    chain: list[Exchange] = field(default_factory=list)
    tried: str | None = None
    challenged: int = 0
    redirects: int = 0
    waits: int = 0
    waited: float = 0.0

    def run(self) -> list[Exchange]:
        registry = self.registry
        if self.authenticate and registry.owns(self.url):
            self.tried = registry.authorization.value_for(self.method, self.url)
        while True:
            last = registry.send(self.method, self.url, self.headers, self.body, self.keep, self.tried)
            self.chain.append(last)
            if last.failure or not (self._answers(last) or self._waits(last) or self._goes_on(last)):
                return self.chain
            if not isinstance(self.body, bytes):
                return self.chain

    def _answers(self, last: Exchange) -> bool:
        """Whether the request is to be sent again with an answer to a challenge; twice, since tokens expire."""
        if last.status != 401 or last.foreign or not self.authenticate or self.challenged >= 2:
            return False
        self.challenged += 1
        authorization = self.registry.authorization
        value, exchanges = authorization.answer(last, self.tried, self.registry.fetch_token)
        if value is None:
            # What was asked in between stands before the answer that it could not change.
            self.chain[-1:] = [last.playing("challenge"), *exchanges, last] if exchanges else [last]
            return False
        self.chain[-1:] = [last.playing("challenge"), *exchanges]
        self.tried = value
        return True

    def _waits(self, last: Exchange) -> bool:
        """Whether the registry asked for time, and got it."""
        told = last.header("Retry-After")
        if last.status != 429 and not (last.status == 503 and told is not None):
            return False
        limits = self.registry.limits
        seconds = _seconds(told, 2.0**self.waits)
        if self.waits >= limits.waits or self.waited + seconds > limits.wait_seconds:
            return False
        self.waits += 1
        self.waited += seconds
        self.chain[-1] = last.playing("limited")
        self.registry.sleep(seconds)
        return True

    def _goes_on(self, last: Exchange) -> bool:
        """Whether there is a redirect to be followed."""
        location = last.header("Location")
        keeps = last.status in KEEPING or self.method in ("GET", "HEAD")
        if not self.follow or last.status not in REDIRECTS or location is None:
            return False
        if not keeps and last.status != 303:
            return False
        if self.redirects >= self.registry.limits.redirects:
            self.chain[-1] = replace(last, failure="redirects", detail=f"more than {self.redirects} redirects")
            return False
        try:
            url = urllib.parse.urljoin(self.url, location)
        except ValueError:
            url = ""
        if origin_of(url) is None:
            self.chain[-1] = replace(last, failure="redirects", detail="the redirect's location is no URL of HTTP")
            return False
        self.redirects += 1
        self.chain[-1] = last.playing("redirect")
        self.url = url
        if not keeps:
            self.method, self.body = "GET", b""
        self.tried = self.registry.authorization.value_for(self.method, url) if self.registry.owns(url) else None
        return True


def _silent(body: Body) -> Body:
    return replace(body, kept=b"") if body.length else NO_BODY


def _without(exchange: Exchange, secret: str) -> Exchange:
    def clean(headers: Iterable[Header]) -> tuple[Header, ...]:
        return tuple((name, value.replace(secret, "REDACTED")) for name, value in headers)

    if len(secret) < 4:  # too short to be told from other text
        return exchange
    body = exchange.body
    found = secret.encode() in body.kept
    return replace(
        exchange,
        sent_headers=clean(exchange.sent_headers),
        headers=clean(exchange.headers),
        body=replace(body, kept=body.kept.replace(secret.encode(), b"REDACTED")) if found else body,
    )


def _authority(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


def _seconds(told: str | None, otherwise: float) -> float:
    """What Retry-After tells: seconds or a date; `otherwise` where it tells nothing."""
    if told is None:
        return otherwise
    if told.isascii() and told.isdigit():
        return float(told) if len(told) < 6 else float("inf")
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return otherwise


def open_registry(
    given: str,
    *,
    credentials: Credentials | None = None,
    limits: RegistryLimits | None = None,
    ca_file: str | None = None,
    verified: bool = True,
    headers: Sequence[Header] = (),
) -> Registry:
    """A registry by its URL; nothing is sent yet. Raises TargetError in one line that says how to mend it."""
    address = parse_address(given)
    try:
        from pytest_oci.targets.registry.transport import Transport, tls_context
    except ImportError:
        raise TargetError("judging registries takes httpx: pip install 'pytest-oci[registry]'") from None
    bounds = limits or RegistryLimits()
    trust = partial(tls_context, ca_file, verified=verified)
    if ca_file is not None:
        try:
            trust()
        except OSError as error:
            raise TargetError(f"the authorities in {ca_file} cannot be read: {error.strerror or error}") from None
    transport = Transport(bounds, trust)
    return Registry(address, transport, Authorization(address, credentials), bounds, tuple(headers))
