"""A vendor's declared exceptions: reasoned, expiring, and never able to make a verdict conformant.

The file is TOML, one table a clause::

    [[deviation]]
    clause = "runtime.ops.delete.created-error"
    reason = "delete of a created container is allowed on purpose; see the release notes of 2.0"
    expires = 2027-06-30
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

MEMBERS = {"clause", "reason", "expires"}


class DeviationError(ValueError):
    """The file is not usable: one line that says why."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A clause that the vendor declares broken, why, and until when."""

    clause: str
    reason: str
    expires: datetime.date


def read_deviations(path: Path, known: Container[str], today: datetime.date) -> Mapping[str, Deviation]:
    """The deviations of a file by clause id. Raises DeviationError for anything that is not in order."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DeviationError(f"the deviations file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DeviationError(f"the deviations file {path} is no TOML: {error}") from None
    deviations = parse_deviations(text, str(path), known)
    for deviation in deviations.values():
        if deviation.expires < today:
            raise DeviationError(f"{path}: the deviation from {deviation.clause} expired on {deviation.expires}")
    return deviations


def parse_deviations(text: str, path: str, known: Container[str]) -> Mapping[str, Deviation]:
    """As `read_deviations`, of a text; those that have expired are told as well."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeviationError(f"the deviations file {path} is no TOML: {error}") from None
    records = data.pop("deviation", [])
    if data or not isinstance(records, list):
        raise DeviationError(f"the deviations file {path} has to consist of [[deviation]] tables")
    deviations: dict[str, Deviation] = {}
    for record in records:
        deviation = _deviation(record, path)
        if deviation.clause not in known:
            raise DeviationError(f"{path}: there is no clause {deviation.clause}")
        if deviation.clause in deviations:
            raise DeviationError(f"{path}: {deviation.clause} stands twice")
        deviations[deviation.clause] = deviation
    return deviations


def _deviation(record: Any, path: str) -> Deviation:
    if not isinstance(record, dict) or record.keys() != MEMBERS:
        raise DeviationError(f"{path}: a deviation has exactly clause, reason and expires")
    if not isinstance(record["clause"], str) or not isinstance(record["reason"], str) or not record["reason"].strip():
        raise DeviationError(f"{path}: clause and reason of a deviation are texts")
    if type(record["expires"]) is not datetime.date:
        raise DeviationError(f"{path}: expires of the deviation from {record['clause']} is no date (2027-06-30)")
    return Deviation(record["clause"], record["reason"], record["expires"])
