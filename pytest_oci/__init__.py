"""Conformance tests for the Open Container Initiative's specifications, as a pytest plugin."""

from pytest_oci.marks import clause
from pytest_oci.violations import Violation, advised, expect, not_applicable, not_testable, noted, unsupported

__all__ = [
    "Violation",
    "__version__",
    "advised",
    "clause",
    "expect",
    "not_applicable",
    "not_testable",
    "noted",
    "unsupported",
]

__version__ = "0.1.0"
