"""Registries that are made to break their judge: the run ends soon, in bounded memory, and says what happened.

Each takes what is pushed; how it answers GET is hostile, of each kind of content in another way, in repositories of one
scenario, and where that takes time no more than once or twice. What stands in the record is looked for in the ledger.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from measured import MIB, run
from pytest_oci.fixtures.registry.endpoints import endpoint
from pytest_oci.fixtures.registry.memory import MemoryRegistry
from pytest_oci.fixtures.registry.messages import Response
from pytest_oci.fixtures.registry.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_oci.fixtures.registry.messages import Request

    Behaviour = Callable[[Request], Response]

pytest.importorskip("httpx")

HEAD = b"HTTP/1.1 200 OK\r\n"
MOST_SECONDS = 60.0
"""Of a clock, on whatever busy machine; the patience with one request is a second."""
CLAUSES = {
    "manifest": "dist.manifest.get.",
    "blob": "dist.blob.get.",
    "tags": "dist.tags.list.",
    "referrers": "dist.referrers.list.",
}
"""What clauses about each kind begin with."""
MOST = {"slow": 1, "large": 2}
"""How often a registry is hostile with each kind of content, where that takes time."""
SCENARIOS = {"manifest": "-pulled-", "blob": "-pulled-", "tags": "-tag-lists-", "referrers": "-held-referrers-"}
"""Words in the names of the repositories in which registries are hostile."""


def sends(*parts: bytes, pause: float = 0.0, repeat: int = 1) -> Behaviour:
    """These bytes, the last of them again and again, a pause after each; whoever listens may go away meanwhile."""

    def send(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for part in (*parts[:-1], *parts[-1:] * repeat):
                connection.sendall(part)
                time.sleep(pause)

    return lambda _: Response(200, take_over=send)


def resets(*parts: bytes) -> Behaviour:
    """These bytes, and then the connection is reset."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"".join(parts))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return lambda _: Response(200, take_over=send)


def answers_json(body: bytes) -> Behaviour:
    """A whole answer with a body that says that it is JSON."""
    return lambda _: Response(200, (("Content-Type", "application/json"),), body)


def endless_pages(request: Request) -> Response:
    """A page with a tag that was on no other, and a link to the next one."""
    name, tag = endpoint(request.path).name, f"t{time.monotonic_ns()}"
    link = ("Link", f'</v2/{name}/tags/list?last={tag}>; rel="next"')
    body = json.dumps({"name": name, "tags": [tag]}).encode()
    return Response(200, (("Content-Type", "application/json"), link), body)


GIGANTIC = b"[" * (20 * MIB)
CASES: Mapping[str, Mapping[str, tuple[Behaviour, str]]] = {
    "slow": {
        "manifest": (sends(b"", pause=3), "timeout"),
        "blob": (sends(HEAD + b"Content-Length: 100000\r\n\r\n", b"x", pause=0.1, repeat=40), "timeout"),
        "tags": (sends(HEAD + b"X: ", b"y", pause=0.1, repeat=40), "timeout"),
        "referrers": (sends(HEAD + b"Content-Length: 100\r\n\r\n{", b"", pause=3), "timeout"),
    },
    "large": {
        "manifest": (sends(HEAD + b"\r\n", b"x" * MIB, repeat=2000), "too-long"),
        "blob": (
            sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + b"x" * MIB + b"\r\n", repeat=2000),
            "too-long",
        ),
        "tags": (answers_json(GIGANTIC), "bytes were kept"),
        "referrers": (sends(HEAD, b"X: " + b"y" * MIB, repeat=200), "malformed"),
    },
    "cut": {
        "manifest": (resets(), "reset"),
        "blob": (resets(HEAD, b"Content-Length: 1000\r\n\r\nx"), "did not come whole"),
        "tags": (resets(HEAD, b"Content-Le"), "reset"),
        "referrers": (sends(HEAD + b"Content-Length: 1000\r\n\r\nx"), "malformed"),
    },
    "odd": {
        "manifest": (lambda _: Response(307, (("Location", "/v2/again"),)), "redirects"),
        "blob": (sends(b"SSH-2.0-OpenSSH_9.0\r\n\r\n"), "malformed"),
        "tags": (endless_pages, "more than 40 pages"),
        "referrers": (sends(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"), "malformed"),
    },
    "wrong": {
        "manifest": (sends(HEAD + b"Content-Length: -3\r\n\r\n{}"), "malformed"),
        "blob": (sends(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), "malformed"),
        "tags": (answers_json(b"[" * 200_000), "nested too deeply"),
        "referrers": (answers_json(b'{"schemaVersion": 2, "manifests": [' + b"1," * 50_000 + b"1]}"), "a descriptor"),
    },
}


def hostile(behaviours: Mapping[str, tuple[Behaviour, str]], *, most: int) -> Behaviour:
    """A registry that is hostile where content is got, of each kind no more often than that, or once more."""
    registry, lock = MemoryRegistry(), threading.Lock()
    seen = dict.fromkeys(behaviours, 0)

    def answer(request: Request) -> Response:
        kind = endpoint(request.path).kind
        if request.path == "/v2/again":
            return Response(307, (("Location", "/v2/again"),))
        if request.method != "GET" or kind not in behaviours or SCENARIOS[kind] not in request.path:
            return registry(request)
        with lock:
            seen[kind] += 1
            enough = seen[kind] > most + (kind == "referrers")  # the first one is not judged
        return registry(request) if enough else behaviours[kind][0](request)

    return answer


@pytest.mark.parametrize("name", CASES)
def test_a_run_with_a_hostile_registry_ends(tmp_path: Path, name: str) -> None:
    """With failures that tell what happened, and no trace of a stack."""
    behaviours, ledger, begun = CASES[name], tmp_path / "run.jsonl", time.monotonic()
    words = [f"--oci-clause={clause}*" for clause in CLAUSES.values()]
    words += ["--oci-timeout=1", f"--oci-ledger={ledger}", "-q", "-p", "no:cacheprovider"]
    with Server(hostile(behaviours, most=MOST.get(name, 1000))) as server:
        ended = run([sys.executable, "-m", "pytest", f"--oci-registry={server.url}", *words], tmp_path)

    records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert ended.status == 1, ended.output
    assert time.monotonic() - begun < MOST_SECONDS
    assert not [record for record in records if record.get("status") == "error"]
    for kind, (_, said) in behaviours.items():
        of_kind = [record for record in records if str(record.get("clause")).startswith(CLAUSES[kind])]
        broken = [record for record in of_kind if record["status"] in ("fail", "not-testable")]
        assert any(said in json.dumps(record) for record in broken), (
            kind,
            said,
            [record["actual"] for record in broken],
        )


STARTS = {
    "silent": sends(b"", pause=3),
    "reset": resets(),
    "gigantic": sends(HEAD, b"X: " + b"y" * MIB, repeat=200),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_registry_that_is_hostile_from_the_start(tmp_path: Path, name: str) -> None:
    """One line, and exit status 4."""
    with Server(STARTS[name]) as server:
        words = [f"--oci-registry={server.url}", "--oci-timeout=1", "-q", "-p", "no:cacheprovider"]
        ended = run([sys.executable, "-m", "pytest", *words], tmp_path)

    assert ended.status == 4
    assert len([line for line in (ended.output + ended.errors).splitlines() if line.strip()]) == 1
