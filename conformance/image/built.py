"""What the layers of an image that was built record, and what comes of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.fixtures.image.layers import OPAQUE, WHITEOUT

from pytest_oci.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_oci.fixtures.building.build import Built
    from pytest_oci.fixtures.building.entries import Recorded, RecordedLayer

    from pytest_oci.documents.exact import JsonValue

MOST_SHOWN = 40


def recorded(built: Built, path: str) -> Recorded:
    """The entry of a file that the recipe made; the last one if there are several."""
    for layer in reversed(built.layers):
        for entry in reversed(layer.entries):
            if entry.path == path:
                return entry
    raise Violation(f"an entry {path} in a layer", "none", listing(built))


def applied(layers: Iterable[RecordedLayer]) -> dict[str, Recorded]:
    """The files that are there when all layers are applied, in order (layer.md, Applying Changesets)."""
    found: dict[str, Recorded] = {}
    for layer in layers:
        for entry in layer.entries:
            directory, _, name = entry.path.rpartition("/")
            if name == OPAQUE:
                _remove_below(found, directory)
            elif name.startswith(WHITEOUT):
                path = f"{directory}/{name.removeprefix(WHITEOUT)}".lstrip("/")
                found.pop(path, None)
                _remove_below(found, path)
        for entry in layer.entries:
            if not entry.path.rpartition("/")[2].startswith(WHITEOUT):
                if entry.type != "directory":
                    _remove_below(found, entry.path)
                found[entry.path] = entry
    return found


def _remove_below(found: dict[str, Recorded], directory: str) -> None:
    before = f"{directory}/" if directory else ""
    for path in [each for each in found if each.startswith(before)]:
        del found[path]


def as_asked(found: JsonValue, wanted: JsonValue) -> bool:
    """Whether a part of an image's configuration has what a build asked for; members may be added, and variables."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.items() <= found.items()
    if isinstance(wanted, list) and isinstance(found, list) and any("=" in str(each) for each in wanted):
        return [each for each in found if each in wanted] == wanted
    return found == wanted


def listing(built: Built) -> list[str]:
    """The entries of the layers, but for those of the lowest of several, which is a base's."""
    shown = list(enumerate(built.layers))[-2:]
    entries = [f"layer {number}: {entry.path} ({entry.type})" for number, layer in shown for entry in layer.entries]
    return entries[-MOST_SHOWN:]
