"""Annotations that hold properties of an image (config.md, Annotations): only as the image conversion makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.image.one_image import Image

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion import Convert

pytestmark = pytest.mark.conversion

PREFIX = "org.opencontainers.image."


@dataclass(frozen=True)
class Property:
    """A property of an image: the clause's last word, its annotation, a value, and that in JSON.

    No host has these values, but for `os`: converters may refuse images of a system that they cannot unpack.
    """

    name: str
    annotation: str
    value: str
    member: dict[str, Any]

    @property
    def key(self) -> str:
        """The whole name of the annotation."""
        return f"{PREFIX}{self.annotation}"


PROPERTIES = (
    Property("os", "os", "linux", {"os": "linux"}),
    Property("architecture", "architecture", "mips64le", {"architecture": "mips64le"}),
    Property("variant", "variant", "v5", {"variant": "v5"}),
    Property("os-version", "os.version", "10.0.14393.1066", {"os.version": "10.0.14393.1066"}),
    Property("os-features", "os.features", "win32k", {"os.features": ["win32k"]}),
    Property("author", "author", "A. Author <a@example.org>", {"author": "A. Author <a@example.org>"}),
    Property("created", "created", "2015-10-31T22:22:56Z", {"created": "2015-10-31T22:22:56Z"}),
    Property("stop-signal", "stopSignal", "SIGUSR2", {"config": {"StopSignal": "SIGUSR2"}}),
)
OPTIONAL = PROPERTIES[2:]

BARE = Image({"os": "linux", "architecture": "amd64", "config": {"Cmd": ["/bin/true"]}})
COMPLETE = Image({name: value for property_ in PROPERTIES for name, value in property_.member.items()})
LABELS = {property_.key: f"label of {property_.name}" for property_ in PROPERTIES}
LABELLED = COMPLETE.having(config={"StopSignal": "SIGUSR2", "Labels": LABELS})


def by_clause(properties: tuple[Property, ...]) -> list[Any]:
    """Each property with its clause."""
    return [
        pytest.param(each, marks=clause(f"config.annotations.use.{each.name}"), id=each.name) for each in properties
    ]


@pytest.mark.parametrize("property_", by_clause(PROPERTIES))
def test_annotation_holds_the_images_property(convert: Convert, property_: Property) -> None:
    """It is there with the value of the image, not with one of the host's."""
    annotations = convert(COMPLETE).get("annotations") or {}
    expect(annotations.get(property_.key), property_.key).equals(property_.value)


@pytest.mark.parametrize("property_", by_clause(PROPERTIES))
def test_label_of_that_name_wins(convert: Convert, property_: Property) -> None:
    """What a label says is not overridden by the property."""
    annotations = convert(LABELLED).get("annotations") or {}
    expect(annotations.get(property_.key), property_.key).equals(LABELS[property_.key])


@pytest.mark.parametrize("property_", by_clause(OPTIONAL))
def test_absent_property_is_not_invented(convert: Convert, property_: Property) -> None:
    """An image that does not have the property gives no such annotation."""
    annotations = convert(BARE).get("annotations") or {}
    expect(annotations.get(property_.key), property_.key).equals(None)
