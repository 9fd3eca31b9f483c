"""The text of a configuration (glossary.md, JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.glossary import rules_glossary as rules
from pytest_oci.fixtures.bundle_target import exact_document

from pytest_oci import advised, clause, expect
from pytest_oci.targets.bundle import ConfigEncodingError

if TYPE_CHECKING:
    from pytest_oci.targets.bundle import Bundle

pytestmark = pytest.mark.bundle


@clause("glossary.json.utf8")
def test_configuration_is_utf8(bundle: Bundle) -> None:
    """The bytes are UTF-8; a byte order mark is against one reading of the text only."""
    if isinstance(bundle.problem, ConfigEncodingError):
        expect(str(bundle.problem), "encoding").equals("UTF-8")
    if exact_document(bundle).byte_order_mark:
        advised("UTF-8 without a byte order mark", "a byte order mark before the text")


@clause("glossary.json.no-duplicate-names.config")
def test_configuration_repeats_no_name(bundle: Bundle) -> None:
    """No object has two members of one name."""
    expect(rules.names_not_repeated(exact_document(bundle)), "faults").is_empty()
