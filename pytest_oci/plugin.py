"""The plugin's hooks. Each hands over to a module with one job; without a target none of those is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_oci import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = (
    "clause(*ids): the clauses of the catalogue that this test judges",
    "runtime: needs a container runtime (--oci-runtime)",
    "bundle: needs a bundle (--oci-bundle), or the configuration of one (--oci-document=config:FILE)",
    "document: needs a document (--oci-document)",
    "conversion: needs a converter (--oci-converter)",
    "copier: needs a copier (--oci-copier)",
    "builder: needs a builder (--oci-builder)",
    "artifact: needs an artifact tool (--oci-artifact-tool)",
    "distribution: needs a registry (--oci-registry)",
    "engine: needs an engine (--oci-engine)",
    "client: needs a client of registries (--oci-client)",
    "image: needs an image layout (--oci-layout, or --oci-image with --oci-engine)",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    settings.add_options(parser)


def _is_ours(item: pytest.Item) -> bool:
    """Whether a test is one of the suite or built like one: other projects may have a marker of the same name."""
    from pytest_oci.suite import suite_directory

    return "observe" in getattr(item, "fixturenames", ()) or item.path.is_relative_to(suite_directory())


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """With a target on the command line and no paths, add the packaged suite's test files."""
    known = early_config.known_args_namespace
    if known.file_or_dir:
        return
    targets = settings.kinds_of(
        {name for name in settings.TARGETS if getattr(known, f"oci_{name.replace('-', '_')}", None)}
    )
    targets |= settings.replayed_kinds(getattr(known, "oci_replay", None))
    if targets:
        from pytest_oci.suite import suite_arguments

        args.extend(suite_arguments(targets))


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the run if there is anything to do."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if settings.wanted(config):
        from pytest_oci.run import activate

        activate(config)


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Without a target, say so for the suite's tests instead of failing on a missing fixture."""
    if config.pluginmanager.hasplugin("oci-run"):
        return
    for item in items:
        if item.get_closest_marker("clause") and _is_ours(item):
            raise pytest.UsageError(f"{item.nodeid} judges a product: name it with {settings.naming()}")
