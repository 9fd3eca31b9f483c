"""Rules about the bundle's directory (bundle.md, Container Format)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.fixtures.bundle_target import configuration, no_file

from pytest_oci import not_applicable, not_testable
from pytest_oci.documents.findings import Finding
from pytest_oci.targets.bundle import CONFIG_NAME, ConfigMissingError

if TYPE_CHECKING:
    from pytest_oci.targets.bundle import Bundle

PRESENT = "bundle.config-json.present"
NAME = "bundle.config-json.name"
AT_ROOT = "bundle.config-json.at-root"


def config_present(bundle: Bundle) -> list[Finding]:
    """No configuration file in the bundle, neither under another name nor deeper."""
    if _broken(bundle) != PRESENT:
        return []
    return [Finding(CONFIG_NAME, f"missing: {bundle.problem}", "a regular file")]


def config_named(bundle: Bundle) -> list[Finding]:
    """A configuration file at the top of the bundle under another name."""
    _require_some(bundle)
    if _broken(bundle) != NAME:
        return []
    return [Finding(name, "the configuration file", f"named {CONFIG_NAME}") for name in bundle.strays]


def config_at_root(bundle: Bundle) -> list[Finding]:
    """A configuration file that lies deeper than the bundle's directory."""
    _require_some(bundle)
    if _broken(bundle) != AT_ROOT:
        return []
    return [Finding(name, "the configuration file", "in the bundle's directory itself") for name in bundle.strays]


def root_inside(bundle: Bundle) -> list[Finding]:
    """A root filesystem that lies outside the bundle's directory."""
    if scope.is_for_windows(configuration(bundle)):
        not_applicable("on Windows root.path names a volume")
    root = bundle.root
    if root is None:
        not_applicable("no root.path in this configuration")
    if root.inside:
        return []
    return [Finding("/root/path", f"{root.declared!r}, that is {root.resolved}", f"inside {bundle.directory}")]


def _broken(bundle: Bundle) -> str:
    """Which of the three clauses about the file is broken, empty if none."""
    return no_file(bundle) if isinstance(bundle.problem, ConfigMissingError) else ""


def _require_some(bundle: Bundle) -> None:
    if _broken(bundle) == PRESENT:
        not_testable(f"depends-on: {PRESENT}")
