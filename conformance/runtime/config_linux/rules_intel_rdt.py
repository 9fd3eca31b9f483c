"""Rules about `intelRdt` (config-linux.md, IntelRdt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.tree import EACH, Node, Object, offending, present, select

from pytest_oci import not_testable

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.documents.findings import Finding

PREFIX = "config.linux.intel-rdt.mem-bw-schema.prefix"
ONE_LINE = "a string without newlines"


def l3_cache_schema_form(document: Object) -> list[Finding]:
    """An `l3CacheSchema` with another prefix, or of several lines."""
    return offending(_schemas(document, "l3CacheSchema"), _is_l3_line, f"{ONE_LINE} that begins with L3:")


def mem_bw_schema_prefix(document: Object) -> list[Finding]:
    """A `memBwSchema` with another prefix."""
    return offending(
        _schemas(document, "memBwSchema"),
        lambda value: isinstance(value, str) and value.startswith("MB:"),
        "a string that begins with MB:",
    )


def mem_bw_schema_newline(document: Object) -> list[Finding]:
    """A `memBwSchema` of several lines."""
    schemas = _schemas(document, "memBwSchema")
    if not isinstance(schemas[0].value, str):
        not_testable(f"depends-on: {PREFIX}")
    return offending(schemas, _is_one_line, ONE_LINE)


def schemata_newline(document: Object) -> list[Finding]:
    """Elements of `schemata` of several lines."""
    scope.require_version(document, since=(1, 3))
    lines = present(select(document, "linux", "intelRdt", "schemata", EACH), "intelRdt.schemata")
    return offending(lines, _is_one_line, ONE_LINE)


def _schemas(document: Object, name: str) -> list[Node]:
    return present(select(document, "linux", "intelRdt", name), f"intelRdt.{name}")


def _is_one_line(value: JsonValue) -> bool:
    return isinstance(value, str) and "\n" not in value


def _is_l3_line(value: JsonValue) -> bool:
    return _is_one_line(value) and isinstance(value, str) and value.startswith("L3:")
