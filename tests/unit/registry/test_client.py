"""Requests to registries: what leads to an answer, and what is never waited for or read."""

from __future__ import annotations

import json
import socket
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.guard import Guard
from pytest_oci.fixtures.registry.memory import MemoryRegistry
from pytest_oci.fixtures.registry.messages import Request, Response
from pytest_oci.fixtures.registry.server import Server

from pytest_oci.targets.registry.client import Registry, open_registry
from pytest_oci.targets.registry.credentials import Credentials
from pytest_oci.targets.registry.limits import RegistryLimits
from pytest_oci.targets.registry.preflight import preflight
from pytest_oci.targets.runtime import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("httpx")

SHORT = RegistryLimits(seconds=0.5, body_bytes=100_000, wait_seconds=5)
USER = Credentials("user", "pass word")
BLOBS = "/v2/a/b/blobs/"


@pytest.fixture
def opened() -> Iterator[Callable[..., Registry]]:
    """Opens the registry that a function of requests is."""
    closing: list[Any] = []

    def make(handler: Callable[[Request], Response], **options: Any) -> Registry:
        server = Server(handler)
        registry = open_registry(server.url, **options)
        closing.extend((registry, server))
        return registry

    yield make
    for one in closing:
        one.close()


def roles(registry: Registry, method: str = "GET", path: str = "/v2/", **options: Any) -> list[str]:
    return [f"{one.role} {one.status}" for one in registry.request(method, path, **options)]


def test_basic_is_answered_when_asked_for(opened: Callable[..., Registry]) -> None:
    """The password is sent after a challenge, and at once from then on; it stands nowhere in the record."""
    registry = opened(Guard(MemoryRegistry()), credentials=USER)
    first = registry.request("GET", "/v2/")

    assert [one.role for one in first] == ["challenge", "request"]
    assert first[-1].status == 200
    assert first[-1].led_by == 1
    assert roles(registry) == ["request 200"]
    assert USER.basic.split()[1] not in json.dumps([one.to_json() for one in first])


def test_wrong_credentials_are_not_tried_again(opened: Callable[..., Registry]) -> None:
    """One try, and preflight says so in one line."""
    registry = opened(Guard(MemoryRegistry()), credentials=Credentials("user", "wrong"))

    assert roles(registry) == ["challenge 401", "request 401"]
    with pytest.raises(TargetError, match="refuses the credentials of 'user'"):
        preflight(registry, "x")


BEARERS = [
    ['Bearer realm="{realm}",service="a b",scope="{scope}"'],
    ["Bearer realm={realm}, service=x, scope={scope}"],
    ['Negotiate, Bearer realm="{realm}?basic=1",scope="{scope}"'],
    ['Basic realm="x"', 'Bearer realm="{realm}",scope="{scope}"'],
]


@pytest.mark.parametrize("challenges", BEARERS)
def test_tokens_are_asked_for_their_scope(opened: Callable[..., Registry], challenges: list[str]) -> None:
    """One for each repository and kind of request, remembered; also where Basic is offered beside."""
    guard = Guard(MemoryRegistry(), bearer=True, challenges=challenges)
    registry = opened(guard, credentials=USER)
    first = registry.request("GET", f"{BLOBS}sha256:00")

    assert [one.role for one in first] == ["challenge", "token", "request"]
    assert first[-1].status == 404
    assert roles(registry, "GET", f"{BLOBS}sha256:11") == ["request 404"]
    assert roles(registry, "POST", f"{BLOBS}uploads/") == ["challenge 401", "token 200", "request 202"]
    recorded = json.dumps([one.to_json() for one in first])
    assert not any(token in recorded for token in guard.tokens)


def test_a_mount_asks_for_the_scope_of_its_source(opened: Callable[..., Registry]) -> None:
    """Registries name only the target in their challenge."""
    guard = Guard(MemoryRegistry(), bearer=True, challenges=BEARERS[0])
    registry = opened(guard, credentials=USER)

    assert roles(registry, "POST", f"{BLOBS}uploads/?mount=sha256:00&from=c/d")[-1] == "request 202"
    assert {"repository:a/b:push", "repository:c/d:pull"} in [set(scopes) for scopes in guard.tokens.values()]


def test_an_expired_token_is_replaced(opened: Callable[..., Registry]) -> None:
    """When the one that is remembered is refused."""
    registry = opened(Guard(MemoryRegistry(), bearer=True, challenges=BEARERS[0], uses=1), credentials=USER)

    assert roles(registry, "GET", f"{BLOBS}sha256:00")[-1] == "request 404"
    assert roles(registry, "GET", f"{BLOBS}sha256:00") == ["challenge 401", "token 200", "request 404"]


def test_credentials_stay_with_the_registry(opened: Callable[..., Registry]) -> None:
    """Neither they nor given headers go along with a redirect to another host."""
    seen: list[Request] = []

    def store(request: Request) -> Response:
        seen.append(request)
        return Response(200, (), b"content")

    with Server(store) as other:

        def redirecting(request: Request) -> Response:
            return (
                Response(307, (("Location", f"{other.url}/blob?Signature=s3cr3t"),))
                if "blobs" in request.path
                else Response(200)
            )

        registry = opened(Guard(redirecting), credentials=USER, headers=[("X-Key", "k3y")])
        chain = registry.request("GET", f"{BLOBS}sha256:00")

    assert [one.role for one in chain] == ["challenge", "redirect", "request"]
    assert chain[-1].foreign
    assert seen[0].header("Authorization") is None
    assert seen[0].header("X-Key") is None
    recorded = json.dumps([one.to_json() for one in chain])
    assert "s3cr3t" not in recorded
    assert "k3y" not in recorded


@pytest.mark.parametrize(
    ("status", "method", "expected"), [(307, "PUT", "PUT"), (308, "POST", "POST"), (303, "POST", "GET")]
)
def test_redirects_keep_what_they_have_to(
    opened: Callable[..., Registry], status: int, method: str, expected: str
) -> None:
    """Method and body, but for 303; 301 and 302 of what writes are not followed."""
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(status, (("Location", "/there"),)) if request.path != "/there" else Response(201)

    chain = opened(handler).request(method, "/here", body=b"content")

    assert chain[-1].status == 201
    assert (seen[-1].method, seen[-1].body) == (expected, b"content" if expected == method else b"")
    status = 302
    assert [one.status for one in opened(handler).request("PUT", "/here", body=b"x")] == [302]


def test_redirects_end(opened: Callable[..., Registry]) -> None:
    """A loop is a failure of its own, and so is a location that is none."""
    chain = opened(lambda _: Response(307, (("Location", "/again"),))).request("GET", "/")
    nowhere = opened(lambda _: Response(307, (("Location", "file:///etc/passwd"),))).request("GET", "/")

    assert len(chain) == 6
    assert chain[-1].failure == nowhere[-1].failure == "redirects"


def test_the_registry_is_given_time(opened: Callable[..., Registry]) -> None:
    """Retry-After is waited for, each answer recorded; not for ever, and not for longer than allowed."""
    answers = [
        Response(429, (("Retry-After", "1"),)),
        Response(429),
        Response(503, (("Retry-After", "0"),)),
        Response(200),
    ]
    registry = opened(lambda _: answers.pop(0), limits=SHORT)
    waited: list[float] = []
    registry.sleep = waited.append

    assert roles(registry) == ["limited 429", "limited 429", "limited 503", "request 200"]
    assert waited == [1.0, 2.0, 0.0]
    patient = opened(lambda _: Response(429, (("Retry-After", "86400"),)), limits=SHORT)
    assert roles(patient) == ["request 429"]


def raw(answer: bytes, *, pause: float = 0.0, repeat: int = 1) -> Callable[[Request], Response]:
    """Answers with these bytes, again and again, and a pause after each."""

    def send(connection: socket.socket) -> None:
        for _ in range(repeat):
            connection.sendall(answer)
            time.sleep(pause)

    return lambda _: Response(200, take_over=send)


HEAD = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "never-ending-body": (raw(HEAD + b"\r\n" + b"x" * 65536, repeat=10_000), "too-long"),
    "slow-body": (raw(HEAD + b"Content-Length: 100000\r\n\r\nx", pause=0.2, repeat=50), "timeout"),
    "slow-header": (raw(HEAD + b"X: y", pause=0.2, repeat=50), "timeout"),
    "silence": (raw(b"", pause=3), "timeout"),
    "closed": (raw(b""), "reset"),
    "gigantic-header": (raw(HEAD + b"X: " + b"y" * 1_000_000), "malformed"),
    "cut-body": (raw(HEAD + b"Content-Length: 1000\r\n\r\nx"), "malformed"),
    "no-http": (raw(b"SSH-2.0-OpenSSH_9.0\r\n\r\n"), "malformed"),
    "two-lengths": (raw(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), "malformed"),
    "wrong-encoding": (raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), "malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_end(opened: Callable[..., Registry], name: str) -> None:
    """Within the limits of time and memory, and it is said how."""
    handler, failure = HOSTILE[name]
    registry = opened(handler, limits=SHORT)
    begun = time.monotonic()
    tracemalloc.start()
    try:
        answer = registry.request("GET", "/v2/")[-1]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.failure == failure, answer.detail
    assert time.monotonic() - begun < 2.5
    assert peak < 8_000_000


def test_nothing_listens() -> None:
    """One line that says so."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(TargetError, match=f"nothing listens at {url}"):
            preflight(open_registry(url), "x")


def test_what_is_no_registry(opened: Callable[..., Registry]) -> None:
    """A server of something else; a registry without the base of the API is one all the same."""
    with pytest.raises(TargetError, match="is no registry: GET /v2/ gives 404"):
        preflight(opened(lambda _: Response(404, (), b"not found")), "x")
    with pytest.raises(TargetError, match="PYTEST_OCI_USERNAME"):
        preflight(opened(Guard(MemoryRegistry())), "x")
    registry = MemoryRegistry()
    baseless = opened(lambda request: Response(404) if request.path == "/v2/" else registry(request))
    assert [one.status for one in preflight(baseless, "x")] == [404, 404]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("localhost:5000", "has to be http://HOST"),
        ("ftp://localhost", "has to be http://HOST"),
        ("http://user:pw@localhost", "holds credentials"),
        ("http://localhost/prefix", "has a path"),
        ("http://localhost:99999", "is no URL"),
        ("http://[::1", "is no URL"),
    ],
)
def test_addresses_that_are_none(given: str, text: str) -> None:
    """One line, which shows no credentials."""
    with pytest.raises(TargetError, match=text) as caught:
        open_registry(given)
    assert "pw" not in str(caught.value)


def test_many_threads_share_a_registry(opened: Callable[..., Registry]) -> None:
    """One pool for all; each has its own deadline."""
    registry = opened(MemoryRegistry())
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.extend(registry.request("GET", "/v2/")[-1].status for _ in range(20)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert statuses == [200] * 160
