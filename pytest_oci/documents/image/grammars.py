"""Strings with a grammar in the image specification's documents: digests, media types, URIs and others.

As in `pytest_oci.documents.semver` the patterns mean the same in Python and in every JSON Schema validator: no
classes of letters or digits but ASCII's, and what ends with `$` bans newlines apart.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from pytest_oci.documents.base import NO_NEWLINE

DIGEST = r"^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"
ENCODED = {"sha256": "^[a-f0-9]{64}$", "sha512": "^[a-f0-9]{128}$"}
"""What stands behind the colon of a registered algorithm (descriptor.md, Registered algorithms)."""

_NAME = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
MEDIA_TYPE = f"^{_NAME}/{_NAME}$"

# Bits that pad the last digit of base64 are zero.
BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"

_ESCAPED = "%[0-9A-Fa-f]{2}"
_COMMON = r"A-Za-z0-9._~\-!$&'()*+,;="
_PCHAR = f"(?:[{_COMMON}:@]|{_ESCAPED})"
_H16 = "[0-9A-Fa-f]{1,4}"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LS32 = rf"(?:{_H16}:{_H16}|{_OCTET}(?:\.{_OCTET}){{3}})"
_ENDS = (*(f"(?:{_H16}:){{{groups}}}{_LS32}" for groups in (5, 4, 3, 2, 1, 0)), _H16, "")
"""What may stand behind the `::` of an IPv6 address, the more groups the fewer before it."""
_IPV6 = "|".join(
    (
        f"(?:{_H16}:){{6}}{_LS32}",
        f"::{_ENDS[0]}",
        *(f"(?:(?:{_H16}:){{0,{most}}}{_H16})?::{end}" for most, end in enumerate(_ENDS[1:])),
    )
)
_IP_LITERAL = rf"\[(?:{_IPV6}|[vV][0-9A-Fa-f]+\.[{_COMMON}:]+)\]"
_HOST = f"(?:{_IP_LITERAL}|(?:[{_COMMON}]|{_ESCAPED})*)"
_AUTHORITY = f"(?:(?:[{_COMMON}:]|{_ESCAPED})*@)?{_HOST}(?::[0-9]*)?"
_PATH = f"{_PCHAR}+(?:/{_PCHAR}*)*"
_TAIL = f"(?:{_PCHAR}|[/?])*"
URI = (
    rf"^[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PATH})?|{_PATH}|)"
    rf"(?:\?{_TAIL})?(?:#{_TAIL})?$"
)

_MONTH_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
)
_HOUR_MINUTE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
DATE_TIME = rf"^[0-9]{{4}}-{_MONTH_DAY}[Tt]{_HOUR_MINUTE}:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|[+-]{_HOUR_MINUTE})$"


def _registered(digest: str) -> str:
    """The digest, if its encoded portion is as its algorithm has it, else ValueError."""
    algorithm, _, encoded = digest.partition(":")
    if algorithm in ENCODED and not re.fullmatch(ENCODED[algorithm], encoded):
        raise ValueError(f"{algorithm} is encoded as {ENCODED[algorithm]}")
    return digest


_REGISTERED: dict[str, Any] = {
    "allOf": [
        {"if": {"pattern": f"^{algorithm}:"}, "then": {"pattern": f"^{algorithm}:{encoded.removeprefix('^')}"}}
        for algorithm, encoded in ENCODED.items()
    ]
}

Digest = Annotated[str, Field(pattern=DIGEST, json_schema_extra=NO_NEWLINE | _REGISTERED), AfterValidator(_registered)]
"""A digest; algorithms that are not registered are as good as others (descriptor.md, Digests)."""
MediaType = Annotated[str, Field(pattern=MEDIA_TYPE, json_schema_extra=NO_NEWLINE)]
"""A media type without parameters (RFC 6838, section 4.2)."""
Base64 = Annotated[str, Field(pattern=BASE64, json_schema_extra=NO_NEWLINE)]
"""The standard alphabet, padded (RFC 4648, section 4)."""
Uri = Annotated[str, Field(pattern=URI, json_schema_extra=NO_NEWLINE)]
"""A URI with its scheme (RFC 3986, section 3)."""
DateTime = Annotated[str, Field(pattern=DATE_TIME, json_schema_extra=NO_NEWLINE)]
"""Date and time with an offset (RFC 3339, section 5.6); leap days are taken in every year."""
