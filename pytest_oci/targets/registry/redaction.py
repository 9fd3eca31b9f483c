"""What never stands in a record: credentials, tokens, signatures of URLs."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.targets.registry.exchange import Header

REDACTED = "REDACTED"
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
URL_HEADERS = frozenset({"location", "link", "content-location"})
SECRET_PARAMETERS = (
    *("signature", "sig", "token", "access_token", "refresh_token", "password", "key", "credential", "policy"),
    *("x-amz-signature", "x-amz-security-token", "x-amz-credential", "x-goog-signature", "x-goog-credential"),
    *("awsaccesskeyid", "googleaccessid", "ossaccesskeyid", "security-token", "hdnts", "verify"),
)
"""Parameters with which object stores sign their URLs."""
_PARAMETER = re.compile(rf"(?i)([?&;](?:{'|'.join(map(re.escape, SECRET_PARAMETERS))})=)([^&;#>\s\"]+)")


def redacted_url(url: str) -> str:
    """A URL, or a text that holds some, with digests in the place of parameters that are credentials.

    The digests tell different values apart, as judgements have to.
    """
    return _PARAMETER.sub(lambda found: found[1] + _stand_in(found[2]), url)


def _stand_in(value: str) -> str:
    if value.startswith(REDACTED):
        return value
    return f"{REDACTED}-{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:8]}"


def redacted_headers(
    headers: Iterable[Header], *, url: str = "", more: frozenset[str] = frozenset()
) -> tuple[Header, ...]:
    """Header fields without credentials; of Authorization the scheme is kept. `more` are further names, lower case.

    With the URL that they came from, URLs in them that lead to another host lose what signs them.
    """
    return tuple((name, _redacted_value(name.lower(), value, url, more)) for name, value in headers)


def _redacted_value(name: str, value: str, url: str, more: frozenset[str]) -> str:
    if name in SECRET_HEADERS | more:
        scheme = value.partition(" ")[0]
        return f"{scheme} {REDACTED}" if name == "authorization" and scheme != value else REDACTED
    return redacted_url(value) if name in URL_HEADERS and not _stays(url, value) else value


def _stays(url: str, value: str) -> bool:
    """Whether a URL in a header field leads to the host that gave it, where parameters are sessions and no secrets."""
    found = re.search(r"https?://[^/?#>\s]+", value)
    return bool(url) and (found is None or f"{url}/".startswith((f"{found[0]}/", f"{found[0]}?")))
