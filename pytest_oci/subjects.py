"""Which of the products given a test judges: by its marker and, for documents and parts, by the fixture it asks for."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pytest_oci import selection
from pytest_oci.catalogue import DOCUMENTS
from pytest_oci.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from _pytest.nodes import Node

    from pytest_oci.catalogue import Clause
    from pytest_oci.run import Run
    from pytest_oci.targets.document import DocumentFile

FIXTURES: Mapping[str, str] = {"bundle": "config", "state_file": "state", "features_file": "features"}
"""Fixtures that stand for documents, with their kind. A configuration is a bundle of which nothing else is known."""
WRITTEN = "layout_given"
"""The fixture that all those depend on that are about a layout; its parameter is a kind of product and a name."""
PARTS = ("indexes", "manifests", "parts")
"""Fixtures that stand for parts of a layout: attributes of its tree."""
MOST_GROUPS = 50
"""So many tests at most are made of one test function for the parts of a layout; parts beyond that share them."""
THE_BUNDLE = -1
"""The parameter of `bundle` that stands for the bundle given; others are places among the documents given."""
MADE: Mapping[str, Mapping[str, int]] = {
    "converter": {"plain": THE_BUNDLE, "rich": -2},
    "engine": {"plain": THE_BUNDLE, "options": -2},
}
"""The bundles that a kind of product is judged by, by the test's id: what a converter makes of an image that sets next
to nothing, and of one that sets everything; what an engine gives its runtime, and what with options of its own."""


def generate(metafunc: pytest.Metafunc, run: Run) -> None:
    """Make one test for each document that the test can judge, for the bundle, and for each part of the layout."""
    _generate_parts(metafunc, run)
    _generate_written(metafunc, run)
    fixture = _fixture(metafunc.fixturenames, metafunc.definition)
    if fixture is None:
        return
    kind = FIXTURES[fixture]
    maker = maker_in(run)
    if maker is not None and kind == "config":
        metafunc.parametrize(fixture, list(MADE[maker].values()), indirect=True, ids=list(MADE[maker]))
        return
    places = [place for place, document in enumerate(run.given.documents) if document.kind == kind]
    if not places:
        return
    names = {place: kind if len(places) == 1 else f"{kind}-{number}" for number, place in enumerate(places, 1)}
    if fixture == "bundle" and run.given.bundle is not None:
        names = {THE_BUNDLE: "bundle", **names}
    metafunc.parametrize(fixture, list(names), indirect=True, ids=list(names.values()))


def _generate_parts(metafunc: pytest.Metafunc, run: Run) -> None:
    """Proofs look at all parts at once: those of a mutant are others than those of the layout given."""
    fixture = next((name for name in PARTS if name in metafunc.fixturenames), None)
    if fixture is None or run.given.layout is None or run.settings.prove:
        return
    if not metafunc.definition.get_closest_marker(KINDS["layout"].marker):
        return
    names = [part.name for part in getattr(run.given.layout.tree, fixture)]
    groups = grouped(names)
    metafunc.parametrize(fixture, list(groups.values()), indirect=True, ids=list(groups))


def _generate_written(metafunc: pytest.Metafunc, run: Run) -> None:
    """Where no layout is given, those are judged that products write; such a test is one of that kind of product's."""
    if run.given.layout is not None or run.settings.prove or WRITTEN not in metafunc.fixturenames:
        return
    found = []
    for kind in (KINDS[name] for name in sorted(run.settings.targets) if KINDS[name].writes):
        mark = getattr(pytest.mark, kind.marker)
        names = import_module(kind.writes).NAMES
        found += [pytest.param((kind.name, name), marks=mark, id=name) for name in names]
    if found:
        metafunc.parametrize(WRITTEN, found, indirect=True)


def grouped(names: Sequence[str], most: int = MOST_GROUPS) -> dict[str, slice]:
    """Neighbours put together so that there are not too many groups; a group of several says where it ends."""
    if len(names) <= most:
        return {name: slice(place, place + 1) for place, name in enumerate(names)} or {"none": slice(0, 0)}
    bounds = [place * len(names) // most for place in range(most + 1)]
    return {f"{names[start]}...{names[end - 1]}": slice(start, end) for start, end in pairwise(bounds)}


def product_of(item: pytest.Item, run: Run) -> str | None:
    """What a test judges in this run: `runtime`, `bundle`, the kind of a document; None if it was not given.

    A test of documents that asks for none of the fixtures judges any `document`. What is asked of bundles is proven on
    bundles, and not on those that other products make.
    """
    maker = maker_in(run)
    if maker is not None and borrowed(maker, item):
        return None if run.settings.prove and item.get_closest_marker(KINDS["bundle"].marker) else maker
    fixture = _fixture(getattr(item, "fixturenames", ()), item)
    if fixture is None:
        kinds = sorted(run.settings.targets)
        return next((kind for kind in kinds if item.get_closest_marker(KINDS[kind].marker)), None)
    document = document_of(item, run)
    if document is not None:
        return document.kind
    return "bundle" if fixture == "bundle" and "bundle" in run.settings.targets else None


def maker_in(run: Run) -> str | None:
    """The kind of product in this run whose bundles are judged, None if there is none: at most one may be given."""
    return next((kind for kind in MADE if kind in run.settings.targets), None)


def borrowed(kind: str, node: Node) -> bool:
    """Whether a test that was made for other targets judges targets of this kind as well."""
    return any(node.get_closest_marker(marker) for marker in KINDS[kind].borrows)


def document_of(item: pytest.Item, run: Run) -> DocumentFile | None:
    """The document that a test judges, None if it judges something else."""
    fixture = _fixture(getattr(item, "fixturenames", ()), item)
    params = getattr(getattr(item, "callspec", None), "params", {})
    place = params.get(fixture, THE_BUNDLE) if fixture else THE_BUNDLE
    return None if place < 0 else run.given.documents[place]


def can_show(product: str, clause: Clause, run: Run) -> bool:
    """Whether this product can show that the clause is kept or broken: of documents only what stands in them."""
    kinds = run.given.document_kinds if product == "document" else {product} & set(DOCUMENTS)
    return (product in KINDS and product != "document") or bool(kinds & selection.documents_of(clause))


def _fixture(names: Collection[str], node: Node) -> str | None:
    """The fixture by which a test of bundles or documents gets what it judges."""
    if not any(node.get_closest_marker(marker) for marker in ("bundle", "document")):
        return None
    return next((fixture for fixture in FIXTURES if fixture in names), None)
