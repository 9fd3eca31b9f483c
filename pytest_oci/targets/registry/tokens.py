"""Token services: where a Bearer challenge leads, as registries have it; the specification leaves it open."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_oci.targets.registry.challenges import Challenge
    from pytest_oci.targets.registry.credentials import Credentials
    from pytest_oci.targets.registry.exchange import Header

CLIENT = "pytest-oci"
FORM = "application/x-www-form-urlencoded"


class TokenError(Exception):
    """The answer of a token service holds no token; the text is one line."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is sent to a token service."""

    method: str
    url: str
    headers: tuple[Header, ...]
    body: bytes


def scopes_of(challenge: Challenge, more: Iterable[str] = ()) -> tuple[str, ...]:
    """The scopes that a challenge asks for, and more, each once."""
    return tuple(dict.fromkeys([*challenge.parameters.get("scope", "").split(), *more]))


def token_request(challenge: Challenge, scopes: Sequence[str], credentials: Credentials | None) -> TokenRequest | None:
    """The request for a token: with an identity token the one of OAuth 2, otherwise GET. None without a realm."""
    realm, service = challenge.parameters.get("realm", ""), challenge.parameters.get("service", "")
    if not realm.startswith(("http://", "https://")):
        return None
    if credentials is not None and credentials.identity_token:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": credentials.identity_token,
            "client_id": CLIENT,
            "service": service,
            "scope": " ".join(scopes),
        }
        body = urllib.parse.urlencode(fields).encode()
        return TokenRequest("POST", realm, (("Content-Type", FORM), ("Accept", "application/json")), body)
    pairs = [("service", service)] if service else []
    pairs += [("scope", scope) for scope in scopes]
    joint = "&" if "?" in realm else "?"
    url = f"{realm}{joint}{urllib.parse.urlencode(pairs)}" if pairs else realm
    authorization = (("Authorization", credentials.basic),) if credentials is not None else ()
    return TokenRequest("GET", url, (("Accept", "application/json"), *authorization), b"")


def token_in(body: bytes) -> str:
    """The token in an answer. Raises TokenError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise TokenError("the token service's answer is no JSON") from None
    token = (document.get("token") or document.get("access_token")) if isinstance(document, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise TokenError("the token service's answer holds no token")
    return token
