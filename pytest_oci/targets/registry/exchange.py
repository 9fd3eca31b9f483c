"""One request and what came back, as plain data that can be saved and judged again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.registry.redaction import redacted_headers, redacted_url

if TYPE_CHECKING:
    from collections.abc import Mapping

Header = tuple[str, str]

NO_CONNECTION, TIMEOUT, RESET, MALFORMED, TOO_LONG, UNTRUSTED = (
    *("no-connection", "timeout", "reset", "malformed", "too-long", "untrusted"),
)
"""Why an exchange has no answer, or none that is whole."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body: how long it is, its digests, and its beginning."""

    length: int
    sha256: str
    sha512: str
    kept: bytes

    @classmethod
    def of(cls, data: bytes, most: int) -> Body:
        """The body with these bytes, of which so many are kept."""
        return cls(
            len(data),
            f"sha256:{hashlib.sha256(data).hexdigest()}",
            f"sha512:{hashlib.sha512(data).hexdigest()}",
            data[:most],
        )

    @property
    def whole(self) -> bool:
        """Whether all of it is kept."""
        return len(self.kept) == self.length

    @property
    def text(self) -> str:
        """What is kept, as text; bytes that are no UTF-8 are escaped."""
        return self.kept.decode("utf-8", "backslashreplace")

    def digest(self, algorithm: str) -> str | None:
        """The digest by this algorithm; None if it was not computed."""
        return {"sha256": self.sha256, "sha512": self.sha512}.get(algorithm)

    def json(self) -> Any:
        """The JSON value that the body is. Raises ValueError if it is none or not kept whole."""
        if not self.whole:
            raise ValueError(f"only {len(self.kept)} of {self.length} bytes were kept")
        try:
            return json.loads(self.kept)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def to_json(self) -> dict[str, Any]:
        """The body as plain data; an empty one is an empty object."""
        if not self.length:
            return {}
        found: dict[str, Any] = {"length": self.length, "sha256": self.sha256, "sha512": self.sha512}
        try:
            return found | {"text": self.kept.decode("utf-8")}
        except UnicodeDecodeError:
            return found | {"base64": base64.b64encode(self.kept).decode("ascii")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Body:
        """The inverse of to_json. Raises ValueError or KeyError."""
        if not data:
            return NO_BODY
        try:
            kept = data["text"].encode() if "text" in data else base64.b64decode(data["base64"], validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None
        return cls(data["length"], data["sha256"], data["sha512"], kept)


NO_BODY = Body.of(b"", 0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    `status` is 0 where no answer came; then, and where its body did not come whole, `failure` says why and `detail`
    says more. `role` tells what the exchange was for: `request`, or `challenge`, `token`, `redirect` and `limited` for
    those that led to the one after them; `led_by` is how many of these stand directly before. A `foreign` one went to
    another host than the registry's.
    """

    method: str
    url: str
    sent_headers: tuple[Header, ...]
    sent: Body
    status: int
    headers: tuple[Header, ...]
    body: Body
    seconds: float
    failure: str = ""
    detail: str = ""
    role: str = "request"
    led_by: int = 0
    foreign: bool = False

    @property
    def ok(self) -> bool:
        """Whether a 2xx came, whole."""
        return 200 <= self.status < 300 and not self.failure

    def header(self, name: str) -> str | None:
        """The value of the first field of a name; None if there is none."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> list[str]:
        """The values of all fields of a name, whatever its case."""
        lowered = name.lower()
        return [value for key, value in self.headers if key.lower() == lowered]

    @property
    def line(self) -> str:
        """Request and answer in one line."""
        return f"{self.method} {self.shown_url}: {self.answer}"

    @property
    def shown_url(self) -> str:
        """The URL without credentials."""
        return redacted_url(self.url) if self.foreign else self.url

    @property
    def answer(self) -> str:
        """The answer in a few words: its status and the registry's error codes, or why there is none."""
        if self.failure and not self.status:
            return f"no answer: {self.failure}, {self.detail}" if self.detail else f"no answer: {self.failure}"
        cut = f", and the body did not come whole: {self.failure}" if self.failure else ""
        codes = f" {', '.join(self.codes)}" if self.codes else ""
        return f"{self.status}{codes}{cut}"

    @property
    def codes(self) -> list[str]:
        """The codes of an error body in the form of spec.md, "Error Codes"."""
        if self.status < 400:
            return []
        try:
            errors = self.body.json()["errors"]
            return [error["code"] for error in errors if isinstance(error["code"], str)]
        except (ValueError, KeyError, TypeError):
            return []

    def to_json(self) -> dict[str, Any]:
        """The exchange as plain data, without credentials."""
        return {
            "method": self.method,
            "url": self.shown_url,
            "sent_headers": [list(header) for header in redacted_headers(self.sent_headers)],
            "sent": self.sent.to_json(),
            "status": self.status,
            "headers": [
                list(header) for header in redacted_headers(self.headers, url="" if self.foreign else self.url)
            ],
            "body": self.body.to_json(),
            "seconds": self.seconds,
            "failure": self.failure,
            "detail": self.detail,
            "role": self.role,
            "led_by": self.led_by,
            "foreign": self.foreign,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Exchange:
        """The inverse of to_json. Raises ValueError, KeyError or TypeError for other data."""
        return cls(
            **{
                **data,
                "sent_headers": tuple((name, value) for name, value in data["sent_headers"]),
                "headers": tuple((name, value) for name, value in data["headers"]),
                "sent": Body.from_json(data["sent"]),
                "body": Body.from_json(data["body"]),
            }
        )

    def playing(self, role: str, led_by: int = 0) -> Exchange:
        """The exchange in another role."""
        return self if (role, led_by) == (self.role, self.led_by) else replace(self, role=role, led_by=led_by)
