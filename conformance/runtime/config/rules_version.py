"""Rules about `ociVersion` (config.md, Specification version)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import Node, Object, describe, is_string, offending, require
from pytest_oci.fixtures.bundle_target import configuration

from pytest_oci import not_testable
from pytest_oci.documents.findings import Finding
from pytest_oci.documents.semver import is_semver
from pytest_oci.targets.bundle import ConfigEncodingError, ConfigInvalidError

if TYPE_CHECKING:
    from pytest_oci.targets.bundle import Bundle

EXPECTED = "a string, the version of the runtime specification"


def version_required(bundle: Bundle) -> list[Finding]:
    """Without a string `ociVersion`.

    A file that is no JSON object has none either: this rule finds it, and all others depend on this one.
    """
    if isinstance(bundle.problem, ConfigInvalidError) and not isinstance(bundle.problem, ConfigEncodingError):
        return [Finding("", f"no JSON text ({bundle.problem})", "a JSON object with ociVersion")]
    if bundle.document is not None and not isinstance(bundle.document.root, dict):
        return [Finding("", describe(bundle.document.root), "a JSON object with ociVersion")]
    return require([Node((), configuration(bundle))], "ociVersion", is_string, EXPECTED)


def version_is_semver(document: Object) -> list[Finding]:
    """An `ociVersion` outside the grammar of SemVer 2.0.0."""
    value = document.get("ociVersion")
    if not isinstance(value, str):
        not_testable("depends-on: config.oci-version.required")
    node = Node(("ociVersion",), value)
    return offending([node], lambda text: isinstance(text, str) and is_semver(text), "a SemVer 2.0.0 version")
