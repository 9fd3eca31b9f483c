"""The image layout that a run is given: by its path, out of an engine, from a worker's controller, or in a ledger."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci.catalogue import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.settings import Settings
    from pytest_oci.targets.layout.target import LayoutTarget


def open_given_layout(
    settings: Settings, replayed: list[dict[str, Any]] | None, handed: Mapping[str, str]
) -> LayoutTarget | None:
    """The layout, None if none was given. Raises pytest.UsageError in one line that says how to mend it.

    `handed` names, for the workers of xdist, the file with the `layout` that their controller has read.
    """
    if "layout" not in settings.targets:
        return None
    if "layout" in handed:
        return _saved_layout(json.loads(Path(handed["layout"]).read_text(encoding="ascii")), settings.claimed)
    if replayed is not None:
        return _replayed_layout(replayed, settings)
    return _read_layout(settings)


def check_layout_options(settings: Settings) -> None:
    """Raise pytest.UsageError for options about layouts that do not go together, or without a layout."""
    if settings.image and not settings.engine:
        raise pytest.UsageError("--oci-image=REF needs --oci-engine=docker or --oci-engine=podman")
    if settings.image and settings.layout:
        raise pytest.UsageError("give either --oci-layout or --oci-image")
    for name in ("ref", "platform", "limits"):
        if getattr(settings, name) and not (settings.layout or settings.image):
            raise pytest.UsageError(f"--oci-{name.removesuffix('s')} is about a layout: name it with --oci-layout")


def _read_layout(settings: Settings) -> LayoutTarget:
    from pytest_oci.report.progress import progress
    from pytest_oci.targets.layout.target import LayoutTargetError, Narrowed, open_layout

    narrowed = Narrowed(settings.ref or "", settings.platform or "", subjects=_has_subjects(settings.claimed))
    try:
        with progress("reading the layout") as shown, tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            if settings.layout is not None:
                return open_layout(settings.layout, settings.limits, narrowed, shown)
            from pytest_oci.targets.engine_image import fetch_image

            path = fetch_image(str(settings.image), str(settings.engine), Path(scratch), settings.timeout)
            target = open_layout(str(path), settings.limits, narrowed, shown)
            return replace(target, name=f"{settings.image} of {settings.engine}")
    except LayoutTargetError as error:
        raise pytest.UsageError(str(error)) from None


def _replayed_layout(replayed: list[dict[str, Any]], settings: Settings) -> LayoutTarget:
    from pytest_oci.targets.layout.target import OBSERVED

    saved = next((record for record in replayed if record.get("scenario") == OBSERVED), None)
    if saved is None:
        raise pytest.UsageError(f"--oci-replay={settings.replay}: the ledger does not hold the layout that it is about")
    return _saved_layout(saved["facts"], settings.claimed if settings.versions_given else replayed[0]["claimed"])


def _saved_layout(saved: Mapping[str, Any], claimed: Mapping[str, str]) -> LayoutTarget:
    from pytest_oci.targets.layout.target import from_saved

    return from_saved(saved, subjects=_has_subjects(claimed))


def _has_subjects(claimed: Mapping[str, str]) -> bool:
    """Whether `subject` is a descriptor: it is since image-spec 1.1."""
    return claimed["image"] != VERSIONS["image"]["1.0"]
