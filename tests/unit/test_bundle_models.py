"""Bundles that scenarios are made of are what the models of runtime-spec call a configuration."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from pytest_oci.fixtures.runtime import bundle, scenarios
from pytest_oci.fixtures.runtime.bundle import MINIMAL, Bundle

from pytest_oci.documents.runtime.config import Config


def bundles() -> dict[str, Bundle]:
    """The bundles that modules of scenarios share, by name."""
    found = {}
    for entry in iter_modules(scenarios.__path__, f"{scenarios.__name__}."):
        module = import_module(entry.name)
        found.update(
            {f"{entry.name}.{name}": value for name, value in vars(module).items() if isinstance(value, Bundle)}
        )
    return found


@pytest.mark.parametrize("name", sorted(bundles()))
def test_shared_bundles_are_configurations(name: str) -> None:
    """With the version that the stage puts in."""
    Config.model_validate({"ociVersion": "1.3.0", **bundles()[name].document})


def test_builders_give_configurations() -> None:
    """What pure functions add keeps to the models."""
    built = (
        MINIMAL.with_bind("/srv", "/mnt", "ro")
        .with_capabilities(bounding=["CAP_CHOWN"], ambient=[])
        .with_hooks(prestart=[{"path": "/bin/true", "args": ["true"], "timeout": 3}])
        .with_verb("serve")
        .having("/hostname", "h")
    )
    config = Config.model_validate({"ociVersion": "1.3.0", **built.document})

    assert config.hostname == "h"
    assert Bundle() == bundle.MINIMAL
