"""HTTP behind limits: one connection pool, a deadline over each whole request, bodies read no further than allowed."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from pytest_oci.targets.registry.exchange import (
    MALFORMED,
    NO_BODY,
    NO_CONNECTION,
    RESET,
    TIMEOUT,
    TOO_LONG,
    UNTRUSTED,
    Body,
    Exchange,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_oci.targets.registry.exchange import Header
    from pytest_oci.targets.registry.limits import RegistryLimits

_DEADLINE = threading.local()
STRUCTURED = (b"{", b"[", b"<")
HELD_BYTES = 32 * 1024
"""How much of a request waits for the rest of it."""
IDLE_SECONDS = 1.5
"""How long a connection is kept on which nothing is asked: less than servers do, which close theirs after 2 or 5."""


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the request's deadline, however slowly bytes come.

    What is written is sent when it has become `HELD_BYTES`, or when an answer is read: a head goes with its body.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._held = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with contextlib.suppress(httpcore.WriteError):  # the other side may have answered before it closed
            self._send(timeout)
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._held += buffer
        if len(self._held) > HELD_BYTES:
            self._send(timeout)

    def _send(self, timeout: float | None) -> None:
        held, self._held = self._held, b""
        if held:
            self._stream.write(held, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)),
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


def _left(timeout: float | None, error: type[Exception]) -> float:
    """Seconds left; raises the error if there are none."""
    left = getattr(_DEADLINE, "at", float("inf")) - time.monotonic()
    if left <= 0:
        raise error("the request took too long")
    return left if timeout is None else min(left, timeout)


class _Pool(httpx.HTTPTransport):
    """The connections of one scheme."""

    def __init__(self, verify: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=verify)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Backend(),
        )


class Transport:
    """Sends single requests: no redirects, no cookies, no proxies, no second try.

    `trust` gives what TLS trusts; it is asked when TLS is first used, since reading the host's authorities takes long.
    """

    def __init__(self, limits: RegistryLimits, trust: Callable[[], ssl.SSLContext]) -> None:
        self._limits = limits
        self._trust = trust
        self._plain = _Pool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), limits.connections)
        self._secure: _Pool | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection."""
        self._plain.close()
        if self._secure is not None:
            self._secure.close()

    def _pool(self, scheme: str) -> _Pool:
        if scheme != "https":
            return self._plain
        with self._lock:
            if self._secure is None:
                self._secure = _Pool(self._trust(), self._limits.connections)
            return self._secure

    def send(
        self, method: str, url: str, headers: Sequence[Header], body: bytes | Iterator[bytes], *, keep: int, most: int
    ) -> Exchange:
        """Send a request and read its answer, in `seconds` at most.

        An answer's body is read up to `most` bytes and kept up to `keep`, or less if it is no text. A body that is
        given as an iterator is sent in chunks, its length not told before.
        """
        begun = time.monotonic()
        _DEADLINE.at = begun + self._limits.seconds
        answered: tuple[Header, ...] = ()
        status, data, failure, detail = 0, bytearray(), "", ""
        try:
            request = httpx.Request(method, url, headers=list(headers), content=body)
            seconds = self._limits.seconds
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
            response = self._pool(request.url.scheme).handle_request(request)
            try:
                response.request = request
                status = response.status_code
                answered = tuple(
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
                )
                for part in response.iter_bytes():
                    data += part
                    if len(data) > most:
                        failure, detail = TOO_LONG, f"the body is longer than {most} bytes"
                        break
            finally:
                response.close()
        except (httpx.InvalidURL, httpx.HTTPError, httpx.StreamError, UnicodeError, ValueError) as error:
            failure, detail = _cause(error)
        finally:
            del _DEADLINE.at
        return Exchange(
            method=method,
            url=url,
            sent_headers=_sent(headers, body),
            sent=Body.of(body, self._kept(body, self._limits.kept_bytes))
            if body and isinstance(body, bytes)
            else NO_BODY,
            status=status,
            headers=answered,
            body=Body.of(bytes(data), self._kept(data, keep)) if data else NO_BODY,
            seconds=round(time.monotonic() - begun, 6),
            failure=failure,
            detail=detail,
        )

    def _kept(self, data: bytes | bytearray, keep: int) -> int:
        """How many bytes of a body are kept: most of what people read and judgements look into."""
        start = bytes(data[:512])
        if start.lstrip()[:1] in STRUCTURED:
            return keep
        text = start.isascii() and b"\0" not in start
        return min(keep, self._limits.kept_text_bytes if text else self._limits.kept_binary_bytes)


def _sent(headers: Sequence[Header], body: bytes | Iterator[bytes]) -> tuple[Header, ...]:
    """The header fields as they are sent, with the length, which tells how a body was sent."""
    if not isinstance(body, bytes):
        return (*headers, ("Transfer-Encoding", "chunked"))
    told = any(name.lower() == "content-length" for name, _ in headers)
    return (*headers, ("Content-Length", str(len(body)))) if body and not told else tuple(headers)


def _cause(error: Exception) -> tuple[str, str]:
    """The failure that an error of httpx stands for, and its text in one line."""
    text = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return TIMEOUT, text
    if isinstance(error, httpx.ConnectError):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return UNTRUSTED, text
            if isinstance(cause, ssl.SSLError):
                return MALFORMED, text
            cause = cause.__cause__ or cause.__context__
        return (UNTRUSTED if "CERTIFICATE_VERIFY_FAILED" in text else NO_CONNECTION), text
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected without" in text:
        return RESET, text
    if isinstance(error, (httpx.ReadError, httpx.WriteError, httpx.CloseError)):
        return RESET, text
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError)):
        return NO_CONNECTION, text
    return MALFORMED, text


@cache
def tls_context(ca_file: str | None, *, verified: bool = True) -> ssl.SSLContext:
    """What TLS trusts: the host's authorities, or those of a file, or anybody. Raises OSError if it is unreadable."""
    context = ssl.create_default_context(cafile=ca_file)
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
