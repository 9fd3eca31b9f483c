"""Resource Director Technology in a configuration (config-linux.md, IntelRdt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux import rules_intel_rdt as rules

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.conformance.runtime.config.tree import Object

pytestmark = pytest.mark.bundle


@clause("config.linux.intel-rdt.l3-cache-schema.form")
def test_l3_cache_schema_is_one_line(document: Object) -> None:
    """The schema of the cache is a line that begins with L3."""
    expect(rules.l3_cache_schema_form(document), "faults").is_empty()


@clause("config.linux.intel-rdt.mem-bw-schema.prefix")
def test_mem_bw_schema_has_its_prefix(document: Object) -> None:
    """The schema of the bandwidth begins with MB."""
    expect(rules.mem_bw_schema_prefix(document), "faults").is_empty()


@clause("config.linux.intel-rdt.mem-bw-schema.no-newline")
def test_mem_bw_schema_is_one_line(document: Object) -> None:
    """The schema of the bandwidth is one line."""
    expect(rules.mem_bw_schema_newline(document), "faults").is_empty()


@clause("config.linux.intel-rdt.schemata.no-newline")
def test_schemata_are_lines(document: Object) -> None:
    """Every element of schemata is one line."""
    expect(rules.schemata_newline(document), "faults").is_empty()
