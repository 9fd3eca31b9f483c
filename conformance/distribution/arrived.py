"""What arrived at a registry that a client was let loose on: manifests, names and references, upload sessions."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_oci.fixtures.client.drive import OUTPUT, whole
from pytest_oci.fixtures.registry.endpoints import Endpoint, endpoint

from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_oci.fixtures.client.drive import Ran

    from pytest_oci.targets.registry.exchange import Exchange

MOST_SHOWN = 3


def asked(exchange: Exchange) -> Endpoint:
    """What a request asked for."""
    return endpoint(urllib.parse.unquote(urllib.parse.urlsplit(exchange.url).path))


def of_kind(ran: Ran, methods: str, kind: str, reference: str = "") -> list[Exchange]:
    """The requests of these methods to an endpoint, or only those with this tag, digest or session."""
    return [
        exchange
        for exchange in ran.exchanges
        if exchange.method in methods.split()
        and asked(exchange).kind == kind
        and reference in ("", asked(exchange).reference)
    ]


def sent_header(exchange: Exchange, name: str) -> str | None:
    """The value of the first header field of a name in the request."""
    return next((value for key, value in exchange.sent_headers if key.lower() == name.lower()), None)


def sent_headers(exchange: Exchange, name: str) -> list[str]:
    """The values of all header fields of a name in the request."""
    return [value for key, value in exchange.sent_headers if key.lower() == name.lower()]


def sent_query(exchange: Exchange) -> dict[str, list[str]]:
    """The parameters of a request."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(exchange.url).query, keep_blank_values=True, max_num_fields=100)


def sent_manifests(ran: Ran) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    """The manifests that were pushed, each with its JSON object; what is none is left out."""
    for exchange in of_kind(ran, "PUT", "manifest"):
        try:
            document = exchange.sent.json()
        except ValueError:
            continue
        if isinstance(document, dict):
            yield exchange, document


@dataclass
class Session:
    """An upload: the POST that began it, and what went to its locations, each with where it ought to have gone."""

    begun: Exchange
    location: str
    steps: list[tuple[Exchange, str]] = field(default_factory=list)

    @property
    def chunks(self) -> list[Exchange]:
        """The requests with PATCH."""
        return [step for step, _ in self.steps if step.method == "PATCH"]

    @property
    def closing(self) -> list[Exchange]:
        """The requests with PUT."""
        return [step for step, _ in self.steps if step.method == "PUT"]

    @property
    def parts(self) -> list[Exchange]:
        """The requests that brought bytes, in order."""
        return [step for step, _ in self.steps if step.method == "PATCH" or (step.method == "PUT" and step.sent.length)]


def sessions(ran: Ran) -> list[Session]:
    """The uploads that the client began, in order."""
    found: list[Session] = []
    by_token: dict[str, Session] = {}
    for exchange in ran.exchanges:
        kind = asked(exchange).kind
        location = exchange.header("Location") or ""
        if kind == "uploads" and exchange.method == "POST" and exchange.status == 202:
            session = Session(exchange, location)
            found.append(session)
        elif kind == "upload" and asked(exchange).reference in by_token:
            session = by_token[asked(exchange).reference]
            session.steps.append((exchange, session.location))
            session.location = location if exchange.status in (202, 204) and location else session.location
        else:
            continue
        by_token[_token(session.location)] = session
    return found


def _token(location: str) -> str:
    return urllib.parse.urlsplit(location).path.rpartition("/")[2]


def sent_blob(ran: Ran, digest: str) -> bytes:
    """A small blob that was pushed. Raises LookupError if it was not."""
    for session in sessions(ran):
        if any(digest in sent_query(one).get("digest", ()) for one in session.closing):
            return b"".join(part.sent.kept for part in session.parts)
    for post in of_kind(ran, "POST", "uploads"):
        if digest in sent_query(post).get("digest", ()):
            return post.sent.kept
    raise LookupError(digest)


def followed(exchange: Exchange, location: str) -> bool:
    """Whether a request went to a location: its path, and its parameters beside what the client adds."""
    target, wanted = urllib.parse.urlsplit(exchange.url), urllib.parse.urlsplit(location)
    given = urllib.parse.parse_qs(wanted.query, keep_blank_values=True)
    sent = sent_query(exchange)
    same_host = not wanted.netloc or wanted.netloc == target.netloc
    same_path = urllib.parse.unquote(target.path) == urllib.parse.unquote(wanted.path)
    return same_host and same_path and all(sent.get(name) == values for name, values in given.items())


def expect_none(wrong: Iterable[tuple[Exchange, str]], expected: str) -> None:
    """Hold if there is no request that is wrong; each comes with what is wrong with it."""
    found = list(wrong)
    if found:
        shown = found[:MOST_SHOWN]
        more = f", and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        raise Violation(expected, f"{'; '.join(what for _, what in shown)}{more}", whole(*(one for one, _ in shown)))


def expect_done(ran: Ran, what: str) -> None:
    """Hold if the client did it."""
    ran.must_end()
    if not ran.ok:
        raise Violation(f"the client to {what}", ran.ended, ran.lines())


def expect_refused(ran: Ran, what: str) -> None:
    """Hold if the client ended with an error of its own accord."""
    ran.must_end()
    if not ran.refused:
        raise Violation(f"the client to end with an error: {what}", ran.ended, ran.lines())


def expect_not_believed(ran: Ran, told: str, true: str) -> None:
    """Hold if the client ended with an error, or called nothing by the digest that a header told.

    It may well speak of that digest, beside the `true` one.
    """
    ran.must_end()
    places = ran.tells(told) if ran.ok else []
    if places and not (places == [OUTPUT] and true in ran.output):
        expected = f"an error, or nothing called by the Docker-Content-Digest {told} of what has the digest {true}"
        raise Violation(expected, f"it stands in {', '.join(places)}", ran.lines())
