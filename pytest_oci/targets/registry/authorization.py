"""Authentication as registries ask for it: what a challenge is answered with, and what is remembered of it."""

from __future__ import annotations

import re
import threading
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_oci.targets.registry.challenges import parse_challenges
from pytest_oci.targets.registry.tokens import TokenError, scopes_of, token_in, token_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_oci.targets.registry.address import Address
    from pytest_oci.targets.registry.challenges import Challenge
    from pytest_oci.targets.registry.credentials import Credentials
    from pytest_oci.targets.registry.exchange import Exchange
    from pytest_oci.targets.registry.tokens import TokenRequest

    Fetch = Callable[[TokenRequest], tuple[Exchange, bytes]]

_REPOSITORY = re.compile(r"/v2/(.+)/(?:blobs|manifests|tags|referrers)/")
KINDS: Mapping[str, str] = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


@dataclass
class Authorization:
    """The values of Authorization for one registry, learned from its challenges.

    They are kept for each repository and kind of request, since tokens have scopes.
    """

    address: Address
    credentials: Credentials | None
    problem: str = ""
    """Why the last challenge could not be answered."""
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict, repr=False)
    _basic: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def value_for(self, method: str, url: str) -> str | None:
        """What is known to be needed for a request to the registry."""
        if self._basic and self.credentials is not None:
            return self.credentials.basic
        return self._known.get(_place(method, url))

    def answer(self, challenged: Exchange, tried: str | None, fetch: Fetch) -> tuple[str | None, list[Exchange]]:
        """The value of Authorization that answers a challenge, None if there is none; and the exchanges it took.

        `tried` is what the challenged request had: a token that is remembered but did not do is asked for anew.
        """
        challenges = parse_challenges(challenged.header_values("WWW-Authenticate"))
        place = _place(challenged.method, challenged.url)
        self.problem = "the registry answers 401 with no challenge that is known" if not challenges else ""
        exchanges: list[Exchange] = []
        for challenge in challenges:
            if challenge.scheme == "bearer":
                with self._lock:
                    value, more = self._token(challenge, challenged.url, tried, fetch)
                exchanges += more
                if value is not None:
                    self._known[place] = value
                    return value, exchanges
        if any(challenge.scheme == "basic" for challenge in challenges) and self.credentials is not None:
            value = self.credentials.basic if not self.credentials.identity_token else None
            if value is not None and value != tried:
                self._basic = True
                return value, exchanges
            self.problem = "the registry refuses the credentials"
        elif challenges and not self.problem:
            self.problem = "the registry asks for credentials"
        return None, exchanges

    def _token(
        self, challenge: Challenge, url: str, tried: str | None, fetch: Fetch
    ) -> tuple[str | None, list[Exchange]]:
        scopes = scopes_of(challenge, _mounted_from(url))
        key = (challenge.parameters.get("realm", ""), scopes)
        remembered = self._tokens.get(key)
        if remembered is not None and remembered != tried:
            return remembered, []
        if self.address.scheme == "https" and key[0].startswith("http://"):
            self.problem = "the registry's token service is not on https: no credentials are sent there"
            return None, []
        asked = token_request(challenge, scopes, self.credentials)
        if asked is None:
            self.problem = "the registry's Bearer challenge has no realm that is a URL"
            return None, []
        exchange, body = fetch(asked)
        try:
            if not exchange.ok:
                raise TokenError(f"the token service answers {exchange.answer}")
            value = f"Bearer {token_in(body)}"
        except TokenError as error:
            self.problem = str(error)
            return None, [exchange]
        self._tokens[key] = value
        return value, [exchange]


def _place(method: str, url: str) -> tuple[str, str]:
    """The repository of a URL, empty where it names none, and the kind of request."""
    found = _REPOSITORY.search(urllib.parse.urlsplit(url).path)
    source = "".join(_mounted_from(url))
    return f"{found[1] if found else ''}{source and f' {source}'}", KINDS.get(method, "write")


def _mounted_from(url: str) -> list[str]:
    """The scope that a mount needs beyond what registries name in their challenge."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    return [f"repository:{query['from']}:pull"] if "mount" in query and query.get("from") else []
