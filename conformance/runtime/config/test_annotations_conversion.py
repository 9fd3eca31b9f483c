"""Annotations that hold properties of an image (config.md, Annotations): only as the image conversion makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.conversion import configs
from pytest_oci.fixtures.conversion.convert import annotations_of

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion

CLAUSES = {"os.version": "os-version", "os.features": "os-features", "stopSignal": "stop-signal"}
"""The last words of clauses that are not called as the annotation is."""
OF_HOSTS = ("os", "architecture")
"""Properties that every image has."""


def by_clause(names: tuple[str, ...]) -> list[Any]:
    """Each property with its clause."""
    return [
        pytest.param(name, marks=clause(f"config.annotations.use.{CLAUSES.get(name, name)}"), id=name) for name in names
    ]


@pytest.mark.parametrize("name", by_clause(configs.ALL_KEYS))
def test_annotation_holds_the_images_property(convert: Convert, name: str) -> None:
    """It is there with the value of the image, not with one of the host's."""
    foreign = name == "architecture"
    annotations = annotations_of(convert.config(configs.OF_ELSEWHERE if foreign else configs.WITH_PROPERTY[name]))
    key, wanted = f"{configs.PREFIX}{name}", configs.FOREIGN if foreign else configs.PROPERTIES[name]
    expect(annotations.get(key), key).equals(wanted)


@pytest.mark.parametrize("name", by_clause(configs.ALL_KEYS))
def test_label_of_that_name_wins(convert: Convert, name: str) -> None:
    """What a label says is not overridden by the property."""
    key = f"{configs.PREFIX}{name}"
    expect(annotations_of(convert.config(configs.LABELLED[name])).get(key), key).equals(
        configs.LABELS_OF_PROPERTIES[key]
    )


@pytest.mark.parametrize("name", by_clause(tuple(name for name in configs.ALL_KEYS if name not in OF_HOSTS)))
def test_absent_property_is_not_invented(convert: Convert, name: str) -> None:
    """An image that does not have the property gives no such annotation."""
    key = f"{configs.PREFIX}{name}"
    expect(annotations_of(convert.config(configs.BARE)).get(key), key).equals(None)
