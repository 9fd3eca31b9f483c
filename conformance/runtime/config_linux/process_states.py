"""What a seccomp agent was told: connections, their documents, and where there is nothing to judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci.fixtures.runtime.scenarios.seccomp import notified

from pytest_oci import Violation, not_testable, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.fixtures.runtime.observer import Observe, Seen

CONNECTED = "config.linux.seccomp.listener-path.socket-type.runtime"
"""Without a connection nothing else about it can be judged."""
READABLE = "container-process-state.payload-json"
"""Without a document nothing in it can be judged."""


@dataclass(frozen=True)
class Told:
    """One connection and the container that was being made when it came."""

    connection: Mapping[str, Any]
    container: Mapping[str, Any]

    @property
    def data(self) -> bytes:
        """The payload."""
        octets: bytes = self.connection["data"].encode("latin-1")
        return octets

    def documents(self) -> list[Any]:
        """The JSON documents that were sent, one after the other. Raises ValueError if the bytes are something else."""
        return documents_in(self.data)

    def begins_document(self, offset: int) -> bool:
        """Whether a document of the payload begins at this byte, or it is the first."""
        try:
            documents_in(self.data[:offset])
        except (ValueError, RecursionError):
            return False
        return True

    def state(self) -> dict[str, Any]:
        """The container process state; without one the test ends, depending on the clause that asks for it."""
        try:
            documents = self.documents()
        except (ValueError, RecursionError) as error:
            not_testable(f"depends-on: {READABLE}", str(error))
        if not documents or not isinstance(documents[0], dict):
            not_testable(f"depends-on: {READABLE}", self.connection["data"][:200])
        return documents[0]

    @property
    def descriptors(self) -> list[Mapping[str, Any]]:
        """Every descriptor that came, in order."""
        return [entry for arrival in self.connection["arrivals"] for entry in arrival["descriptors"]]


def documents_in(data: bytes) -> list[Any]:
    """JSON documents, one after the other. Raises ValueError if the bytes are something else."""
    text, found = data.decode("utf-8").strip(), []
    while text:
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:].lstrip()
    return found


def told(observe: Observe, *, empty: bool = False) -> list[Told]:
    """What came of the containers with NOTIFY, at least one connection; else the test ends.

    A product that refuses such a container says that it does not offer the action. Connections that brought nothing are
    left out, unless `empty` asks for them or nothing came on any.
    """
    seen = observe(notified(), whole=False)
    trouble = seen.trouble
    if trouble is not None:
        if trouble.clean and trouble.operation in ("create", "start"):
            unsupported(f"refused by {trouble.text}")
        _end(observe, f"{trouble.operation} of a valid bundle to succeed", trouble.text)
    found = _connections(seen)
    if not found:
        _end(observe, "a connection to the socket at listenerPath", "no connection came")
    filled = [one for one in found if one.data]
    return found if empty or not filled else filled


def _end(observe: Observe, expected: str, actual: str) -> None:
    if observe.judges(CONNECTED):
        raise Violation(expected, actual)
    not_testable(f"depends-on: {CONNECTED}", actual)


def _connections(seen: Seen) -> list[Told]:
    connections = seen["connections"]
    return [
        Told(connection, container)
        for container in seen["containers"]
        for connection in connections[container["before"] : container["after"]]
    ]
