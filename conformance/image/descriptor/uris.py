"""URIs by the grammar of RFC 3986, appendix A, and no more lenient than it."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

_PERCENT = "%[0-9A-Fa-f]{2}"
_UNRESERVED = r"A-Za-z0-9\-._~"
_SUB_DELIMS = r"!$&'()*+,;="
_PCHAR = rf"(?:[{_UNRESERVED}{_SUB_DELIMS}:@]|{_PERCENT})"
_NO_COLON = rf"(?:[{_UNRESERVED}{_SUB_DELIMS}@]|{_PERCENT})"
_SEGMENTS = rf"(?:/{_PCHAR}*+)*+"
_LITERAL = rf"\[(?:(?P<six>[0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[{_UNRESERVED}{_SUB_DELIMS}:]+)\]"
_HOST = rf"(?:{_LITERAL}|(?:[{_UNRESERVED}{_SUB_DELIMS}]|{_PERCENT})*+)"
_AUTHORITY = rf"(?:(?:[{_UNRESERVED}{_SUB_DELIMS}:]|{_PERCENT})*@)?{_HOST}(?::[0-9]*+)?"
_TAIL = rf"(?:\?(?:{_PCHAR}|[/?])*+)?(?:#(?:{_PCHAR}|[/?])*+)?"
_SCHEME = r"(?P<scheme>[A-Za-z][A-Za-z0-9+\-.]*+)"

_ROOTED = rf"//{_AUTHORITY}{_SEGMENTS}|/(?:{_PCHAR}++{_SEGMENTS})?"

_URI = re.compile(rf"{_SCHEME}:(?:{_ROOTED}|(?:{_PCHAR}++{_SEGMENTS})?){_TAIL}")
_RELATIVE = re.compile(rf"(?:{_ROOTED}|(?:{_NO_COLON}++{_SEGMENTS})?){_TAIL}")
_FOREIGN = re.compile(rf"[^{_UNRESERVED}{_SUB_DELIMS}:/?#\[\]@%]")
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def scheme(text: str) -> str | None:
    """The scheme of a URI, in lower case; None if the text is no URI."""
    match = _URI.fullmatch(text)
    return match["scheme"].lower() if match and _has_right_address(match) else None


def is_relative(text: str) -> bool:
    """Whether a text is a relative reference, which has no scheme; the empty text is one."""
    match = _RELATIVE.fullmatch(text)
    return match is not None and _has_right_address(match)


def fault(text: str) -> str:
    """Why a text is neither a URI nor a relative reference, in words; empty if it is one of them."""
    if scheme(text) is not None or is_relative(text):
        return ""
    foreign = _FOREIGN.search(text)
    if foreign:
        return f"{foreign[0]!r} at character {foreign.start()} may not stand in a URI"
    bare = _BARE_PERCENT.search(text)
    if bare:
        return f"the % at character {bare.start()} is not followed by two hexadecimal digits"
    return "it does not follow the grammar of RFC 3986"


def _has_right_address(match: re.Match[str]) -> bool:
    """Whether what stands in brackets is an IPv6 address, if it claims to be one."""
    if match["six"] is None:
        return True
    try:
        IPv6Address(match["six"])
    except AddressValueError:
        return False
    return True
