"""The image layout of `--oci-layout`, or of an engine's image: read, its documents found, its name for the records."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.layout.limits import LayoutLimits, LimitNameError
from pytest_oci.targets.layout.reading import read_layout
from pytest_oci.targets.layout.saved import from_json, to_json
from pytest_oci.targets.layout.source import LayoutError
from pytest_oci.targets.layout.tree import MANIFEST, Tree, grow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_oci.targets.layout.facts import Layout

DEMO = "demo"
OBSERVED = "layout"
"""What the observation of a layout is called in a ledger."""
MOST_REFS = 10


class LayoutTargetError(ValueError):
    """The layout cannot be judged; the text is one line that says how to mend the command line."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of a layout is judged: all of it unless a name or a platform is given. `subjects`: see `tree.grow`."""

    ref: str = ""
    platform: str = ""
    subjects: bool = True


@dataclass(frozen=True, slots=True)
class LayoutTarget:
    """A layout under test. `name` is what the user calls it."""

    name: str
    layout: Layout
    tree: Tree
    limits: LayoutLimits
    narrowed: Narrowed

    def identity(self) -> dict[str, Any]:
        """What the ledger says of it: name, form, and the digest of its index.json if that could be read."""
        data = self.layout.index.data
        digest = {} if data is None else {"sha256": hashlib.sha256(data).hexdigest()}
        return {"kind": "layout", "path": self.name, "form": self.layout.form, **digest}


def open_layout(
    name: str,
    limits: Sequence[str] = (),
    narrowed: Narrowed = Narrowed(),
    progress: Callable[[int, int], None] | None = None,
) -> LayoutTarget:
    """Read the layout at this path; `demo` is the built-in one. Raises LayoutTargetError."""
    try:
        most = LayoutLimits().with_given(limits)
    except LimitNameError as error:
        raise LayoutTargetError(f"--oci-limit={error}") from None
    try:
        if name != DEMO:
            return as_target(name, read_layout(Path(name), most, progress), most, narrowed)
        with tempfile.TemporaryDirectory(prefix="pytest-oci-demo-") as scratch:
            directory = Path(scratch) / "layout"
            import_module("pytest_oci.fixtures.image.demo").write_demo(directory)
            return as_target(name, read_layout(directory, most), most, narrowed)
    except LayoutError as error:
        raise LayoutTargetError(f"--oci-layout={name}: {error}") from None


def as_target(name: str, layout: Layout, limits: LayoutLimits, narrowed: Narrowed) -> LayoutTarget:
    """The target that a layout already read is. Raises LayoutTargetError if nothing of it is to be judged."""
    tree = grow(layout, limits, narrowed.ref, narrowed.platform, subjects=narrowed.subjects)
    if narrowed.ref and narrowed.ref not in tree.refs:
        shown = ", ".join(tree.refs[:MOST_REFS]) + (", ..." if len(tree.refs) > MOST_REFS else "")
        raise LayoutTargetError(f"--oci-ref={narrowed.ref}: index.json has {shown or 'no names'}")
    if narrowed.platform and not tree.manifests:
        raise LayoutTargetError(f"--oci-platform={narrowed.platform}: no manifest in {name} is for it")
    return LayoutTarget(name, _lightened(layout, tree), tree, limits, narrowed)


def to_saved(target: LayoutTarget) -> dict[str, Any]:
    """All that is needed to judge the layout again."""
    return {
        "name": target.name,
        "layout": to_json(target.layout),
        "limits": asdict(target.limits),
        "narrowed": asdict(target.narrowed),
    }


def from_saved(saved: Mapping[str, Any], *, subjects: bool) -> LayoutTarget:
    """The inverse of `to_saved`; `subjects` as in the version that is claimed now (see `tree.grow`)."""
    narrowed = Narrowed(**{**saved["narrowed"], "subjects": subjects})
    return as_target(saved["name"], from_json(saved["layout"]), LayoutLimits(**saved["limits"]), narrowed)


def _lightened(layout: Layout, tree: Tree) -> Layout:
    """The layout without the bytes of blobs that no part of the tree reads, and that no index calls a manifest."""
    wanted = {part.text.path for part in tree.parts}
    entries = (entry for index in tree.indexes for entry in index.entries if entry.media_type == MANIFEST)
    wanted |= {entry.blob.path for entry in entries if entry.blob is not None}
    wanted |= {part.config_text.path for part in tree.manifests if part.config_text is not None}
    blobs = {
        digest: blob if blob.data is None or blob.path in wanted else replace(blob, data=None, withheld="not wanted")
        for digest, blob in layout.blobs.items()
    }
    return replace(layout, blobs=blobs)
