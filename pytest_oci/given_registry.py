"""The registry that a run is given: its URL, how to be let in, and that there is one at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.settings import Settings
    from pytest_oci.targets.registry.client import Registry
    from pytest_oci.targets.registry.seeded import SeededImage

DEMO = "demo"
WRITING = frozenset({"push", "management"})
"""Workflows that nothing is judged of where only what was there before is looked at."""


@dataclass(frozen=True, slots=True)
class GivenRegistry:
    """A registry under test. `demo` is the built-in one's server, which this process runs; None for all others."""

    registry: Registry
    name: str
    demo: Any = None
    seeds: tuple[SeededImage, ...] = ()
    """What it holds, where nothing can be pushed to it."""

    def identity(self) -> dict[str, Any]:
        """What the ledger says of it; the built-in one's address means nothing to anybody later."""
        return {**self.registry.identity(), **({"path": DEMO, "version": DEMO} if self.name == DEMO else {})}

    def close(self) -> None:
        """Close every connection, and end the built-in one."""
        self.registry.close()
        if self.demo is not None:
            self.demo.close()


def open_given_registry(settings: Settings, handed: Mapping[str, str]) -> GivenRegistry | None:
    """The registry, None if none was given. Raises pytest.UsageError in one line that says how to mend it.

    `handed` names, for the workers of xdist, the URL of the `registry` that their controller has found or started.
    """
    if not settings.registry:
        _refuse_lonely_options(settings)
        return None
    from pytest_oci.targets.registry.address import parse_address
    from pytest_oci.targets.registry.client import open_registry
    from pytest_oci.targets.registry.credentials import find_credentials
    from pytest_oci.targets.registry.limits import RegistryLimits
    from pytest_oci.targets.registry.preflight import preflight
    from pytest_oci.targets.registry.seeded import read_seeded
    from pytest_oci.targets.runtime import TargetError

    demo = None
    url = handed.get("registry") or settings.registry
    if url == DEMO:
        demo = import_module("pytest_oci.fixtures.registry.memory").serve()
        url = demo.url
    try:
        seeds = read_seeded(Path(settings.seeded)) if settings.seeded else ()
        registry = open_registry(
            url,
            credentials=find_credentials(parse_address(url), os.environ),
            limits=RegistryLimits(seconds=settings.timeout),
            ca_file=settings.registry_ca,
            verified=not settings.registry_unverified,
            headers=[_header(text) for text in settings.registry_headers],
        )
        if not handed:
            preflight(registry, settings.namespace)
    except TargetError as error:
        raise pytest.UsageError(f"--oci-registry={settings.registry}: {error}") from None
    return GivenRegistry(registry, settings.registry, demo, seeds)


def _header(text: str) -> tuple[str, str]:
    name, equals, variable = text.partition("=")
    if not (name and equals and variable):
        raise pytest.UsageError(f"--oci-registry-header={text}: has to be NAME=VARIABLE, a variable of the environment")
    if variable not in os.environ:
        raise pytest.UsageError(f"--oci-registry-header={text}: there is no {variable} in the environment")
    return name, os.environ[variable]


def _refuse_lonely_options(settings: Settings) -> None:
    given = {"--oci-seeded": settings.seeded, "--oci-registry-ca": settings.registry_ca}
    for name, value in given.items():
        if value:
            raise pytest.UsageError(f"{name} is about a registry: name it with --oci-registry")
