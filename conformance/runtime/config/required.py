"""Properties that the texts list as REQUIRED, as tables: where, what, of which type, in which versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import (
    is_boolean,
    is_int64,
    is_integer,
    is_object,
    is_string,
    is_strings,
    is_uint32,
    is_uint64,
    is_unsigned,
    present,
    require,
    select,
)

from pytest_oci import clause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet
    from pytest_oci.conformance.runtime.config.tree import Object, Predicate

    from pytest_oci.documents.findings import Finding

Kind = tuple["Predicate", str]
"""What a property has to be: a predicate, and the same in words."""

STRING: Kind = (is_string, "a string")
STRINGS: Kind = (is_strings, "an array of strings")
BOOLEAN: Kind = (is_boolean, "true or false")
OBJECT: Kind = (is_object, "an object")
INTEGER: Kind = (is_integer, "an integer")
UNSIGNED: Kind = (is_unsigned, "an integer of zero or more")
INT64: Kind = (is_int64, "an integer from -2^63 to 2^63-1")
UINT32: Kind = (is_uint32, "an integer from 0 to 2^32-1")
UINT64: Kind = (is_uint64, "an integer from 0 to 2^64-1")


@dataclass(frozen=True)
class Required:
    """Properties that every object at some paths must have; paths are those of `tree.select`.

    `since` and `until` are the first and the last version of a configuration that is bound.
    """

    clause: str
    paths: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    kind: Kind
    since: tuple[int, int] = (1, 0)
    until: tuple[int, int] | None = None

    def faults(self, document: Object) -> list[Finding]:
        """The objects without such a property."""
        if self.since > (1, 0) or self.until:
            scope.require_version(document, since=self.since, until=self.until)
        owners = present([node for path in self.paths for node in select(document, *path)], " or ".join(self._places()))
        return [finding for name in self.names for finding in require(owners, name, *self.kind)]

    def _places(self) -> list[str]:
        return ["/".join(("", *path)) for path in self.paths]


def parameters(table: Iterable[Required]) -> list[ParameterSet]:
    """A table as parameters of one test, each with its clause."""
    return [
        pytest.param(required, marks=clause(required.clause), id=required.clause.removeprefix("config."))
        for required in table
    ]
